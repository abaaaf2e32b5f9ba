package chat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	modelActors = 200 // goroutines
	modelSteps  = 80  // of each
	modelShared = 10  // accounts that two actors log in to, taking it from each other
	modelRooms  = 60  // are opened
)

// A crowd is many users, on one node or several, who do what comes into their mind. What they say is numbered, so that
// it can be told afterwards who heard what in which order.
type crowd struct {
	nodes  []*Node
	clock  atomic.Int64 // ticks before and after each call
	starts atomic.Int64 // of rooms
	mu     sync.Mutex   // guards calls
	calls  map[int64]call
}

// A call is one use of say, shout or tell.
type call struct {
	from       string // ID
	start, end int64
}

// A tape is a listener that knows the one true order of a topic.
type tape struct {
	mu        sync.Mutex     // guards all below
	positions map[*Event]int // from 1
	closed    bool           // it ends there
}

func newTape() *tape { return &tape{positions: make(map[*Event]int)} }

func (t *tape) Hear(_ context.Context, e *Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.positions[e] = len(t.positions) + 1
	t.closed = t.closed || e.Kind == Closed
}

func (t *tape) Sit() {}

// An actor is one user, or one of two who share an account.
type actor struct {
	*testing.T
	crowd  *crowd
	name   string // "" for a guest
	shared bool
	rand   *rand.Rand

	at      *Node
	seat    *seat
	me      *Presence
	heard   []*Event
	blocked map[string]int64 // by ID: when Block had returned
	deaf    []deafness
	shouted string // the line that must be in the mailbox when it is read next
}

// deafness is the time in which nothing that is said may be heard.
type deafness struct {
	from       string
	start, end int64
}

func TestCrowd(t *testing.T) {
	for name, nodes := range map[string][]string{"one node": {""}, "three nodes": {"a", "b", "c"}} {
		t.Run(name, func(t *testing.T) { testCrowd(t, NewMemoryDesks(nodes...)) })
	}
}

func testCrowd(t *testing.T, desks []Desk) {
	c := &crowd{calls: make(map[int64]call)}
	store := NewMemoryStore()
	for _, d := range desks {
		c.nodes = append(c.nodes, New(Options{Hash: cheap, Guests: GuestsChat, Desk: d, Store: store, Wars: true}))
	}
	tapes := map[Topic]*tape{Everyone: newTape()}
	for number := range modelRooms {
		tapes[RoomTopic(number)] = newTape()
	}
	for topic, tape := range tapes {
		busOf(c.nodes[0]).subscribe(topic, tape)
	}
	actors := make([]*actor, modelActors)
	var wg sync.WaitGroup
	for i := range actors {
		a := &actor{T: t, crowd: c, rand: rand.New(rand.NewPCG(1, uint64(i))), blocked: make(map[string]int64)}
		actors[i] = a
		if number := i % (modelActors - modelShared); number%9 != 8 {
			a.name, a.shared = fmt.Sprint("U", number), number < modelShared
		}
		if a.name != "" && i < modelActors-modelShared {
			register(t, c.nodes[0], a.name)
		}
	}
	for _, a := range actors {
		wg.Go(a.live)
	}
	wg.Wait()
	for _, n := range c.nodes {
		n.Close()
	}
	for topic, tape := range tapes {
		busOf(c.nodes[0]).unsubscribe(topic, tape)
	}
	for _, n := range c.nodes {
		wantEmpty(t, n)
	}
	heard := 0
	for _, a := range actors {
		heard += len(a.heard)
		a.check(tapes)
	}
	if rooms := c.nodes[0].Rooms(t.Context()); len(rooms) != 0 {
		t.Errorf("rooms at the end: %+v", rooms)
	}
	if heard < modelActors*modelSteps/4 || len(tapes[RoomTopic(0)].positions) == 0 {
		t.Errorf("only %d events were heard: this was no test", heard)
	}
}

// live is the actor's life.
func (a *actor) live() {
	for range modelSteps {
		if a.me == nil || a.seat.ended() != nil {
			a.come()
		}
		a.step()
		a.read()
	}
	a.node().Quit(context.Background(), a.me, a.seat)
	a.read()
}

// node returns the node where the actor is.
func (a *actor) node() *Node { return a.at }

func (a *actor) come() {
	a.seat, a.at = new(seat), a.crowd.nodes[a.rand.IntN(len(a.crowd.nodes))]
	for {
		var err error
		if a.name == "" {
			a.me, err = a.node().Guest(a.Context(), a.seat)
		} else {
			a.me, _, err = a.node().Login(a.Context(), a.name, secretOf(a.name), a.seat)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, ErrBusy) {
			a.Errorf("%s comes: %v", a.name, err)
			return
		}
	}
}

