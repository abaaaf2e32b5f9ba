package chattest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/chat"
	"parley/words"
)

// TestNodes tests that several nodes of one chat keep the promises of [chat.Node] together. open returns a node for
// each of the options, to which it adds a desk, and whatever else there is to be added; it closes them when the test
// ends.
func TestNodes(t *testing.T, run Runner, open func(t *testing.T, options []chat.Options) []*chat.Node) {
	for _, tt := range slices.Concat(nodeTalkTests, nodeSeatTests, nodeDrainTests, nodeOperatorTests) {
		t.Run(tt.name, func(t *testing.T) { run(t, func(t *testing.T) { tt.run(newHouse(t, open)) }) })
	}
}

func newHouse(t *testing.T, open func(t *testing.T, options []chat.Options) []*chat.Node) *house {
	h := &house{tester: tester{t}, stopped: make(chan int, 3)}
	options := make([]chat.Options, cap(h.stopped))
	store := chat.NewMemoryStore()
	for i := range options {
		options[i] = chat.Options{
			Store: store, Guests: chat.GuestsChat, Hash: chat.HashParams{Memory: 8, Time: 1},
			Exempt: chat.Sources{}, Hold: 2 * time.Minute, Wars: true, Stop: func() { h.stopped <- i },
		}
	}
	h.nodes = open(t, options)
	return h
}

type nodeTest struct {
	name string
	run  func(h *house)
}

// A house is a chat of three nodes.
type house struct {
	tester
	nodes   []*chat.Node
	stopped chan int // the nodes that were told to stop
}

// online waits until all who are online are those called names, on all nodes.
func (h *house) online(names ...string) {
	h.Helper()
	for _, n := range h.nodes {
		h.eventually(strings.Join(names, ", ")+" are online", func() bool {
			return slices.Equal(n.Who(), names)
		})
	}
}

// A guy is a user at a connection.
type guy struct {
	h    *house
	node *chat.Node
	me   *chat.Presence
	from netip.Addr

	mu     sync.Mutex // guards all below
	reason error
	read   []string
}

func (g *guy) Wake(context.Context) {}

func (g *guy) End(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason == nil {
		g.reason = reason
	}
}

func (g *guy) Source() netip.Addr { return g.from }

func (g *guy) ended() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reason
}

var home = netip.MustParseAddr("192.0.2.1")

func passwordOf(name string) string { return "pw of " + name }

// come registers a user and logs in at the node of that number.
func (h *house) come(node int, name string) *guy {
	h.Helper()
	h.must(h.nodes[node].RegisterInvited(h.Context(), chat.AtConsole(), "", name, passwordOf(name)))
	return h.login(node, name)
}

func (h *house) login(node int, name string) *guy {
	h.Helper()
	g, err := h.tryLogin(node, name, passwordOf(name), home)
	h.must(err)
	return g
}

func (h *house) tryLogin(node int, name, password string, from netip.Addr) (*guy, error) {
	g := &guy{h: h, node: h.nodes[node], from: from}
	proof, err := g.node.Authenticate(h.Context(), chat.Try{Name: name, Typed: password, Source: from})
	if err == nil {
		g.me, _, err = g.node.Enter(h.Context(), proof.User, g)
	}
	return g, err
}

// operator registers an operator, who logs in at the node of that number.
func (h *house) operator(node int, name string) *guy {
	h.Helper()
	g := h.come(node, name)
	h.must(h.nodes[node].Promote(h.Context(), chat.AtConsole(), name))
	g.until("!!system!!: You are an operator now.")
	g.drain()
	return g
}

func (h *house) guest(node int, from netip.Addr) *guy {
	h.Helper()
	g := &guy{h: h, node: h.nodes[node], from: from}
	var err error
	g.me, err = g.node.Guest(h.Context(), g)
	h.must(err)
	return g
}

func (g *guy) by() chat.Actor { return chat.By(g.me) }

// drain returns what the user reads, and forgets it.
func (g *guy) drain() []string {
	g.look()
	lines := g.read
	g.read = nil
	return lines
}

func (g *guy) look() {
	for _, e := range g.me.Take() {
		g.read = append(g.read, string(words.English.AppendEvent(nil, e.Kind.String(), e)))
	}
}

// until reads until a line has begin at its beginning, and returns all that was not drained before.
func (g *guy) until(begin string) []string {
	g.h.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		g.look()
		if slices.ContainsFunc(g.read, func(line string) bool { return strings.HasPrefix(line, begin) }) {
			return g.read
		}
		if time.Now().After(end) {
			g.h.Fatalf("%s never read %q, but %q", g.me.User.Name, begin, g.read)
		}
	}
}

// reads tests that the user has just these lines to read, and drains them.
func (g *guy) reads(want ...string) {
	g.h.Helper()
	if len(want) > 0 {
		g.until(want[len(want)-1])
	}
	if got := g.drain(); !slices.Equal(got, want) {
		g.h.Errorf("%s reads %q, want %q", g.me.User.Name, got, want)
	}
}

func (g *guy) tell(name, text string) error {
	_, err := g.node.TellUser(g.h.Context(), g.me, chat.User{Name: name}, chat.Clean(text))
	return err
}

func (g *guy) say(room int, text string) {
	g.h.Helper()
	g.h.must(g.node.SpeakIn(g.h.Context(), g.me, room, chat.Said, chat.Clean(text)))
}

func (g *guy) shout(text string) {
	g.h.Helper()
	g.h.must(g.tryShout(text))
}

func (g *guy) tryShout(text string) error {
	return g.node.SpeakToAll(g.h.Context(), g.me, chat.Shouted, chat.Clean(text))
}

// start opens a room that others join.
func (g *guy) start(others ...*guy) int {
	g.h.Helper()
	r, err := g.node.Start(g.h.Context(), g.me, chat.Clean("tea"))
	g.h.must(err)
	for _, other := range others {
		other.join(r.Number)
	}
	return r.Number
}

func (g *guy) join(room int) {
	g.h.Helper()
	g.h.eventually("the room is open", func() bool {
		_, err := g.node.Join(g.h.Context(), g.me, room)
		if err != nil && !errors.Is(err, chat.ErrNoRoom) {
			g.h.Fatal(err)
		}
		return err == nil
	})
}

func (g *guy) quit() { g.node.Quit(g.h.Context(), g.me, g) }
