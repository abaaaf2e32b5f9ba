package main

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/chat"
	"parley/commands"
	"parley/session"
	"parley/telnet"
)

// A memoryConn is a connection without a system below: what its peer has sent is there at once, and all that is written
// is taken. The peer is the benchmark, which does something only while the server waits for input.
type memoryConn struct {
	net.Conn // nil: nothing else is called
	sent     []byte
	writes   atomic.Int64
	ready    func()
	waits    chan struct{} // gets something whenever the server waits
}

func (c *memoryConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }
func (c *memoryConn) Read(p []byte) (int, error)       { return c.TryRead(p) }

func (c *memoryConn) TryRead(p []byte) (n int, err error) {
	n = copy(p, c.sent)
	c.sent = c.sent[n:]
	return n, nil
}

func (c *memoryConn) TryWrite(p []byte) (int, error) {
	c.writes.Add(1)
	return len(p), nil
}

func (c *memoryConn) AwaitInput(ready func()) {
	c.ready = ready
	c.waits <- struct{}{}
}

// SetReadDeadline is how the server ends who rests.
func (c *memoryConn) SetReadDeadline(t time.Time) error {
	if c.ready != nil && !t.IsZero() {
		c.ready()
	}
	return nil
}

// enters has the peer send a line.
func (c *memoryConn) enters(line []byte) {
	c.sent = line
	c.ready()
}

// guests lets so many guests come to a server. They rest at their prompts.
func guests(b *testing.B, n int) []*memoryConn {
	node := chat.New(chat.Options{Guests: chat.GuestsChat})
	b.Cleanup(node.Close)
	server := &session.Server{Chat: node, Commands: commands.New()}
	var there sync.WaitGroup
	b.Cleanup(func() {
		server.Stop(chat.ErrStopped)
		there.Wait()
		server.Wait()
	})
	came := make([]*memoryConn, n)
	for i := range came {
		c := &memoryConn{sent: []byte("guest\r\n"), waits: make(chan struct{}, 1)}
		here := session.Visitor{Source: netip.MustParseAddr("127.0.0.1")} // where no pace holds
		there.Add(1)
		server.Start(b.Context(), telnet.NewConn(c, nil), here, func(error) { there.Done() })
		<-c.waits
		came[i] = c
	}
	return came
}

// BenchmarkLine is the whole way of a line, from the socket that has input to the sockets that are written to, without
// what the system does.
func BenchmarkLine(b *testing.B) {
	const text = "The lecture starts in five minutes, in the old hall."
	b.Run("tell", func(b *testing.B) { // alone: the other one reads it, and the teller is told so
		two := guests(b, 2)
		line := []byte("tell guest2 " + text + "\r\n")
		b.ReportAllocs()
		for b.Loop() {
			two[0].enters(line)
			<-two[0].waits
		}
	})
	b.Run("say", func(b *testing.B) { // in a room of 20, where 16 speak at a time
		all := guests(b, 20)
		for i, c := range all {
			line := "join 0\r\n"
			if i == 0 {
				line = "start tea\r\n"
			}
			c.enters([]byte(line))
			<-c.waits
		}
		speakers, line, writes := all[:16], []byte("say 0 "+text+"\r\n"), int64(0)
		for _, c := range all {
			writes -= c.writes.Load()
		}
		b.ReportAllocs()
		for b.Loop() {
			for _, c := range speakers {
				c.enters(line)
			}
			for _, c := range speakers {
				<-c.waits
			}
		}
		for _, c := range all {
			writes += c.writes.Load()
		}
		lines := float64(b.N * len(speakers))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/lines, "ns/line")
		b.ReportMetric(float64(writes)/lines, "writes/line")
	})
}