// read looks at what came. Nothing may come from those who are blocked now.
func (a *actor) read() {
	events := a.me.Take()
	for _, e := range events {
		if since, blocked := a.blocked[e.From.ID]; blocked && e.Kind != Closed {
			a.Errorf("%s, who has blocked %s at %d, reads %q", a.me.User.Name, e.From.Name, since, e.Text.s)
		}
	}
	if a.shouted != "" && !a.shared && !slices.ContainsFunc(events, func(e *Event) bool {
		return e.Text.s == a.shouted
	}) {
		a.Errorf("%s does not hear %q", a.me.User.Name, a.shouted)
	}
	a.shouted = ""
	if errors.Is(a.seat.ended(), ErrTooSlow) {
		a.Errorf("%s was too slow", a.me.User.Name)
	}
	a.heard = append(a.heard, events...)
}

// step does one thing. Refusals are part of life; nothing may break.
func (a *actor) step() {
	ctx, n := a.Context(), a.node()
	room := int(a.rand.Int64N(min(modelRooms, a.crowd.starts.Load()+1)))
	other := fmt.Sprint("u", a.rand.IntN(modelActors-modelShared))
	var err error
	switch what := a.rand.IntN(100); {
	case what < 3:
		if a.mayStart() {
			_, err = n.Start(ctx, a.me, Clean("topic"))
		}
	case what < 25:
		_, err = n.Join(ctx, a.me, room)
	case what < 30:
		_, err = n.Leave(ctx, a.me, room)
	case what < 65:
		if mine := a.rooms(); len(mine) > 0 {
			room = mine[a.rand.IntN(len(mine))].Number
			a.say(func(text Text) error { return n.Say(ctx, a.me, room, text) })
		}
	case what < 70:
		a.say(func(text Text) error {
			a.shouted = text.String()
			return n.Shout(ctx, a.me, text)
		})
	case what < 82:
		a.say(func(text Text) error { _, _, err := n.Tell(ctx, a.me, other, text); return err })
	case what < 88:
		err = a.block(other)
	case what < 92:
		err = a.unblock()
	case what < 94:
		_, err = n.Status(ctx, a.me, other)
	case what < 96:
		a.me.Entered()
		n.Who()
	case what < 98:
		n.Quit(ctx, a.me, a.seat)
		a.read()
		a.come()
	default:
		if a.name != "" {
			a.come() // from another connection
		}
	}
	if err != nil && !IsRefusal(err) {
		a.Errorf("%s: %v", a.me.User.Name, err)
	}
}

// mayStart keeps the number of rooms where there are tapes.
func (a *actor) mayStart() bool { return a.crowd.starts.Add(1) <= modelRooms }

func (a *actor) rooms() []Room { return a.node().desk.RoomsOf(a.me.User) }

// say says the next number and writes down when.
func (a *actor) say(speak func(Text) error) {
	start := a.crowd.clock.Add(1)
	err := speak(Clean("m" + strconv.FormatInt(start, 10)))
	if err != nil && !IsRefusal(err) {
		a.Error(err)
	}
	a.crowd.mu.Lock()
	defer a.crowd.mu.Unlock()
	a.crowd.calls[start] = call{a.me.User.ID, start, a.crowd.clock.Add(1)}
}

// block blocks an account. Those who share theirs do not, as they could not know about each other.
func (a *actor) block(name string) error {
	if a.shared || a.name == "" || len(a.blocked) > 20 {
		return nil
	}
	_, err := a.node().Block(a.Context(), a.me, name)
	if err == nil {
		a.blocked[skeleton(name)] = a.crowd.clock.Add(1)
	}
	return err
}

func (a *actor) unblock() error {
	for id, since := range a.blocked {
		delete(a.blocked, id)
		a.deaf = append(a.deaf, deafness{id, since, a.crowd.clock.Add(1)})
		_, err := a.node().Unblock(a.Context(), a.me, id)
		return err
	}
	return nil
}

// check tests what the actor heard against the tapes and the calls.
func (a *actor) check(tapes map[Topic]*tape) {
	now := a.crowd.clock.Add(1)
	for id, since := range a.blocked {
		a.deaf = append(a.deaf, deafness{id, since, now})
	}
	last := make(map[Topic]int)
	for _, e := range a.heard {
		if e.Kind == Told {
			continue
		}
		topic := topicOf(e)
		switch position, taped := tapes[topic].positions[e]; {
		case taped && position <= last[topic]:
			a.Errorf("an actor heard %q twice, or in another order than others", e.Text.s)
		case taped:
			last[topic] = position
		case !tapes[topic].closed:
			a.Errorf("an actor heard %q, which nobody said", e.Text.s)
			// Else the room was closed while this was said, and the actor, who was about to come in, heard it.
		}
	}
	for _, e := range a.heard {
		number, spoken := strings.CutPrefix(e.Text.s, "m")
		start, err := strconv.ParseInt(number, 10, 64)
		if !spoken || err != nil {
			continue
		}
		said := a.crowd.calls[start]
		for _, d := range a.deaf {
			if d.from == said.from && d.start < said.start && said.end < d.end {
				a.Errorf("heard %q, said from %d to %d, although blocked from %d to %d", e.Text.s, said.start, said.end,
					d.start, d.end)
			}
		}
	}
}

func topicOf(e *Event) Topic {
	if e.Kind == Shouted || e.Kind == Opened {
		return Everyone
	}
	return RoomTopic(e.Room)
}
