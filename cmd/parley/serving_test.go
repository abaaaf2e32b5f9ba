package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"parley/telnet/telnettest"
)

// stopTime is how long a server may take to stop.
const stopTime = time.Minute

// startTime is how long a server may take to listen.
const startTime = time.Minute

// A serving is what a server is started with on stage.
type serving struct {
	args   []string
	listen func(ctx context.Context, network, address string) (net.Listener, error)
	reload <-chan os.Signal
	stderr io.Writer
	random io.Reader
	// hashing is called when a hash begins, and when it has ended.
	hashing func()
}

// sameRandom gives the bytes that it gives in every play, so that a play can show codes. Safe for concurrent use.
type sameRandom struct {
	mu    sync.Mutex // guards bytes
	bytes *rand.ChaCha8
}

func newSameRandom() *sameRandom { return &sameRandom{bytes: rand.NewChaCha8([32]byte{})} }

func (r *sameRandom) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes.Read(p)
}

// start runs the server until end. The complaint is empty when it listens.
func (s *stage) start() (complaint string) {
	ctx, cancel := context.WithCancel(context.Background())
	s.listeners, s.reload, s.result = nil, make(chan os.Signal, 1), make(chan error, 1)
	var mu sync.Mutex // guards places
	places := make(map[int]*telnettest.Listener)
	run := serving{
		hashing: func() { time.Sleep(time.Duration(s.hashing.Load())) },
		args: slices.Concat(s.config, []string{"--listen", "127.0.0.1:4000", "--data", s.data},
			s.door.args),
		reload: s.reload,
		stderr: &s.log,
		random: s.random,
		listen: func(_ context.Context, network, address string) (net.Listener, error) {
			if network == "unix" {
				return telnettest.Listen(1), nil
			}
			_, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			n, err := strconv.Atoi(port)
			if err != nil {
				return nil, err
			}
			mu.Lock()
			defer mu.Unlock()
			l := telnettest.Listen(n)
			places[n] = l
			return l, nil
		},
	}
	go func() { s.result <- s.serve(ctx, run) }() // ends with ctx; end waits for it
	listening := func() bool {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return places[telnetAt] != nil && places[s.door.at] != nil
	}
	// Several servers have to find each other first.
	for end := time.Now().Add(startTime); !listening() && time.Now().Before(end) && len(s.result) == 0; {
		time.Sleep(stepTime)
	}
	if listening() {
		s.listeners = places // nobody listens to more from now on
	}
	s.stop = cancel
	select {
	case err := <-s.result:
		cancel()
		s.stop = nil
		return fmt.Sprintf("server ! did not start: %v", err)
	default:
	}
	if s.listeners == nil {
		s.end()
		return "server ! does not listen"
	}
	return ""
}

// end stops the server as SIGTERM does, and waits.
func (s *stage) end() (complaint string) {
	s.stop()
	s.stop = nil
	select {
	case err := <-s.result:
		if err != nil {
			return fmt.Sprintf("server ! stopped: %v", err)
		}
	case <-time.After(stopTime):
		return fmt.Sprintf("server ! still runs after %v", stopTime)
	}
	return ""
}

// complaints returns errors of the server that nobody's screen shows.
func (s *stage) complaints() []string {
	lines := s.log.takeComplaints()
	if s.stop != nil {
		select {
		case err := <-s.result:
			s.stop()
			s.stop = nil
			if err == nil {
				return append(lines, "server < (stopped)")
			}
			lines = append(lines, fmt.Sprintf("server ! ended by itself: %v", err))
		default:
		}
	}
	return lines
}

// A logBook keeps what the server logs, and complains of every error in it. It is safe for concurrent use.
type logBook struct {
	mu         sync.Mutex // guards all and complaints
	all        bytes.Buffer
	complaints []string
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range bytes.Lines(p) {
		if bytes.Contains(line, []byte("level=ERROR")) || bytes.Contains(line, []byte(`"level":"ERROR"`)) {
			b.complaints = append(b.complaints, "server ! "+strings.TrimSpace(string(line)))
		}
	}
	return b.all.Write(p)
}

func (b *logBook) complain(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, line)
}

func (b *logBook) takeComplaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.complaints
	b.complaints = nil
	return lines
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}
