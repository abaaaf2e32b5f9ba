//go:build experiment

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// A flood is how those attack who come to a door: each, until it is sent away or has nothing more to do.
type flood struct {
	name  string
	door  string // of this server
	lean  string // of the lean one, where the same can be done
	peers int    // four of a source
	each  func(t *testing.T, ctx context.Context, source, address string)
}

var floods = []flood{
	{"commands-telnet", telnetDoor, telnetDoor, 16, types("who\n")},
	{"empty-lines-telnet", telnetDoor, telnetDoor, 16, types("\n")},
	{"interrupts-telnet", telnetDoor, telnetDoor, 16, types("\xff\xf4")},
	{"keys-telnet", telnetDoor, telnetDoor, 16, types("\xff\xfd\x03\xff\xfb\x18x\x7f\x1b[D\x01\x03")},
	{"text-telnet", telnetDoor, telnetDoor, 16, types("no end of a line ")},
	{"nothing-telnet", telnetDoor, telnetDoor, 16, types("\xff\xf1")},
	{"half-handshakes-tls", tlsDoor, tlsDoor, 1000, halves(tlsDoor)},
	{"half-handshakes-web", webDoor, tlsDoor, 1000, halves(tlsDoor)},
	{"half-requests-web", webDoor, webDoor, 1000, says("GET / HTTP/1.1\r\nHost: localhost\r\nAccept")},
	{"stolen-host-web", webDoor, webDoor, 16, asks("evil.example")},
	{"pings-web", webDoor, webDoor, 16, frames("\x89\x80\x00\x00\x00\x00")},
	{"fragments-web", webDoor, webDoor, 16, frames("\x02\x81\x00\x00\x00\x00\x00" +
		strings.Repeat("\x00\x81\x00\x00\x00\x00\x00", 1000) + "\x80\x80\x00\x00\x00\x00")},
	{"empty-messages-web", webDoor, webDoor, 16, frames("\x82\x80\x00\x00\x00\x00")},
	{"window-sizes-tls", tlsDoor, tlsDoor, 16, sizes},
	{"renegotiation-tls", tlsDoor, tlsDoor, 16, asksForKeys("-tls1_2", "R\n")},
	{"new-keys-tls", tlsDoor, tlsDoor, 16, asksForKeys("-tls1_3", "K\n")},
	{"window-changes-ssh", sshDoor, sshDoor, 16, requests("window-change", gossh.Marshal(
		&struct{ Columns, Rows, Width, Height uint32 }{80, 24, 0, 0}))},
	{"environment-ssh", sshDoor, sshDoor, 16, requests("env", gossh.Marshal(
		&struct{ Name, Value string }{"LANG", strings.Repeat("x", 64<<10)}))},
}

// TestExperimentFloods has two users talk while others flood a door, and, for comparison, while they do the same to a
// lean server beside this one.
func TestExperimentFloods(t *testing.T) {
	const home = "127.0.0.8"
	for _, f := range floods {
		t.Run(f.name, func(t *testing.T) {
			p, at := doorsFor(t, home)
			talk := talkFrom(t, home, p.address)
			time.Sleep(6 * time.Second) // the memory for the passwords is given back
			attack := func(name, address string) times {
				return attacked(t, p, talk, name, floodTime, "flood", f.name, address)
			}
			besideLean(t, talk, floodTime/2, func(lean []string) times {
				at := map[string]string{tlsDoor: lean[0], sshDoor: lean[1], webDoor: lean[2], telnetDoor: lean[3]}
				return attack("the lean server attacked", at[f.lean])
			}, func() times { return attack("this one attacked", at[f.door]) })
		})
	}
}

// floodTime is how long each attack takes.
const floodTime = 6 * time.Second

// pour has the peers of a flood come to an address. It prints that they begin, and how often they have come.
func pour(t *testing.T, name, address string) {
	ctx, cancel := context.WithTimeout(t.Context(), floodTime)
	defer cancel()
	for _, f := range floods {
		if f.name != name {
			continue
		}
		var attack sync.WaitGroup
		var came atomic.Int64
		for i := range f.peers {
			attack.Go(func() {
				for ctx.Err() == nil {
					came.Add(1)
					f.each(t, ctx, fmt.Sprintf("127.1.%d.%d", i/1000, i/4+1), address)
					select {
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
				}
			})
		}
		fmt.Println("begins")
		attack.Wait()
		fmt.Printf("%d peers came %d times, and sent %.1f MiB\n", f.peers, came.Load(), float64(poured.Load())/(1<<20))
	}
}

// poured is how many bytes a flood had.
var poured atomic.Int64

// repeat writes p again and again, and reads what comes, until that fails or ctx is done.
func repeat(ctx context.Context, nc net.Conn, p []byte) {
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(io.Discard, nc) })
	for {
		n, err := nc.Write(p)
		if poured.Add(int64(n)); err != nil {
			break
		}
	}
	nc.Close()
	reading.Wait()
}

