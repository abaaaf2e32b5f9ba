//go:build experiment

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// doorsFor starts a server for which all but home are strangers, and returns where each door is.
func doorsFor(t *testing.T, home string) (*process, map[string]string) {
	p := startProcess(t, t.TempDir(), "--limits-exempt", home, "--tls-listen", "127.0.0.1:0", "--ssh-listen",
		"127.0.0.1:0", "--web-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--admin-pprof")
	p.logged(0, "door=ssh")
	p.logged(0, "door=web")
	log := p.log.String()
	return p, map[string]string{telnetDoor: p.address, tlsDoor: tlsLine.FindStringSubmatch(log)[1],
		sshDoor: sshLine.FindStringSubmatch(log)[1], webDoor: webLine.FindStringSubmatch(log)[1]}
}

// TestExperimentHandshakes: 1,000 peers at the door for TLS and as many at that for SSH, four of a source, have the
// server compute its part of the handshake, and say nothing more. Who is sent away comes again a second later. Two
// users talk. Those who attack sit on the same processors, so the same is measured while they attack a lean server
// beside this one, which does nothing but shake hands.
func TestExperimentHandshakes(t *testing.T) {
	const home = "127.0.0.8"
	p, at := doorsFor(t, home)
	talk := talkFrom(t, home, p.address)
	halves := map[string]string{tlsDoor: hex.EncodeToString(firstHalf(t, home, tlsDoor, at[tlsDoor])),
		sshDoor: hex.EncodeToString(firstHalf(t, home, sshDoor, at[sshDoor]))}
	attack := func(name, tlsAt, sshAt string) times {
		return attacked(t, p, talk, name, 20*time.Second, "halves", tlsAt, halves[tlsDoor], sshAt, halves[sshDoor])
	}
	besideLean(t, talk, 10*time.Second,
		func(lean []string) times { return attack("the lean server attacked", lean[0], lean[1]) },
		func() times { return attack("this one attacked", at[tlsDoor], at[sshDoor]) })
}

// talkFrom registers two users, who come from home to the server at address, and returns what has them talk.
func talkFrom(t *testing.T, home, address string) (talk func(context.Context) times) {
	t.Helper()
	alice, bob := scriptFrom(t, home, address), scriptFrom(t, home, address)
	alice.send("guest", "register alice s3cret", "register bob s3cret", "login alice", "s3cret")
	alice.expect("<alice:0> ")
	bob.send("bob", "s3cret")
	bob.expect("<bob:0> ")
	return inOneRoom(alice, bob)
}

// attacked has two users talk for so long, while another process makes the attack of that name, as others takes it.
// PARLEY_PROFILES is a folder for a profile of that.
func attacked(t *testing.T, p *process, talk func(context.Context) times, name string, lasts time.Duration,
	attack ...string) (said times) {
	t.Helper()
	memory, used := p.memory("VmRSS"), p.ticks()
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	_, rest := others(t, t.Context(), attack...)
	if dir := os.Getenv("PARLEY_PROFILES"); dir != "" {
		go func() {
			profile := fetch(t, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.monitorAddress(),
				int(lasts.Seconds())/2))
			_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")), []byte(profile), 0o600)
		}()
	}
	said = talk(ctx)
	begun, _ := bufio.NewReader(rest).ReadString('\n')
	t.Logf("%s: say took: %v; attack: %s; %.1f s of CPU here; memory at most %.1f MiB more", name, said,
		strings.TrimSpace(begun), float64(p.ticks()-used)/100, float64(p.memory("VmHWM")-memory)/1024)
	return said
}

// besideLean has two users talk by themselves for so long, then while a lean server beside this one is attacked, which
// listens where it is told, and then while this one is.
func besideLean(t *testing.T, talk func(context.Context) times, alone time.Duration, lean func(where []string) times,
	here func() times) {
	t.Helper()
	quiet, cancel := context.WithTimeout(t.Context(), alone)
	defer cancel()
	before := talk(quiet)
	t.Logf("nothing else: say took: %v", before)
	running, stop := context.WithCancel(t.Context())
	defer stop()
	where, _ := others(t, running, "lean")
	beside := lean(where)
	stop()
	during := here()
	t.Logf("p99: %.2f of that beside the lean server, %.2f of that before",
		float64(during.at(99))/float64(beside.at(99)), float64(during.at(99))/float64(before.at(99)))
	if during.at(99) > 100*time.Millisecond {
		t.Error("the promise does not hold")
	}
}

