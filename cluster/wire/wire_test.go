package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"parley/cluster/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t *testing.T, urls []string, node string) *Wire {
	t.Helper()
	w, err := Connect(t.Context(), Options{Servers: urls, Node: node, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// hear returns what arrives at w.
func hear(w *Wire) <-chan string {
	heard := make(chan string, 10000)
	w.Link().Receive(func(m []byte) { heard <- string(m) })
	return heard
}

func await(t *testing.T, heard <-chan string, want string) {
	t.Helper()
	select {
	case got := <-heard:
		if got != want {
			t.Errorf("got %.40q of %d bytes, want %.40q of %d", got, len(got), want, len(want))
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%.40q did not arrive", want)
	}
}

func TestLink(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	a, b := connect(t, servers.URLs(), "a"), connect(t, servers.URLs(), "b")
	c := connect(t, servers.URLs(), "c")
	atB, atC := hear(b), hear(c)
	for _, n := range []int{0, 1, 1000, 1 << 20, 5<<20 + 1} {
		message := strings.Repeat("x", n)
		a.Link().Send("b", []byte(message))
		await(t, atB, message)
	}
	for i := range 1000 {
		a.Link().Send("b", fmt.Append(nil, i))
	}
	for i := range 1000 {
		await(t, atB, fmt.Sprint(i))
	}
	c.Link().Send("c", []byte("to itself")) // nobody needs that
	if len(atB) > 0 || len(atC) > 0 {
		t.Error("something arrived that was not sent")
	}
	b.Link().Receive(nil)
	a.Link().Send("b", []byte("to nobody"))
	a.Link().Send("c", []byte("later"))
	await(t, atC, "later")
	if len(atB) > 0 {
		t.Error("something arrived after Receive(nil)")
	}
}

// TestPrefixes has two clusters use the same servers.
func TestPrefixes(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	var from []*Wire
	var heard []<-chan string
	for _, prefix := range []string{"one", "two"} {
		var pair []*Wire
		for _, node := range []string{"a", "b"} {
			w, err := Connect(t.Context(), Options{Servers: servers.URLs(), Node: node, Prefix: prefix,
				Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			pair = append(pair, w)
		}
		from, heard = append(from, pair[0]), append(heard, hear(pair[1]))
	}
	from[0].Link().Send("b", []byte("in one"))
	from[1].Link().Send("b", []byte("in two"))
	await(t, heard[0], "in one")
	await(t, heard[1], "in two")
}

// TestServerDies takes the server away that a node is connected to: the node finds another at once.
func TestServerDies(t *testing.T) {
	servers := natstest.Start(t, 3, nil)
	urls := servers.URLs()
	a, b := connect(t, urls[:1], "a"), connect(t, urls[1:2], "b") // the client hears of the other servers
	heard := hear(b)
	sendUntilHeard(t, a, heard) // one server tells the other that b listens
	servers.Stop(0)
	for len(heard) > 0 {
		<-heard
	}
	if took := sendUntilHeard(t, a, heard); took > 2*time.Second {
		t.Errorf("nothing arrived for %v", took)
	}
	if url := a.Server(); url == urls[0] {
		t.Errorf("still at %s", url)
	}
}

// sendUntilHeard sends messages from a to b until one arrives, and returns how long that took.
func sendUntilHeard(t *testing.T, a *Wire, heard <-chan string) time.Duration {
	t.Helper()
	began := time.Now()
	for len(heard) == 0 {
		if time.Since(began) > 10*time.Second {
			t.Fatal("nothing arrives")
		}
		a.Link().Send("b", []byte("again"))
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}

func TestRefused(t *testing.T) {
	servers := natstest.Start(t, 1, func(o *server.Options) { o.Username, o.Password = "parley", "right" })
	for _, tt := range []struct {
		name, login string
		want        error
	}{
		{"right", "parley:right@", nil},
		{"wrong password", "parley:wrong@", ErrRefused},
		{"no password", "", ErrRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := strings.Replace(servers.URLs()[0], "://", "://"+tt.login, 1)
			w, err := Connect(t.Context(), Options{Servers: []string{url}, Node: "a",
				Log: slog.New(slog.DiscardHandler)})
			if err == nil {
				defer w.Close()
				if strings.Contains(w.Server(), "right@") {
					t.Errorf("Server shows the password: %s", w.Server())
				}
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Connect(ctx, Options{Servers: []string{"nats://me:secret@" + address}, Node: "a"})
	if err == nil || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want the address without the password", err)
	}
	for _, o := range []Options{{Credentials: "/nowhere/a.creds"}, {CA: "/nowhere/ca.pem"},
		{Certificate: "/nowhere/cert.pem", Key: "/nowhere/key.pem"}} {
		o.Servers, o.Node = []string{"nats://" + address}, "a"
		if _, err := Connect(t.Context(), o); err == nil || !strings.Contains(err.Error(), "/nowhere/") {
			t.Errorf("got %v, want the file that is not there", err)
		}
	}
	for _, o := range []Options{{Credentials: os.DevNull}, {CA: os.DevNull},
		{Certificate: os.DevNull, Key: os.DevNull}} {
		if err := o.CheckFiles(); err == nil || !strings.HasSuffix(err.Error(), "is no plain file") {
			t.Errorf("a device: got %v", err) // nor a pipe, for which nobody waits
		}
	}
}

// A stuck is a connection that can be made to take nothing any more.
type stuck struct {
	net.Conn
	mu sync.Mutex // held while it is stuck
}

func (s *stuck) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Conn.Write(b)
}

func (s *stuck) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	s.Conn = c
	return s, err
}

// TestStuck sends more than fits while the connection takes nothing: Send never waits, and memory is bounded.
func TestStuck(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	s := new(stuck)
	a, err := Connect(t.Context(), Options{Servers: servers.URLs(), Node: "a", Log: slog.New(slog.DiscardHandler),
		dialer: s})
	if err != nil {
		t.Fatal(err)
	}
	b := connect(t, servers.URLs(), "b")
	heard := hear(b)
	s.mu.Lock()
	began := time.Now()
	message := bytes.Repeat([]byte("m"), 64<<10)
	for range 3 * maxWaitingBytes / len(message) {
		a.Link().Send("b", message)
	}
	for range 3 * maxWaiting {
		a.Link().Send("b", nil)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("Send took %v", took)
	}
	if n := a.Link().waiting.Load(); n > maxWaitingBytes {
		t.Errorf("%d bytes wait", n)
	}
	if a.Link().Lost() < maxWaiting {
		t.Errorf("%d messages were lost, which is too few", a.Link().Lost())
	}
	s.mu.Unlock()
	await(t, heard, string(message))
	a.Close()
}
