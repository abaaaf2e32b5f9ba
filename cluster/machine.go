package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/chat"
	"parley/cluster/order"
)

// A machine is what the operations are applied to: the ledger, which is the same on all nodes, and who listens here.
// Its methods are called by the goroutine of the order, where nothing else is said.
type machine struct {
	view   *View
	ledger *chat.Ledger
	bus    *chat.Bus
	nodes  map[string]int     // that are up, and the version of the operations that each understands
	needs  int                // the highest version of an operation that was done
	lines  map[chat.Topic]int // how many lines have been said to each topic that may be told of lost ones
	seats  map[string]*seat   // who listens here, by the ID of the entry

	mu    sync.Mutex // guards all below
	names []string   // of nodes, sorted; replaced whole
	time  time.Duration
	at    time.Time            // when time was that
	turns map[string]chan bool // operators here whose turn has not come, by its ID
}

// A seat is somebody who is online on this node.
type seat struct {
	entry    chat.Entry
	listener chat.Listener
}

func newMachine(v *View) machine {
	return machine{view: v, ledger: chat.NewLedger(), bus: chat.NewBus(), nodes: make(map[string]int),
		lines: make(map[chat.Topic]int), seats: make(map[string]*seat), at: time.Now(),
		turns: make(map[string]chan bool)}
}

// now returns the ledger's time. Any goroutine may call it.
func (m *machine) now() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.time + time.Since(m.at)
}

func (m *machine) tick(now time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.time, m.at = now, time.Now()
}

// nameNodes says which nodes are up, to those who ask.
func (m *machine) nameNodes() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.names = slices.Sorted(maps.Keys(m.nodes))
}

// up returns the names of the nodes that are up, sorted. Any goroutine may call it.
func (m *machine) up() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.names)
}

// Apply is that of [order.Machine].
func (m *machine) Apply(op *order.Op) any {
	m.tick(op.Time)
	switch op.Kind {
	case order.Up:
		m.nodes[op.Replica] = max(1, op.Speaks)
		m.nameNodes()
	case order.Gone:
		m.gone(op)
	case order.Submitted:
		return m.submitted(op)
	}
	return nil
}

// submitted does what a node has submitted, and returns the outcome; or an ErrOld of package order, for what a node
// that understands more has done while this one was not up.
func (m *machine) submitted(op *order.Op) any {
	var r request
	err := json.Unmarshal(op.Data, &r)
	if lowest := m.lowest(); r.Needs > lowest {
		return &chat.Outcome{Err: chat.ErrOldNode} // as at all nodes, this one too if it is one of the old ones
	}
	if r.Op != nil && m.view.needs(r.Op) > m.view.version || r.Needs > m.view.version {
		return fmt.Errorf("operation %d: %w", op.Number, order.ErrOld)
	}
	if err != nil || r.Op == nil {
		return &chat.Outcome{Err: fmt.Errorf("operation %d: %w", op.Number, errors.Join(err, errUnknownOp))}
	}
	m.needs = max(m.needs, r.Needs)
	var c *call
	mine := op.Replica == m.view.name && op.Life == m.view.Status().Life // not of a process or a life before this one
	ctx := context.Background()
	if mine {
		if c = m.view.call(r.ID); c != nil {
			ctx = c.ctx
		}
	}
	out := m.ledger.Apply(r.Op, op.Time)
	if out.Err == nil {
		m.tell(ctx, r.Op, &out, c)
		m.order(ctx, op.Replica, &r, &out, c)
	}
	if mine && c == nil && out.Err == nil {
		m.makeUp(r.Op, &out)
	}
	if mine {
		m.doLater(out.Told)
	}
	m.come()
	return &out
}

// lowest returns the lowest version of the operations that all nodes understand which are up.
func (m *machine) lowest() int {
	lowest := math.MaxInt
	for _, version := range m.nodes {
		lowest = min(lowest, version)
	}
	return lowest
}

var errUnknownOp = errors.New("no such operation")

// tell lets those hear of o who are here.
func (m *machine) tell(ctx context.Context, o *chat.Op, out *chat.Outcome, c *call) {
	me := m.view.name
	for _, t := range out.Told {
		m.count(o, t)
		m.bus.Tell(ctx, t)
	}
	switch o.Kind {
	case chat.OpEnter:
		if o.Entry.Node == me && c != nil {
			m.sit(*o.Entry, c.listener, nil)
		}
	case chat.OpUpdate:
		if s := m.seats[o.Entry.ID]; s != nil {
			s.entry = *o.Entry
		}
	case chat.OpQuit:
		if out.Quit {
			m.rise(*o.Entry, nil)
		}
	case chat.OpMove:
		m.rise(out.Was, out.Rooms)
		if o.Entry.Node == me && c != nil {
			m.sit(*o.Entry, c.listener, out.Rooms)
		}
	}
}

