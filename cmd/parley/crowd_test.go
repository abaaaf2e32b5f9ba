package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/telnet/telnettest"
)

// TestCrowd is for the race detector: 200 people on all kinds of clients type, talk, resize, stop reading, interrupt
// and hang up at once, and one who does nothing of that hears everything in order meanwhile.
func TestCrowd(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	people, lines := 200, 100
	if testing.Short() {
		people = 60
	}
	l := telnettest.Listen(4000)
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{stderr: io.Discard, listen: func(_ context.Context, network, _ string) (net.Listener, error) {
		if network == "unix" {
			return telnettest.Listen(0), nil
		}
		return l, nil
	}}
	var result error
	var running sync.WaitGroup
	running.Go(func() { // until cancel
		result = p.run(ctx, []string{"--guests", "chat", "--data", t.TempDir()}, io.Discard)
	})

	var listener, speaker *telnettest.Client
	for _, c := range []**telnettest.Client{&listener, &speaker} {
		*c = enter(t, l, telnettest.Xterm)
		defer (*c).Close()
	}
	var crowd sync.WaitGroup
	for i := range people {
		crowd.Go(func() { misbehave(t, l, rand.New(rand.NewPCG(1, uint64(i)))) }) // a bounded number of steps
	}
	for n := range lines {
		if err := speaker.Type(fmt.Sprintf("shout number %d.\r", n)); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Millisecond)
	}
	crowd.Wait()
	await(t, listener, fmt.Sprintf("number %d.", lines-1))
	listener.Look(func(s *telnettest.Screen) {
		next := 0
		for _, line := range s.Finished() {
			if strings.HasSuffix(line, fmt.Sprintf(": number %d.", next)) {
				next++
			}
		}
		if next != lines {
			t.Errorf("%d of %d lines came in order", next, lines)
		}
	})
	cancel()
	running.Wait()
	if result != nil {
		t.Error(result)
	}
}

// enter connects a client and makes it a guest.
func enter(t *testing.T, l *telnettest.Listener, kind telnettest.Kind) *telnettest.Client {
	t.Helper()
	var nc net.Conn
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var err error
		if nc, err = l.Dial(); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	c, err := telnettest.NewClient(nc, kind, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	await(t, c, "Enter your username: ")
	if err := c.Type("guest\r"); err != nil {
		t.Fatal(err)
	}
	await(t, c, ":0> ")
	return c
}

// await waits until text is on the screen.
func await(t *testing.T, c *telnettest.Client, text string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		found := false
		c.Look(func(s *telnettest.Screen) {
			before, after := s.Line()
			found = strings.Contains(strings.Join(s.Finished(), "\n")+"\n"+before+after, text)
		})
		if found {
			return
		}
		if time.Now().After(end) {
			c.Look(func(s *telnettest.Screen) { t.Errorf("waiting for %q; the screen:\n%s", text, s) })
			return
		}
	}
}

// misbehave connects and does what comes to mind.
func misbehave(t *testing.T, l *telnettest.Listener, r *rand.Rand) {
	kinds := []telnettest.Kind{telnettest.Xterm, telnettest.Putty, telnettest.Mud, telnettest.Line}
	nc, err := l.Dial()
	if err != nil {
		return // the queue of connections is full: that is its right
	}
	c, err := telnettest.NewClient(nc, kinds[r.IntN(len(kinds))], 80, 24)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	for range 3 + r.IntN(40) {
		switch r.IntN(12) {
		case 0:
			c.Resize(1+r.IntN(200), 1+r.IntN(60))
		case 1:
			c.Freeze()
		case 2:
			c.Thaw()
		case 3:
			_ = c.Send([]byte("\xff\xf6")) // AYT
		case 4:
			_ = c.Send([]byte("\xff\xf4\xff\xfd\x06")) // IP, DO TM
		case 5:
			c.CloseWrite()
		case 6:
			_ = c.Type("\x1b[D\x1b[A\x15\x17\x7f\t")
		case 7:
			_ = c.Type("start a room 你好\rsay 0 hi\rjoin 1\rrooms\r")
		case 8:
			_ = c.Type("shout " + strings.Repeat("long ", r.IntN(150)) + "\r")
		case 9:
			_ = c.Type("tell guest hello\rblock guest3\rstatus guest\r")
		default:
			_ = c.Type("guest\r")
		}
		if r.IntN(4) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}
