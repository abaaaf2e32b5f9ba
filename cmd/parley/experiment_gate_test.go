//go:build experiment

// The experiments behind the figures of SECURITY.md: go test -tags experiment -run TestExperiment -v ./cmd/parley
//
// Each runs the program as a process of its own, with no source exempt but where it says so, and attacks it from other
// loopback addresses. Who measures sits on the same machine as attackers and server, so the figures are worse than
// those of a server that has its machine to itself.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// memory returns a figure of the process in KiB, such as VmRSS.
func (p *process) memory(what string) int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + what + `:\s*(\d+) kB$`).FindSubmatch(status)
	if m == nil {
		p.t.Fatalf("no %s in\n%s", what, status)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// kept says what the program's memory is made of, as package runtime counts it. PARLEY_PROFILES names a folder for
// profiles of it.
func (p *process) kept() string {
	p.t.Helper()
	profiles := "http://" + p.monitorAddress() + "/debug/pprof/"
	if dir := os.Getenv("PARLEY_PROFILES"); dir != "" {
		for _, name := range []string{"heap", "goroutine"} {
			_ = os.WriteFile(filepath.Join(dir, name), []byte(fetch(p.t, profiles+name)), 0o600)
		}
	}
	text := fetch(p.t, profiles+"heap?debug=1")
	figure := func(name string) float64 {
		m := regexp.MustCompile(`(?m)^# ` + name + ` = (\d+)`).FindStringSubmatch(text)
		if m == nil {
			p.t.Fatalf("no %s in the profile", name)
		}
		n, _ := strconv.ParseFloat(m[1], 64)
		return n / (1 << 20)
	}
	return fmt.Sprintf("%.1f MiB of heap, %.1f allocated, collected at %.1f; %.1f of stacks", figure("HeapInuse"),
		figure("HeapAlloc"), figure("NextGC"), figure("Stack"))
}

// times are how long something took each time.
type times []time.Duration

func (d times) at(percent float64) time.Duration {
	slices.Sort(d)
	return d[min(len(d)-1, int(float64(len(d))*percent/100))]
}

func (d times) String() string {
	round := func(percent float64) time.Duration { return d.at(percent).Round(10 * time.Microsecond) }
	return fmt.Sprintf("%d times, median %v, p99 %v, longest %v", len(d), round(50), round(99), round(100))
}

// newcomerEvery is how often a newcomer comes while others say nothing: 100 of them take half a minute.
const newcomerEvery = 300 * time.Millisecond

// TestExperimentSilent: one source opens 5,000 connections, says nothing on any of them, and opens 500 new ones a
// second.
func TestExperimentSilent(t *testing.T) {
	const attacker, newcomer, user = "127.0.0.9", "127.0.0.10", "127.0.0.11"
	const connections, perSecond = 5000, 500
	p := startProcess(t, t.TempDir(), "--limits-exempt", "none")
	alice := scriptFrom(t, user, p.address)
	alice.send("guest", "register alice s3cret", "login alice", "s3cret")
	alice.expect("<alice:0> ")
	time.Sleep(2 * time.Second)
	before := p.memory("VmRSS")

	ctx, cancel := context.WithCancel(t.Context())
	var attack sync.WaitGroup
	var mu sync.Mutex // guards held
	var held []net.Conn
	var opened, failed atomic.Int64
	open := func() {
		conn, err := dialFrom(attacker, p.address)
		if err != nil {
			failed.Add(1)
			return
		}
		opened.Add(1)
		mu.Lock()
		defer mu.Unlock()
		if held = append(held, conn); len(held) > connections { // the attacker's own descriptors have an end
			held[0].Close()
			held = held[1:]
		}
	}
	start := time.Now()
	for range 20 {
		attack.Go(func() {
			for range connections / 20 {
				open()
			}
		})
	}
	attack.Wait()
	t.Logf("%d connections opened in %v", opened.Load(), time.Since(start).Round(time.Millisecond))
	attack.Go(func() {
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			<-tick.C
			open()
		}
	})

	var who, prompt times
	attack.Go(func() {
		for ctx.Err() == nil {
			start := time.Now()
			alice.send("who")
			if alice.until("online:") != nil {
				t.Error("alice hears nothing")
				return
			}
			who = append(who, time.Since(start))
			time.Sleep(20 * time.Millisecond)
		}
	})
	late := 0
	next := time.NewTicker(newcomerEvery)
	defer next.Stop()
	for range 100 {
		<-next.C
		start := time.Now()
		s := scriptFrom(t, newcomer, p.address)
		if err := s.until("Enter your username: "); err != nil {
			t.Error(err)
			late++
			continue
		}
		took := time.Since(start)
		if prompt = append(prompt, took); took > time.Second {
			late++
		}
		s.send("guest", "quit")
		s.expect("See you next time.")
		s.conn.Close()
	}
	cancel()
	attack.Wait()
	peak := p.memory("VmHWM")
	t.Logf("attacker: %d connections opened, %d failed; log:\n%s", opened.Load(), failed.Load(), p.log)
	t.Logf("who: %v", who)
	t.Logf("prompt of newcomers: %v; later than 1 s: %d", prompt, late)
	t.Logf("memory: %.1f MiB before, at most %.1f MiB, %.1f MiB now", float64(before)/1024, float64(peak)/1024,
		float64(p.memory("VmRSS"))/1024)
	if who.at(99) > 50*time.Millisecond || late > 1 || peak-before > 100<<10 {
		t.Error("the promise does not hold")
	}
	for _, conn := range held {
		conn.Close()
	}
}

