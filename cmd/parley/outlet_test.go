//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
)

// A gateWriter blocks while its gate is closed, fails while fault is set, and keeps what it was given otherwise.
type gateWriter struct {
	gate  chan struct{} // closed when open
	mu    sync.Mutex    // guards what follows
	fault error
	short int // how many bytes are taken before the fault
	b     bytes.Buffer
}

func (g *gateWriter) Write(p []byte) (int, error) {
	<-g.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault != nil {
		n := min(g.short, len(p))
		g.b.Write(p[:n])
		return n, g.fault
	}
	return g.b.Write(p)
}

func (g *gateWriter) fail(err error, short int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault, g.short = err, short
}

// TestOutlet has a reader that is late: whoever writes does not wait, what is kept is bounded, and what was lost is
// counted and told in its place.
func TestOutlet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &gateWriter{gate: make(chan struct{})}
		o := newOutlet(w)
		o.tell = func(lost int) { fmt.Fprintf(w, "lost %d\n", lost) }
		o.start()
		line := []byte(strings.Repeat("x", 1023) + "\n")
		fmt.Fprintln(o, "first")
		synctest.Wait() // the goroutine is in the write now
		for range 2 * outletBytes / len(line) {
			if n, err := o.Write(line); n != len(line) || err != nil {
				t.Fatalf("got %d, %v", n, err)
			}
		}
		began := time.Now()
		o.flush()
		if took := time.Since(began); took != outletPatience {
			t.Errorf("flush took %v", took)
		}
		close(w.gate)
		o.flush()
		fmt.Fprintln(o, "last")
		if !o.close() {
			t.Error("not all was written")
		}
		kept := outletBytes / len(line)
		if got, want := w.b.String(), "first\n"+strings.Repeat(string(line), kept)+
			fmt.Sprintf("lost %d\nlast\n", kept); got != want {
			t.Errorf("got %d bytes, want %d: ...%q", len(got), len(want), got[max(0, len(got)-40):])
		}
		if got := o.total.Load(); got != uint64(kept) {
			t.Errorf("%d lines counted as lost, want %d", got, kept)
		}
		if _, err := fmt.Fprintln(o, "after the end"); err != nil || strings.Contains(w.b.String(), "after") {
			t.Errorf("after the end: %v", err)
		}
	})
}

// TestOutletFails has a file that cannot be written to for a while, half-way through a line at first.
func TestOutletFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &gateWriter{gate: make(chan struct{})}
		close(w.gate)
		o := newOutlet(w)
		o.tell = func(lost int) { fmt.Fprintf(w, "lost %d\n", lost) }
		o.start()
		w.fail(errors.New("no space"), 3)
		fmt.Fprintln(o, "half of it")
		o.flush()
		w.fail(errors.New("no space"), 0)
		fmt.Fprint(o, "two\nthree\n")
		o.flush()
		w.fail(nil, 0)
		fmt.Fprintln(o, "again")
		if !o.close() {
			t.Error("not all was written")
		}
		if got, want := w.b.String(), "hal\nagain\nlost 3\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestOutletStuck ends although its file never takes anything.
func TestOutletStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &gateWriter{gate: make(chan struct{})}
		o := newOutlet(w).start()
		fmt.Fprintln(o, "never seen")
		began := time.Now()
		if o.close() || time.Since(began) != outletPatience {
			t.Errorf("close took %v", time.Since(began))
		}
		close(w.gate)
	})
}

// startWith starts the program with its two outputs, and waits until it serves.
func startWith(t *testing.T, stdout, stderr *os.File) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&program{}).listenAll(t.Context(), []string{"127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	address := l.listeners()[0].Addr().String()
	l.close()
	cmd := exec.Command(path, "--listen", address, "--data", t.TempDir(), "--log-level", "debug")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, address: address, log: new(lockedBuffer)}
	t.Cleanup(p.kill)
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		conn, err := dialFrom("127.0.0.1", address)
		if err == nil {
			conn.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	guest := dialScript(t, address)
	guest.expect("username: ")
	guest.conn.Close()
	return p
}

// TestLogUnread starts servers whose output is a pipe that nobody reads, one whose reader has gone, a terminal that
// hung up and a full disk. People log in with passwords, operators give commands, and SIGTERM ends it with status 0.
func TestLogUnread(t *testing.T) {
	open := func(name string) *os.File {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	pipe := func(read bool) *os.File {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if read {
			t.Cleanup(func() { r.Close() })
			// Full before it begins: not even the first line gets through.
			fd := int(w.Fd())
			if err := syscall.SetNonblock(fd, true); err != nil {
				t.Fatal(err)
			}
			for {
				if _, err := syscall.Write(fd, make([]byte, 4096)); err != nil {
					break
				}
			}
			if err := syscall.SetNonblock(fd, false); err != nil {
				t.Fatal(err)
			}
		} else {
			r.Close()
		}
		t.Cleanup(func() { w.Close() })
		return w
	}
	hungUp := func() *os.File {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		master.Close()
		t.Cleanup(func() { slave.Close() })
		return slave
	}
	for name, file := range map[string]func() *os.File{
		"full pipe": func() *os.File { return pipe(true) }, "closed pipe": func() *os.File { return pipe(false) },
		"terminal that hung up": hungUp, "full disk": func() *os.File { return open("/dev/full") },
	} {
		t.Run(name, func(t *testing.T) {
			f := file()
			server := startWith(t, f, f)
			data := server.cmd.Args[4]
			mustShell(t, data, "s3cret\n", "user", "add", "alice")
			for range 3 {
				alice := dialScript(t, server.address)
				alice.send("alice", "s3cret", "shout hello", "quit")
				alice.expect("!!alice!!: hello")
				alice.conn.Close()
			}
			mustShell(t, data, "", "sessions")
			began := time.Now()
			if status := server.stop(); status != 0 {
				t.Errorf("exit status %d", status)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the stop took %v", took)
			}
		})
	}
}