// sit makes l hear what concerns the user of e.
func (m *machine) sit(e chat.Entry, l chat.Listener, rooms []chat.Room) {
	m.seats[e.ID] = &seat{e, l}
	m.bus.Enter(e, l, rooms)
}

// rise ends that, if e is here.
func (m *machine) rise(e chat.Entry, rooms []chat.Room) {
	if m.seats[e.ID] != nil {
		delete(m.seats, e.ID)
		m.bus.Quit(e, rooms)
	}
}

// count counts the lines of topics.
func (m *machine) count(o *chat.Op, t chat.Telling) {
	switch {
	case t.Ends:
		delete(m.lines, t.Topic)
	case (o.Kind == chat.OpPublish || o.Kind == chat.OpSpeak || o.Kind == chat.OpSpeakByHook) && m.shared(t.Topic):
		m.lines[t.Topic]++
	}
}

// shared reports whether several hear topic, so that it is told of how many lines were lost.
func (m *machine) shared(topic chat.Topic) bool {
	if topic == chat.Everyone {
		return true
	}
	number, err := roomOf(topic)
	if err == nil {
		_, err = m.ledger.Room(number)
	}
	return err == nil
}

// roomOf returns the number of the room that topic is of.
func roomOf(topic chat.Topic) (int, error) {
	return strconv.Atoi(strings.TrimPrefix(string(topic), "room."))
}

// gone lets all go who are on a node that is gone.
func (m *machine) gone(op *order.Op) {
	delete(m.nodes, op.Replica)
	m.nameNodes()
	if op.Replica == m.view.name {
		// Those who are here are no longer online: they hear nothing of it but why they have to leave.
		for _, s := range maps.Clone(m.seats) {
			m.rise(s.entry, m.ledger.RoomsOf(s.entry.User))
			m.view.expel(s.entry.User, chat.ErrNoDesk)
		}
		m.drop()
	}
	out := m.ledger.Apply(&chat.Op{Kind: chat.OpGone, Node: op.Replica, At: time.Now()}, op.Time)
	for _, t := range out.Told {
		m.count(&chat.Op{}, t)
		m.bus.Tell(context.Background(), t)
	}
	m.doLater(out.Told) // as all nodes do: what comes twice does nothing
	m.view.nodeGone(op.Replica)
	m.come()
}

// doLater hands in, in a moment, what is to be done later of what was told. Should this node be gone by then, the
// others see to it.
func (m *machine) doLater(told []chat.Telling) {
	for _, t := range told {
		if t.Later != nil {
			m.view.handIn(chat.CrowdTime, *t.Later)
		}
	}
}

// makeUp undoes what was done for a call that nobody waits for any more: it was answered with ErrUnsure.
func (m *machine) makeUp(o *chat.Op, out *chat.Outcome) {
	switch o.Kind {
	case chat.OpEnter, chat.OpMove:
		m.view.later(&chat.Op{Kind: chat.OpQuit, Entry: o.Entry, At: time.Now()})
	case chat.OpTakeNumber:
		m.view.later(&chat.Op{Kind: chat.OpGiveNumber, Number: out.Number})
	}
}

// await returns what is sent to once the operators' turn of that ID has come: false if it never will.
func (m *machine) await(id string) <-chan bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	come := make(chan bool, 1)
	m.turns[id] = come
	return come
}

func (m *machine) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.turns, id)
}

// come tells the operator here whose turn has come.
func (m *machine) come() {
	id := m.ledger.Acting().ID
	m.mu.Lock()
	defer m.mu.Unlock()
	if come := m.turns[id]; come != nil {
		come <- true
		delete(m.turns, id)
	}
}

// drop tells the operators who wait here that their turns are lost.
func (m *machine) drop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, come := range m.turns {
		come <- false
	}
	clear(m.turns)
}

// Touch tells all who are here that the others cannot be reached, or can again.
func (m *machine) Touch(inTouch bool) {
	kind := chat.Apart
	if inTouch {
		kind = chat.Together
	}
	m.bus.Publish(context.Background(), chat.Everyone, &chat.Event{Kind: kind, At: time.Now()})
}
