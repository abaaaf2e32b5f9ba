package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSoak lets hostile, slow, flooding and ordinary clients use one server together, each kind from addresses of its
// own, with all limits in force. It takes 5 s, or PARLEY_SOAK. The ordinary ones are served all the while, and when
// all have gone, the server is as it was before.
func TestSoak(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes 5 s")
	}
	duration := 5 * time.Second
	if d, err := time.ParseDuration(os.Getenv("PARLEY_SOAK")); err == nil {
		duration = d
	}
	server := startProcess(t, t.TempDir(), "--limits-exempt", "none", "--guests", "chat", "--admin-listen",
		"127.0.0.1:0", "--admin-pprof")
	monitor := server.monitorAddress()
	warm := scriptFrom(t, "127.0.9.1", server.address) // what is made once for all is there when the first has left
	warm.send("guest", "register warm quicksand", "login warm", "quicksand", "start tea", "shout hello", "quit")
	warm.expect("See you next time.")
	warm.conn.Close()
	before := look(t, monitor)

	ctx, cancel := context.WithTimeout(t.Context(), duration+2*time.Minute)
	defer cancel()
	var all sync.WaitGroup
	var served, ended atomic.Int64
	for i := range 6 {
		all.Go(func() { talkOn(ctx, t, scriptFrom(t, fmt.Sprintf("127.0.3.%d", i+1), server.address), i, &served) })
	}
	all.Go(func() {
		defer cancel()
		time.Sleep(duration) // a slow machine may need longer
		for (served.Load() < 6 || ended.Load() < 100) && ctx.Err() == nil && !t.Failed() {
			time.Sleep(10 * time.Millisecond)
		}
	})
	for _, kind := range []struct {
		network, count int
		visit          func(net.Conn, *rand.Rand)
	}{{4, 6, visitHostile}, {5, 6, visitSlow}, {6, 6, visitFlooding}, {7, 6, visitShort}} {
		for i := range kind.count {
			r := rand.New(rand.NewPCG(uint64(kind.network), uint64(i)))
			all.Go(func() {
				for ctx.Err() == nil {
					// From many addresses, so that not all is refused for the sake of penalties.
					conn, err := dialFrom(fmt.Sprintf("127.0.%d.%d", kind.network, 1+r.IntN(250)), server.address)
					if err != nil {
						t.Error(err)
						return
					}
					_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
					kind.visit(conn, r)
					conn.Close()
					ended.Add(1)
					time.Sleep(20 * time.Millisecond)
				}
			})
		}
	}
	all.Wait()

	var after state
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		after = look(t, monitor)
		if after.isAt(before) || time.Now().After(end) {
			break
		}
	}
	t.Logf("%d answers to ordinary users, %d other visits; before: %v; after: %v", served.Load(), ended.Load(), before,
		after)
	if !after.isAt(before) {
		t.Error("the server is not as it was before")
	}
	if served.Load() < 6 || ended.Load() < 100 {
		t.Error("too little happened to prove anything")
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if log := server.log.String(); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
}

// state is what a server must not keep when its users have gone.
type state struct{ sessions, goroutines, descriptors, heap int }

func (s state) String() string {
	return fmt.Sprintf("%d sessions, %d goroutines, %d descriptors, %.1f MiB of heap", s.sessions, s.goroutines,
		s.descriptors, float64(s.heap)/(1<<20))
}

// isAt reports whether nothing has stayed; a few goroutines and descriptors are those of who asks.
func (s state) isAt(base state) bool {
	return s.sessions == 0 && s.goroutines <= base.goroutines+5 && s.descriptors <= base.descriptors+5 &&
		s.heap <= base.heap+3<<20
}

