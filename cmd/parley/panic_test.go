package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/chat"
	"parley/commands"
	"parley/doors"
	"parley/session"
	"parley/telnet"
)

// panicCommand breaks in the way its user asks for.
var panicCommand = commands.Command{
	Name: "panic", Usage: "panic <word|nil|index|error> [text...]",
	Run: func(_ context.Context, c *commands.Call) error {
		var nothing *commands.Call
		switch c.Arg("word|nil|index|error") {
		case "nil":
			return nothing.Chat.Promote(context.Background(), chat.Actor{}, "")
		case "index":
			_ = c.Arg("text")[len(c.Arg("text")):][0]
		case "error":
			panic(errors.New(c.Arg("text")))
		}
		panic(c.Arg("text"))
	},
}

// TestPanic has users panic, again and again, while 50 others exchange 10,000 messages: each of these comes, in order,
// and whoever panics loses that session and nothing else.
func TestPanic(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	const people = 50
	each := 200
	if testing.Short() {
		each = 20
	}
	var log lockedBuffer
	address, stop := startHere(t, &program{stderr: &log, commands: []commands.Command{panicCommand}}, "--guests",
		"chat", "--data", t.TempDir())

	host := dialScript(t, address)
	host.send("guest", "start tea")
	host.expect("created room 0")
	scripts := make([]*script, people) // guest2 to guest51
	for i := range scripts {
		scripts[i] = dialScript(t, address)
		scripts[i].send("guest", "join 0")
		scripts[i].expect("You joined Room 0.")
	}
	host.send("who") // who has read of all who came will read of those who panic by themselves
	host.expect(fmt.Sprintf("%d users online:", people+1))
	name := func(i int) string { return fmt.Sprintf("guest%d", i%people+2) }
	var talking sync.WaitGroup
	for i, s := range scripts {
		talking.Go(func() {
			for n := range each {
				s.send(fmt.Sprintf("tell %s number %d.", name(i+1), n))
				if n%20 == 19 { // so that nobody is far ahead
					if err := s.until(fmt.Sprintf("%s: number %d.\r\n", name(i+people-1), n)); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	done := make(chan struct{})
	crashes := 0
	var crashing sync.WaitGroup
	crashing.Go(func() { // until done
		for how := 0; ; how++ {
			select {
			case <-done:
				return
			default:
			}
			s := dialScript(t, address)
			s.send("guest", "join 0")
			s.expect("You joined Room 0.")
			s.send(fmt.Sprintf("panic %s zebra crossing", []string{"word", "nil", "index", "error"}[how%4]))
			if rest, err := io.ReadAll(s.r); err != nil {
				t.Errorf("after a panic: %v; got %q", err, rest)
			}
			s.conn.Close()
			crashes++
			time.Sleep(10 * time.Millisecond)
		}
	})
	talking.Wait()
	close(done)
	crashing.Wait()
	for i, s := range scripts {
		next := 0
		for line := range strings.Lines(s.all.String()) {
			if strings.HasSuffix(line, fmt.Sprintf("%s: number %d.\r\n", name(i+people-1), next)) {
				next++
			} else if strings.Contains(line, name(i+people-1)+": ") {
				t.Fatalf("out of order: %q where number %d belongs", line, next)
			}
		}
		if next != each {
			t.Errorf("%s got %d of %d messages", name(i), next, each)
		}
	}
	host.send("rooms", "who")
	host.expect(fmt.Sprintf("%d users online:", people+1))
	if s := host.all.String(); strings.Count(s, "guest52 joined.") != crashes ||
		strings.Count(s, "guest52 left.") != crashes || crashes == 0 {
		t.Errorf("of %d who panicked the room has seen %d come and %d go", crashes, strings.Count(s, "guest52 joined."),
			strings.Count(s, "guest52 left."))
	}
	stop()
	if s := log.String(); strings.Count(s, "level=ERROR msg=panic") != crashes ||
		strings.Count(s, "panic_test.go") < crashes || strings.Contains(s, "zebra") {
		t.Errorf("%d panics; the log:\n%s", crashes, s)
	}
	t.Logf("%d messages in order beside %d panics", people*each, crashes)
}

// startHere runs p in this process until stop is called.
func startHere(t testing.TB, p *program, args ...string) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	listening := make(chan string, 1)
	p.listen = func(ctx context.Context, network, address string) (net.Listener, error) {
		if network == "unix" {
			return listenPrivate(ctx, network, address)
		}
		l, err := new(net.ListenConfig).Listen(ctx, network, address)
		if err == nil {
			listening <- l.Addr().String()
		}
		return l, err
	}
	var result error
	var running sync.WaitGroup
	args = append([]string{"--listen", "127.0.0.1:0"}, args...)
	running.Go(func() { result = p.run(ctx, args, io.Discard) }) // until cancel
	stop = func() {
		t.Helper()
		cancel()
		running.Wait()
		if result != nil {
			t.Error(result)
		}
	}
	select {
	case address = <-listening:
	case <-time.After(patience):
		stop()
		t.Fatal("the server does not listen")
	}
	return address, stop
}

// A brittle terminal panics in the call it is told to, once.
type brittle struct {
	*telnet.Conn
	where atomic.Pointer[string]
}

func (b *brittle) breaks(where string) {
	if p := b.where.Load(); p != nil && *p == where && b.where.CompareAndSwap(p, nil) {
		panic("in " + where)
	}
}

func (b *brittle) AwaitInput(ready func())   { b.breaks("AwaitInput"); b.Conn.AwaitInput(ready) }
func (b *brittle) Size() (columns, rows int) { b.breaks("Size"); return b.Conn.Size() }
func (b *brittle) EditsLines() bool          { b.breaks("EditsLines"); return b.Conn.EditsLines() }
func (b *brittle) HideInput(wait time.Duration) bool {
	b.breaks("HideInput")
	return b.Conn.HideInput(wait)
}
func (b *brittle) SetWriteDeadline(t time.Time) error {
	b.breaks("SetWriteDeadline")
	return b.Conn.SetWriteDeadline(t)
}
func (b *brittle) Read(p []byte) (int, error)    { b.breaks("Read"); return b.Conn.Read(p) }
func (b *brittle) TryRead(p []byte) (int, error) { b.breaks("TryRead"); return b.Conn.TryRead(p) }
func (b *brittle) WritePrompt(p []byte) (int, error) {
	b.breaks("WritePrompt")
	return b.Conn.WritePrompt(p)
}
func (b *brittle) TryWrite(p []byte, prompt bool) (int, error) {
	b.breaks("TryWrite")
	if p := b.where.Load(); p != nil && *p == "rest" {
		rest := "WritePrompt"
		b.where.Store(&rest)
		return 0, io.ErrShortWrite
	}
	return b.Conn.TryWrite(p, prompt)
}

// A brittleStore panics over one user.
type brittleStore struct {
	chat.Store
	user atomic.Pointer[string]
}

func (s *brittleStore) breaks(key string) {
	if p := s.user.Load(); p != nil && *p == key {
		panic("over " + key)
	}
}

func (s *brittleStore) Get(ctx context.Context, bucket, key string) (chat.Record, error) {
	s.breaks(key)
	return s.Store.Get(ctx, bucket, key)
}

func (s *brittleStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	s.breaks(key)
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func (s *brittleStore) List(ctx context.Context, bucket string) iter.Seq2[chat.Record, error] {
	return s.Store.List(ctx, bucket)
}

// TestPanicAnywhere lets the terminal of one user break in each of its calls, and the store in those about that user:
// the user is gone, the other one notices nothing else, and the server stops in good order.
func TestPanicAnywhere(t *testing.T) {
	const resize = "\xff\xfb\x1f\xff\xfa\x1f\x00\x64\x00\x28\xff\xf0" // IAC WILL NAWS, 100 columns and 40 rows
	for _, tt := range []struct {
		where string
		do    func(mallory, alice *script) // what reaches the place
	}{
		{"TryWrite", func(_, alice *script) { alice.send("shout hello") }},
		{"rest", func(_, alice *script) { alice.send("shout hello") }},
		{"Size", func(mallory, _ *script) { mallory.conn.Write([]byte(resize)) }}, // which starts a pass
		{"EditsLines", func(mallory, _ *script) { mallory.conn.Write([]byte(resize)) }},
		{"WritePrompt", func(mallory, _ *script) { mallory.send("who") }},
		{"Size", func(mallory, _ *script) { mallory.send("who") }},
		{"AwaitInput", func(mallory, _ *script) { mallory.send("who") }},
		{"Read", func(mallory, _ *script) { mallory.send("login alice") }},
		{"TryRead", func(mallory, _ *script) { mallory.send("who") }},
		{"HideInput", func(mallory, _ *script) { mallory.send("login alice") }},
		{"store", func(mallory, _ *script) { mallory.send("info hello") }},
		{"store", func(mallory, _ *script) { mallory.send("quit") }},
		{"store", func(mallory, _ *script) { mallory.conn.Close() }},
	} {
		t.Run(tt.where, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			var log lockedBuffer
			logger := slog.New(slog.NewTextHandler(&log, nil))
			store := &brittleStore{Store: chat.NewMemoryStore()}
			node := chat.New(chat.Options{Store: store, Log: logger,
				Hash: chat.HashParams{Memory: 8, Time: 1, Threads: 1}})
			sessions := &session.Server{Chat: node, Commands: commands.New(), Log: logger}
			made := make(chan *brittle, 2)
			server := &doors.Server{Logger: logger}
			door := doors.Door{Start: func(nc net.Conn, pass *doors.Pass, done func(error)) {
				b := &brittle{Conn: telnet.NewConn(nc, nil)}
				made <- b
				sessions.Start(context.Background(), b, session.Visitor{Source: pass.Source(), Pass: pass}, done)
			}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var serving sync.WaitGroup
			serving.Go(func() { _ = server.Serve(l, door) }) // until Shutdown
			enter := func(name string) *script {
				if err := node.RegisterInvited(t.Context(), chat.AtConsole(), "", name, "quicksand"); err != nil {
					t.Fatal(err)
				}
				s := dialScript(t, l.Addr().String())
				s.send(name, "quicksand")
				s.expect("<" + name + ":0> ")
				return s
			}
			mallory := enter("mallory")
			alice := enter("alice")
			mallory.send("start tea")
			alice.expect("created room 0")
			mallory.expect("<mallory:1> ")
			alice.send("join 0")
			alice.expect("You joined Room 0.")
			time.Sleep(10 * time.Millisecond) // until both wait for input
			if tt.where == "store" {
				key := "mallory"
				store.user.Store(&key)
			} else {
				(<-made).where.Store(&tt.where)
			}
			tt.do(mallory, alice)
			alice.expect("Room 0(topic: tea) closed")
			if _, err := io.ReadAll(mallory.r); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Errorf("mallory's connection is not closed: %v", err)
			}
			mallory.conn.Close()
			for end := time.Now().Add(patience); node.Stats(t.Context()).Online > 1; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("mallory is still online")
				}
			}
			alice.send("who")
			alice.expect("1 user online:")
			alice.send("quit")
			alice.expect("See you next time.")
			alice.conn.Close()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := server.Shutdown(ctx); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			serving.Wait()
			sessions.Wait()
			node.Close()
			if s := log.String(); !strings.Contains(s, "msg=panic") || !strings.Contains(s, "panic_test.go") {
				t.Errorf("no stack in the log:\n%s", s)
			}
		})
	}
}
