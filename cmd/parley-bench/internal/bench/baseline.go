//go:build linux

package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// ServeBaseline serves a fan-out that does as little as can be done in Go until ctx is done, and prints to stdout where
// it listens: a goroutine for each connection, which reads, and one for each room while there is something to say in
// it, which writes to all members all that has been said meanwhile, one write each. It knows no accounts, no Telnet and
// no bounds, and one member who does not read stops a room.
func ServeBaseline(ctx context.Context, stdout io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "The baseline is listening on %s, data nowhere.\n", l.Addr()); err != nil {
		return err
	}
	b := &baseline{users: make(map[string]net.Conn), everyone: new(fanout)}
	var serving sync.WaitGroup
	defer serving.Wait()
	context.AfterFunc(ctx, func() {
		l.Close()
		b.closeAll()
	})
	for {
		nc, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		serving.Go(func() { b.serve(nc, &serving) }) // until the peer hangs up, or ctx is done
	}
}

type baseline struct {
	mu       sync.Mutex // guards users, rooms and closed
	users    map[string]net.Conn
	rooms    []*fanout
	number   int
	closed   bool
	everyone *fanout
}

func (b *baseline) closeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, nc := range b.users {
		nc.Close()
	}
}

// A fanout is who hear the same.
type fanout struct {
	mu      sync.Mutex // guards all below
	members []net.Conn // replaced whole
	pending []byte     // not yet written
	spare   []byte
	writing bool
}

func (f *fanout) join(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	members := make([]net.Conn, len(f.members), len(f.members)+1)
	copy(members, f.members)
	f.members = append(members, nc)
}

func (f *fanout) leave(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var members []net.Conn
	for _, m := range f.members {
		if m != nc {
			members = append(members, m)
		}
	}
	f.members = members
}

// say queues a line, and begins to write if nobody does.
func (f *fanout) say(serving *sync.WaitGroup, format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = fmt.Appendf(f.pending, format, args...)
	if !f.writing {
		f.writing = true
		serving.Go(f.write) // until nothing is left to write
	}
}

func (f *fanout) write() {
	for {
		f.mu.Lock()
		batch, members := f.pending, f.members
		f.pending, f.spare = f.spare[:0], nil
		if len(batch) == 0 {
			f.writing, f.spare = false, batch
			f.mu.Unlock()
			return
		}
		f.mu.Unlock()
		for _, nc := range members {
			_, _ = nc.Write(batch) // who is gone leaves
		}
		f.mu.Lock()
		f.spare = batch
		f.mu.Unlock()
	}
}

func (b *baseline) serve(nc net.Conn, serving *sync.WaitGroup) {
	defer nc.Close()
	if _, err := io.WriteString(nc, "Enter your username: "); err != nil {
		return
	}
	buffer := make([]byte, 512)
	kept := 0
	name := ""
	var joined []*fanout
	defer func() {
		for _, f := range joined {
			f.leave(nc)
		}
		b.mu.Lock()
		delete(b.users, name)
		b.mu.Unlock()
	}()
	for {
		n, err := nc.Read(buffer[kept:])
		if err != nil || n == 0 {
			return
		}
		rest := buffer[:kept+n]
		for {
			line, after, found := bytes.Cut(rest, []byte("\n"))
			if !found {
				break
			}
			rest = after
			if name == "" {
				if name = b.enter(nc); name == "" {
					return
				}
				b.everyone.join(nc)
				joined = append(joined, b.everyone)
				continue
			}
			if f := b.do(nc, serving, name, string(line)); f != nil {
				joined = append(joined, f)
			}
		}
		kept = copy(buffer, rest)
	}
}

// enter returns the name of a new user, or "" when the server stops.
func (b *baseline) enter(nc net.Conn) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ""
	}
	b.number++
	name := "guest" + strconv.Itoa(b.number)
	b.users[name] = nc
	fmt.Fprintf(nc, "<%s:0> ", name)
	return name
}

// do does what line says, and returns the room that was joined, if any.
func (b *baseline) do(nc net.Conn, serving *sync.WaitGroup, name, line string) *fanout {
	command, rest, _ := strings.Cut(line, " ")
	argument, text, _ := strings.Cut(rest, " ")
	switch command {
	case "start":
		f := &fanout{members: []net.Conn{nc}}
		b.mu.Lock()
		number := len(b.rooms)
		b.rooms = append(b.rooms, f)
		b.mu.Unlock()
		fmt.Fprintf(nc, "!!system!!: %s created room %d, topic: %s\r\n", name, number, rest)
		return f
	case "join":
		if f := b.room(argument); f != nil {
			f.join(nc)
			fmt.Fprintf(nc, "You joined Room %s.\r\n", argument)
			return f
		}
	case "say":
		if f := b.room(argument); f != nil {
			f.say(serving, "[Room %s] *%s*: %s\r\n", argument, name, text)
		}
	case "shout":
		b.everyone.say(serving, "!!%s!!: %s\r\n", name, rest)
	case "tell":
		b.mu.Lock()
		to := b.users[argument]
		b.mu.Unlock()
		if to != nil {
			fmt.Fprintf(to, "%s: %s\r\n", name, text)
			fmt.Fprintf(nc, "Told %s.\r\n", argument)
		}
	}
	return nil
}

func (b *baseline) room(word string) *fanout {
	number, err := strconv.Atoi(word)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || number < 0 || number >= len(b.rooms) {
		return nil
	}
	return b.rooms[number]
}
