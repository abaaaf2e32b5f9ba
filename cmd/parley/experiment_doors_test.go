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

// A doorCost is what a guest takes who comes by a door.
type doorCost struct {
	login  float64 // ms of the processor's time, the handshake included
	second float64 // logins in a second, one after the other
	rest   float64 // KiB
	heard  float64 // µs of the processor's time for a line that is heard
}

// TestExperimentDoors measures what a guest costs by each door: the login, rest, and a line that is heard. PARLEY_CROWD
// says how many come, 1,000 if nothing does; of numbers with commas between them one after the other is taken. At the
// end it has the tables of docs/speed.md.
func TestExperimentDoors(t *testing.T) {
	var tables strings.Builder
	for crowd := range strings.SplitSeq(cmp.Or(os.Getenv("PARLEY_CROWD"), "1000"), ",") {
		guests, err := strconv.Atoi(crowd)
		if err != nil {
			t.Fatal(err)
		}
		cost := make(map[string]doorCost)
		for _, door := range []string{telnetDoor, tlsDoor, webDoor, sshDoor} {
			t.Run(crowd+"/"+door, func(t *testing.T) { cost[door] = crowdAt(t, door, guests) })
		}
		fmt.Fprintf(&tables, "\n\n| %d guests | plain | TLS | WebSocket | SSH |\n|---|---|---|---|---|\n", guests)
		row := func(what, format string, figure func(doorCost) float64) {
			fmt.Fprintf(&tables, "| %s |", what)
			for _, door := range []string{telnetDoor, tlsDoor, webDoor, sshDoor} {
				fmt.Fprintf(&tables, " "+format+" |", figure(cost[door]))
			}
			tables.WriteString("\n")
		}
		row("memory per session at rest", "%.1f KiB", func(c doorCost) float64 { return c.rest })
		row("processor time for a login as a guest, the handshake included", "%.2f ms",
			func(c doorCost) float64 { return c.login })
		row("logins a second, one after the other, clients on the same processors", "%.0f",
			func(c doorCost) float64 { return c.second })
		row("processor time for a shout, per listener", "%.1f µs", func(c doorCost) float64 { return c.heard })
		row("the same, beside plain telnet", "%.2f",
			func(c doorCost) float64 { return c.heard / cost[telnetDoor].heard })
	}
	t.Log(tables.String())
}

// crowdAt has so many guests come by a door, rest, and hear shouts.
func crowdAt(t *testing.T, door string, guests int) (cost doorCost) {
	shouts := max(5, 50_000/guests)
	p, at := doorsFor(t, "127.0.0.0/8")
	other := bob(t, p.address)
	time.Sleep(6 * time.Second) // the memory for his password is given back
	memory, used, began := p.memory("VmRSS"), p.ticks(), time.Now()
	var heard marks
	var reading sync.WaitGroup
	for range guests {
		client := arrive(t, door, at[door])
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
	cost.second = float64(guests) / time.Since(began).Seconds()
	cost.login = float64(p.ticks()-used) * 10 / float64(guests)
	time.Sleep(6 * time.Second)
	cost.rest = float64(p.memory("VmRSS")-memory) / float64(guests)
	t.Logf("all together %s", p.kept())
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
	cost.heard = float64(p.ticks()-used) * 10_000 / float64(guests*shouts)
	p.kill()
	reading.Wait()
	return cost
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