// halfHandshake begins a handshake with what another has begun it with, and waits until it is sent away, or ctx is
// done.
func halfHandshake(ctx context.Context, source, address string, begins []byte, opened *atomic.Int64) {
	nc, err := dialFrom(source, address)
	if err != nil {
		return
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	opened.Add(1)
	if _, err = nc.Write(begins); err == nil {
		_, _ = io.Copy(io.Discard, nc)
	}
}

// firstHalf returns what a client says until the server has computed its part of the keys.
func firstHalf(t *testing.T, source, door, address string) []byte {
	nc, err := dialFrom(source, address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	half := &halfConn{Conn: nc}
	switch door {
	case tlsDoor:
		half.writes = 1
		_ = tls.Client(half, &tls.Config{InsecureSkipVerify: true}).Handshake()
	case sshDoor: // the version, what it offers, its part of the keys
		half.writes = 3
		_, _, _, _ = gossh.NewClientConn(half, address,
			&gossh.ClientConfig{User: "guest", HostKeyCallback: gossh.InsecureIgnoreHostKey()})
	}
	return half.said
}

// A halfConn writes so many times and no more, and keeps what.
type halfConn struct {
	net.Conn
	writes int
	said   []byte
}

func (c *halfConn) Write(p []byte) (int, error) {
	if c.writes--; c.writes < 0 {
		return 0, errors.New("half a handshake is enough")
	}
	c.said = append(c.said, p...)
	return c.Conn.Write(p)
}

// TestExperimentFlooders: 1,000 guests by SSH send commands, as fast as they are let.
func TestExperimentFlooders(t *testing.T) {
	const home, flooders, each = "127.0.0.8", 1000, 4
	p, at := doorsFor(t, home)
	other := scriptFrom(t, home, p.address)
	other.send("guest")
	other.expect("<guest:0> ")
	var clients []*gossh.Client
	var inputs []io.Writer
	for i := range flooders {
		client, in := floodedBySSH(t, fmt.Sprintf("127.1.0.%d", i/each+1), at[sshDoor])
		clients, inputs = append(clients, client), append(inputs, in)
	}
	time.Sleep(5 * time.Second)
	memory := p.memory("VmRSS")
	t.Logf("before: %s", p.kept())
	var flood sync.WaitGroup
	var sent, ended atomic.Int64
	lines := []byte(strings.Repeat("this is no command\n", 50))
	for _, in := range inputs {
		flood.Go(func() {
			for {
				n, err := in.Write(lines)
				if sent.Add(int64(n)); err != nil {
					ended.Add(1)
					return
				}
			}
		})
	}
	most, used := memory, p.ticks()
	for i := range 150 {
		time.Sleep(100 * time.Millisecond)
		if most = max(most, p.memory("VmRSS")); i == 100 {
			t.Logf("after 10 s: %s", p.kept())
		}
	}
	t.Logf("%d guests have sent %.1f MiB in 15 s, and %d of them were ended", flooders, float64(sent.Load())/(1<<20),
		ended.Load())
	t.Logf("memory: %.1f MiB before, at most %.1f MiB more; %.1f s of CPU here", float64(memory)/1024,
		float64(most-memory)/1024, float64(p.ticks()-used)/100)
	for _, client := range clients {
		client.Close()
	}
	flood.Wait()
	if most-memory > 64<<10 {
		t.Error("the promise does not hold")
	}
}

// floodedBySSH comes as a guest, reads all that it is sent, and returns where it can write.
func floodedBySSH(t *testing.T, source, address string) (*gossh.Client, io.Writer) {
	t.Helper()
	nc, err := dialFrom(source, address)
	if err != nil {
		t.Fatal(err)
	}
	// As if it were another machine: what its system keeps does not take what the server's has for all connections.
	_ = nc.(*net.TCPConn).SetWriteBuffer(64 << 10)
	conn, channels, requests, err := gossh.NewClientConn(nc, address, &gossh.ClientConfig{User: "guest",
		HostKeyCallback: gossh.InsecureIgnoreHostKey()})
	if err != nil {
		t.Fatal(err)
	}
	client := gossh.NewClient(conn, channels, requests)
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	session.Stdout = io.Discard
	in, err := session.StdinPipe()
	if err == nil {
		err = session.Shell()
	}
	if err != nil {
		t.Fatal(err)
	}
	return client, in
}