// halves begins handshakes, with what one client has begun one with.
func halves(door string) func(t *testing.T, ctx context.Context, source, address string) {
	var record sync.Once
	var begins []byte
	return func(t *testing.T, ctx context.Context, source, address string) {
		record.Do(func() { begins = firstHalf(t, "127.2.0.1", door, address) })
		halfHandshake(ctx, source, address, begins, new(atomic.Int64))
	}
}

// says says something, and waits.
func says(text string) func(t *testing.T, ctx context.Context, source, address string) {
	return func(_ *testing.T, ctx context.Context, source, address string) {
		halfHandshake(ctx, source, address, []byte(text), new(atomic.Int64))
	}
}

// asks asks for pages by the name of another host, again and again.
func asks(host string) func(t *testing.T, ctx context.Context, source, address string) {
	request := []byte("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
	return func(_ *testing.T, ctx context.Context, source, address string) {
		nc, err := dialFrom(source, address)
		if err != nil {
			return
		}
		defer nc.Close()
		defer context.AfterFunc(ctx, func() { nc.Close() })()
		for r := bufio.NewReader(nc); ; {
			if _, err := nc.Write(request); err != nil {
				return
			}
			poured.Add(int64(len(request)))
			answer, err := http.ReadResponse(r, nil)
			if err != nil {
				return
			}
			if answer.StatusCode != http.StatusMisdirectedRequest {
				panic(answer.Status)
			}
			if _, err = io.Copy(io.Discard, answer.Body); err != nil {
				return
			}
		}
	}
}

// frames comes by a WebSocket as a guest, and sends frames again and again.
func frames(some string) func(t *testing.T, ctx context.Context, source, address string) {
	all := bytes.Repeat([]byte(some), max(1, 16<<10/len(some)))
	return func(_ *testing.T, ctx context.Context, source, address string) {
		nc, err := dialFrom(source, address)
		if err != nil {
			return
		}
		defer nc.Close()
		if _, err := io.WriteString(dialSocket(nc), "guest\n"); err == nil {
			repeat(ctx, nc, all)
		}
	}
}

// sizes comes by TLS as a guest whose window has another size all the time (RFC 1073).
func sizes(_ *testing.T, ctx context.Context, source, address string) {
	nc, err := dialFrom(source, address)
	if err != nil {
		return
	}
	defer nc.Close()
	conn := tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	const wide, narrow = "\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0", "\xff\xfa\x1f\x00\x28\x00\x18\xff\xf0"
	if _, err := io.WriteString(conn, "guest\n\xff\xfb\x1f"); err == nil {
		repeat(ctx, conn, bytes.Repeat([]byte(wide+narrow), 900))
	}
}

// types comes by telnet as a guest, and types the same again and again.
func types(text string) func(t *testing.T, ctx context.Context, source, address string) {
	return func(_ *testing.T, ctx context.Context, source, address string) {
		nc, err := dialFrom(source, address)
		if err != nil {
			return
		}
		defer nc.Close()
		if _, err := io.WriteString(nc, "guest\n"); err == nil {
			repeat(ctx, nc, bytes.Repeat([]byte(text), max(1, 16<<10/len(text))))
		}
	}
}

// asksForKeys has openssl ask for new keys again and again.
func asksForKeys(version, command string) func(t *testing.T, ctx context.Context, source, address string) {
	return func(_ *testing.T, ctx context.Context, source, address string) {
		cmd := exec.CommandContext(ctx, "openssl", "s_client", version, "-connect", address, "-bind", source+":0")
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			panic(err)
		}
		for err == nil {
			var n int
			n, err = io.WriteString(in, command)
			poured.Add(int64(n))
		}
		_ = cmd.Wait()
	}
}

// requests comes by SSH as a guest, and asks for the same again and again.
func requests(name string, payload []byte) func(t *testing.T, ctx context.Context, source, address string) {
	return func(_ *testing.T, ctx context.Context, source, address string) {
		nc, err := dialFrom(source, address)
		if err != nil {
			return
		}
		defer nc.Close()
		defer context.AfterFunc(ctx, func() { nc.Close() })()
		conn, channels, others, err := gossh.NewClientConn(nc, address, &gossh.ClientConfig{User: "guest",
			HostKeyCallback: gossh.InsecureIgnoreHostKey()})
		if err != nil {
			return
		}
		session, err := gossh.NewClient(conn, channels, others).NewSession()
		if err != nil {
			return
		}
		session.Stdout = io.Discard
		if _, err := session.StdinPipe(); err != nil { // without one the input ends, and with it the visit
			return
		}
		if name == "window-change" {
			_ = session.RequestPty("xterm", 24, 80, nil)
		}
		if name != "env" { // which comes before the shell
			_ = session.Shell()
		}
		for err == nil {
			_, err = session.SendRequest(name, false, payload)
			poured.Add(int64(len(payload)))
		}
	}
}