// inOneRoom brings alice and bob into room 0, and returns what has alice speak there until ctx is done. That returns
// how long each line took to bob.
func inOneRoom(alice, bob *script) (talk func(ctx context.Context) times) {
	alice.send("start talk")
	bob.expect("created room 0")
	bob.send("join 0")
	bob.expect("You joined Room 0.")
	return func(ctx context.Context) (said times) {
		for n := 0; ctx.Err() == nil; n++ {
			start := time.Now()
			alice.send(fmt.Sprintf("say 0 number %d.", n))
			bob.expect(fmt.Sprintf("number %d.", n))
			said = append(said, time.Since(start))
			time.Sleep(5 * time.Millisecond)
		}
		return said
	}
}

// TestExperimentLogins: 500 people log in at once while two others talk.
func TestExperimentLogins(t *testing.T) {
	const people, accounts = 500, 100 // whose seats are taken over five times in a minute, and no more
	p := startProcess(t, t.TempDir()) // loopback is exempt: it is the hashing that is measured
	clerk := dialScript(t, p.address)
	clerk.send("guest")
	clerk.expect("<guest:0> ")
	for _, name := range append([]string{"alice", "bob"}, names(accounts)...) {
		clerk.send("register " + name + " s3cret")
		clerk.expect("User " + name + " registered")
	}
	alice, bob := dialScript(t, p.address), dialScript(t, p.address)
	for name, s := range map[string]*script{"alice": alice, "bob": bob} {
		s.send(name, "s3cret")
		s.expect("<" + name + ":0> ")
	}
	talk := inOneRoom(alice, bob)
	quiet, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	t.Logf("say, before: %v", talk(quiet))

	ctx, cancel := context.WithCancel(t.Context())
	var said times
	var talking, logins sync.WaitGroup
	talking.Go(func() { said = talk(ctx) })
	var in, busy atomic.Int64
	all := names(accounts)
	var scripts []*script
	for range people {
		s := dialScript(t, p.address)
		s.expect("AUTHORIZED")
		scripts = append(scripts, s)
	}
	start := time.Now()
	for i, s := range scripts {
		logins.Go(func() {
			s.send(all[i%accounts], "s3cret", "")
			_ = s.conn.SetReadDeadline(time.Now().Add(2*time.Minute + patience)) // who waits for longer is refused
			for answer := ""; ; {
				b, err := s.r.ReadByte()
				if err != nil {
					t.Errorf("neither in nor told why: %q", answer)
					return
				}
				answer += string(b)
				switch {
				case strings.HasSuffix(answer, "Last login"):
					in.Add(1)
					return
				case strings.HasSuffix(answer, "busy"):
					busy.Add(1)
					return
				}
			}
		})
	}
	logins.Wait()
	took := time.Since(start)
	cancel()
	talking.Wait()
	t.Logf("logins: %d in, %d told to try again, in %v", in.Load(), busy.Load(), took.Round(time.Millisecond))
	t.Logf("say, meanwhile: %v", said)
	t.Logf("memory: at most %.1f MiB", float64(p.memory("VmHWM"))/1024)
	if said.at(99) > 100*time.Millisecond {
		t.Error("the promise does not hold")
	}
}

