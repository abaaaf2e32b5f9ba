package rawconn_test

import (
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"parley/internal/rawconn"
)

// TestUrgent tests that what stands behind urgent data is noticed, at which a read stops.
func TestUrgent(t *testing.T) {
	peer, tried := socketPair(t)
	p := pair{peer: peer, tried: newPoller(t).Watch(tried)}
	p.c = rawconn.Of(p.tried)
	t.Cleanup(func() { peer.Close(); p.tried.Close() })
	control(t, tried, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_OOBINLINE, 1) })
	called := p.rests(t)
	p.writes(t, "before")
	control(t, peer, func(fd int) error { return unix.Sendto(fd, []byte("!"), unix.MSG_OOB, nil) })
	p.writes(t, "behind")
	wait(t, called)
	time.Sleep(10 * time.Millisecond) // until all has come, and was told
	got := ""
	for got != "before!behind" {
		text, err := p.reads(t, make([]byte, 100))
		if got += text; err != nil {
			t.Fatal(got, err)
		}
	}
}

func control(t *testing.T, nc net.Conn, call func(fd int) error) {
	t.Helper()
	raw, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if ctlErr := raw.Control(func(fd uintptr) { err = call(int(fd)) }); ctlErr != nil || err != nil {
		t.Fatal(ctlErr, err)
	}
}

// TestRestsWithoutGoroutine tests that many rest with no goroutine but the poller's, that each is called for its own
// input alone, and that the end of the poller calls all.
func TestRestsWithoutGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const many = 300
	var poller rawconn.Poller
	before := runtime.NumGoroutine()
	pairs, calls := make([]pair, many), make([]<-chan struct{}, many)
	for i := range pairs {
		peer, tried := socketPair(t)
		pairs[i] = pair{peer: peer, tried: poller.Watch(tried)}
		pairs[i].c = rawconn.Of(pairs[i].tried)
		calls[i] = pairs[i].rests(t)
	}
	if n := runtime.NumGoroutine(); n > before+many/10 {
		t.Errorf("%d goroutines more", n-before)
	}
	for i := 0; i < many; i += 3 {
		pairs[i].writes(t, "x")
		wait(t, calls[i])
	}
	for i, called := range calls {
		select {
		case <-called:
			if i%3 != 0 {
				t.Errorf("%d is called for another's input", i)
			}
		default:
		}
	}
	poller.Close()
	for i, called := range calls {
		wait(t, called)
		pairs[i].peer.Close()
		pairs[i].awaits(t) // with a goroutine
		pairs[i].tried.Close()
	}
}

// TestRestsWhileEnding is for the race detector: connections end at each side, and deadlines come, while they go to
// rest. Each is called for as often as it rests.
func TestRestsWhileEnding(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var poller rawconn.Poller
	defer poller.Close()
	for i := range 200 {
		peer, tried := socketPair(t)
		p := pair{peer: peer, tried: poller.Watch(tried)}
		p.c = rawconn.Of(p.tried)
		var others sync.WaitGroup
		for _, end := range []func(){
			func() { _, _ = peer.Write([]byte("x")) },
			func() { peer.Close() },
			func() { _ = p.tried.SetReadDeadline(time.Unix(1, 0)) },
			func() { p.tried.Close() },
		}[i%4:] {
			others.Go(end)
		}
		for range 4 {
			p.awaits(t)
			_, _ = p.c.TryRead(make([]byte, 8))
		}
		others.Wait()
		peer.Close()
		p.tried.Close()
	}
}
