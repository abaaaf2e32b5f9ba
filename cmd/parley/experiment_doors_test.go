//go:build experiment

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// ticks returns the processor's time that a process has used, in hundredths of a second.
func (p *process) ticks() int {
	p.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user + system
}

// A marks counts what is shouted, in what it is written.
type marks struct{ seen atomic.Int64 }

func (m *marks) Write(p []byte) (int, error) {
	m.seen.Add(int64(bytes.Count(p, []byte("#"))))
	return len(p), nil
}

// TestExperimentDoors measures what a guest costs by each door: the login, rest, and a line that is heard.
// PARLEY_CROWD says how many come, 1,000 if nothing does.
func TestExperimentDoors(t *testing.T) {
	guests, err := strconv.Atoi(cmp.Or(os.Getenv("PARLEY_CROWD"), "1000"))
	if err != nil {
		t.Fatal(err)
	}
	shouts := max(5, 50_000/guests)
	for _, door := range []string{telnetDoor, tlsDoor, webDoor, sshDoor} {
		t.Run(door, func(t *testing.T) {
			p := startProcess(t, t.TempDir(), "--tls-listen", "127.0.0.1:0", "--ssh-listen", "127.0.0.1:0",
				"--web-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--admin-pprof")
			p.logged(0, "door=ssh")
			p.logged(0, "door=web")
			log := p.log.String()
			address := map[string]string{telnetDoor: p.address, tlsDoor: tlsLine.FindStringSubmatch(log)[1],
				sshDoor: sshLine.FindStringSubmatch(log)[1], webDoor: webLine.FindStringSubmatch(log)[1]}[door]
			other := bob(t, p.address)
			time.Sleep(6 * time.Second) // the memory for his password is given back
			memory, used, began := p.memory("VmRSS"), p.ticks(), time.Now()
			var heard marks
			var reading sync.WaitGroup
			for range guests {
				client := arrive(t, door, address)
				reading.Go(func() { _, _ = io.Copy(&heard, client) }) // until the server ends
			}
			all := fmt.Sprintf("%d users online", guests+1)
			for got := ""; got != all; {
				time.Sleep(50 * time.Millisecond)
				other.send("who", "status bob")
				var err error
				if got, err = other.untilOne(all, "User: bob"); err != nil {
					t.Fatal(err)
				}
			}
			took := time.Since(began)
			login := float64(p.ticks()-used) * 10 / float64(guests)
			time.Sleep(6 * time.Second)
			t.Logf("%s: login %.2f ms of CPU, %.0f a second; at rest %.1f KiB", door, login,
				float64(guests)/took.Seconds(),
				float64(p.memory("VmRSS")-memory)/float64(guests))
			t.Logf("%s: all together %s", door, p.kept())
			used = p.ticks()
			for i := range shouts {
				other.send(fmt.Sprintf("shout line %d #", i))
				for end := time.Now().Add(patience); heard.seen.Load() < int64(guests*(i+1)); {
					if time.Now().After(end) {
						t.Fatalf("%d of %d were heard", heard.seen.Load(), guests*(i+1))
					}
					time.Sleep(time.Millisecond)
				}
			}
			t.Logf("%s: %.1f µs of CPU for a line that is heard", door,
				float64(p.ticks()-used)*10_000/float64(guests*shouts))
			p.kill()
			reading.Wait()
		})
	}
}

// TestExperimentSessions measures what a session by SSH takes of a server that does nothing but have it.
func TestExperimentSessions(t *testing.T) {
	first, rest := others(t, t.Context(), "sessions")
	memory := bufio.NewScanner(rest)
	memory.Scan()
	before, err := strconv.Atoi(memory.Text())
	if err != nil {
		t.Fatal(err)
	}
	const guests = 1000
	for range guests {
		arrive(t, sshDoor, first[0])
	}
	for there := time.Now(); time.Since(there) < 10*time.Second; {
		memory.Scan()
	}
	after, err := strconv.Atoi(memory.Text())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at rest %.1f KiB", float64(after-before)/guests)
}

// arrive lets a guest come by a door, and returns what the guest reads.
func arrive(t *testing.T, door, address string) io.Reader {
	t.Helper()
	if door == sshDoor {
		client, err := gossh.Dial("tcp", address, &gossh.ClientConfig{User: "guest",
			Config:          gossh.Config{Ciphers: []string{gossh.CipherChaCha20Poly1305}}, // as OpenSSH and Dropbear
			HostKeyCallback: gossh.InsecureIgnoreHostKey()})
		if err != nil {
			t.Fatal(err)
		}
		session, err := client.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = session.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := session.StdoutPipe()
		if err == nil {
			err = session.Shell()
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	switch door {
	case tlsDoor:
		nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	case webDoor: // without TLS, as this machine's browsers may come
		nc = dialSocket(nc)
	}
	if _, err := io.WriteString(nc, "guest\n"); err != nil {
		t.Fatal(err)
	}
	return nc
}