// names returns names of which none looks like another.
func names(count int) []string {
	const letters = "abcdefghjkmnpqstuvwxyz"
	var all []string
	for i := range count {
		all = append(all, fmt.Sprintf("user%c%c", letters[i/len(letters)], letters[i%len(letters)]))
	}
	return all
}

// TestExperimentGuesses: 50 addresses make 10,000 tries at one account's password, as fast as they are let.
func TestExperimentGuesses(t *testing.T) {
	const sources, tries = 50, 10_000
	const metrics = "127.0.0.1:19107"
	p := startProcess(t, t.TempDir(), "--limits-exempt", "none", "--admin-listen", metrics)
	const home = "127.0.0.8"
	owner := scriptFrom(t, home, p.address)
	owner.send("guest", "register alice s3cret", "login alice", "s3cret", "quit")
	owner.expect("See you next time.")

	var made, refused, guessed atomic.Int64
	var attack sync.WaitGroup
	start := time.Now()
	for i := range sources {
		attack.Go(func() {
			source := fmt.Sprintf("127.0.1.%d", i+1)
			for made.Load() < tries {
				conn, err := dialFrom(source, p.address)
				if err != nil {
					t.Error(err)
					return
				}
				_ = conn.SetDeadline(time.Now().Add(patience))
				_, _ = conn.Write([]byte(strings.Repeat("alice\nguess\n", 3)))
				answer, _ := io.ReadAll(conn)
				conn.Close()
				if n := int64(bytes.Count(answer, []byte("Login error"))); n > 0 {
					guessed.Add(n)
					made.Add(n)
				} else {
					refused.Add(1)
					made.Add(1)
				}
			}
		})
	}
	var logins times
	ended := make(chan struct{})
	go func() { attack.Wait(); close(ended) }()
	for done := false; !done; {
		start := time.Now()
		s := scriptFrom(t, home, p.address)
		s.send("alice", "s3cret")
		if err := s.until("<alice:0> "); err != nil {
			t.Errorf("the owner is not let in: %v", err)
		}
		logins = append(logins, time.Since(start))
		s.send("quit")
		s.expect("See you next time.")
		s.conn.Close()
		select {
		case <-ended:
			done = true
		case <-time.After(200 * time.Millisecond):
		}
	}
	figures := fetch(t, "http://"+metrics+"/metrics")
	for line := range strings.Lines(figures) {
		if strings.HasPrefix(line, "parley_logins_total") || strings.Contains(line, "refused") &&
			!strings.HasPrefix(line, "#") {
			t.Log(strings.TrimSpace(line))
		}
	}
	m := regexp.MustCompile(`parley_logins_total\{result="wrong"\} (\d+)`).FindStringSubmatch(figures)
	if m == nil {
		t.Fatalf("no figure of wrong passwords in\n%s", figures)
	}
	hashed, _ := strconv.Atoi(m[1])
	t.Logf("%d tries in %v: %d connections refused, %d passwords given, %d of them reached the hash", made.Load(),
		time.Since(start).Round(time.Millisecond), refused.Load(), guessed.Load(), hashed)
	t.Logf("the owner logs in meanwhile: %v", logins)
	if hashed > 20 {
		t.Error("the promise does not hold")
	}
}