// look asks the server, after a collection of garbage.
func look(t *testing.T, address string) (s state) {
	t.Helper()
	fetch(t, "http://"+address+"/debug/pprof/heap?gc=1")
	figures := fetch(t, "http://"+address+"/metrics")
	for name, to := range map[string]*int{
		`parley_sessions\{state="(?:login|guest|user)"\}`: &s.sessions, "go_goroutines": &s.goroutines,
		"process_open_fds":             &s.descriptors,
		"go_memstats_heap_alloc_bytes": &s.heap,
	} {
		for _, m := range regexp.MustCompile(`(?m)^`+name+` (\S+)$`).FindAllStringSubmatch(figures, -1) {
			v, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			*to += int(v)
		}
	}
	if s.goroutines == 0 || s.descriptors == 0 || s.heap == 0 {
		t.Fatalf("figures are missing in\n%s", figures)
	}
	return s
}

// talkOn is an ordinary user, who is answered each time, and counts that.
func talkOn(ctx context.Context, t *testing.T, s *script, i int, served *atomic.Int64) {
	name := fmt.Sprintf("user%c", 'a'+i)
	s.send("guest")
	if err := s.until("> "); err != nil {
		t.Error(err)
		return
	}
	for _, step := range []struct{ lines, done string }{
		{"register " + name + " quicksand", "registered"}, {"login " + name + "\nquicksand", "<" + name + ":0> "},
	} {
		for done := ""; done != step.done; { // who is told that too many passwords wait tries again
			s.send(step.lines)
			var err error
			if done, err = s.untilOne(step.done, "The server is busy"); err != nil {
				t.Error(err)
				return
			}
		}
	}
	for answers := 0; ctx.Err() == nil; answers++ {
		word := fmt.Sprintf("number %d of %s.", answers, name)
		s.send("info "+word, "status", "tell "+name+" "+word)
		if err := s.until(name + ": " + word); err != nil {
			t.Error(err)
			return
		}
		s.all.Reset()
		served.Add(1)
	}
	s.conn.Close()
}

// visitHostile sends what no client should.
func visitHostile(conn net.Conn, r *rand.Rand) {
	switch r.IntN(5) {
	case 0:
		b := make([]byte, 4096)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		_, _ = conn.Write(b)
	case 1:
		_, _ = conn.Write([]byte("guest\r\n\xff\xfa\x18\x00" + strings.Repeat("x", 10_000)))
	case 2:
		_, _ = conn.Write([]byte("\xff\xfb\x18\xff\xfd\x01\xff\xfd\x03" + strings.Repeat("\xff\xfd\x06\xff\xf6", 500)))
	case 3:
		_, _ = conn.Write([]byte("usera\nwrong\nusera\nwrong\nusera\nwrong\n"))
	default:
		_, _ = conn.Write([]byte("guest\n\x1b[D\x1b[A\x14\x12\x13\x1a" + strings.Repeat("\x15\x19",
			100) + "say 0 \xf0\x9f\x98\x80\n" + strings.Repeat("a", 5000) + "\n"))
	}
	_, _ = io.CopyN(io.Discard, conn, int64(r.IntN(5000)))
}

// visitSlow asks for more than it reads.
func visitSlow(conn net.Conn, r *rand.Rand) {
	_, _ = conn.Write([]byte("guest\n" + strings.Repeat("help\n", 2000)))
	time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
}

// visitFlooding says as much as it can.
func visitFlooding(conn net.Conn, r *rand.Rand) {
	_, _ = conn.Write([]byte("guest\nstart flood\njoin 1\n"))
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(io.Discard, conn) }) // until the deadline
	for range 200 {
		if _, err := fmt.Fprintf(conn, "say 1 %s\nshout %s\ntell usera hi\n", strings.Repeat("blah ", r.IntN(150)),
			strings.Repeat("loud ", 20)); err != nil {
			break
		}
	}
	reading.Wait()
}

// visitShort comes and goes.
func visitShort(conn net.Conn, r *rand.Rand) {
	if r.IntN(2) == 0 {
		_, _ = conn.Write([]byte("guest\nwho\nrooms\nquit\n"))
		_, _ = io.Copy(io.Discard, conn)
	}
}
