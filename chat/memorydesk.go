package chat

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A memoryDesk is a node's view of a desk in memory.
type memoryDesk struct {
	LedgerDesk
	*sharedMemory
}

// A sharedMemory is what the views of one desk share: that of a node that is alone, or those of several in one process.
type sharedMemory struct {
	start time.Time // of the ledger's time
	nodes []attached

	// moving is held by whoever moves a user from one node to another, and shared by those who tell or ask something:
	// at the move everything has been heard or nothing.
	moving sync.RWMutex

	mu      sync.Mutex               // guards all below
	turns   uint64                   // operators' turns that were asked for
	waiting map[string]chan struct{} // closed when the turn of that ID has come
}

// An attached is a node at the desk, and what does its orders.
type attached struct {
	name    string
	handler atomic.Pointer[Handler] // nil for none
	later   laters
}

// NewMemoryDesk returns the desk of a node that is alone. It lives in memory and dies with the process. Publish returns
// after everybody has heard the event.
func NewMemoryDesk() Desk { return NewMemoryDesks("")[0] }

// NewMemoryDesks returns the views that several nodes in one process have of one desk, by the nodes' names.
func NewMemoryDesks(nodes ...string) []Desk {
	shared := &sharedMemory{
		start: time.Now(), nodes: make([]attached, len(nodes)), waiting: make(map[string]chan struct{}),
	}
	ledger, bus, now := NewLedger(), NewBus(), func() time.Duration { return time.Since(shared.start) }
	views := make([]Desk, len(nodes))
	for i, node := range nodes {
		shared.nodes[i].name = node
		d := &memoryDesk{sharedMemory: shared}
		d.LedgerDesk = NewLedgerDesk(node, ledger, bus, now, d.do)
		views[i] = d
	}
	return views
}

func (d *memoryDesk) Nodes() (up []string) {
	for i := range d.nodes {
		if at := &d.nodes[i]; at.handler.Load() != nil {
			up = append(up, at.name)
		}
	}
	slices.Sort(up)
	return up
}

func (d *memoryDesk) Attach(h Handler) {
	here := d.find(d.node)
	if h == nil {
		here.handler.Store(nil)
		here.later.end()
		return
	}
	here.handler.Store(&h)
	here.later.begin()
}

// find returns the node of that name, or nil.
func (d *sharedMemory) find(node string) *attached {
	for i := range d.nodes {
		if d.nodes[i].name == node {
			return &d.nodes[i]
		}
	}
	return nil
}

func (d *memoryDesk) Enter(_ context.Context, e Entry, l Listener) error {
	d.moving.RLock()
	defer d.moving.RUnlock()
	out := d.ledger.Apply(&Op{Kind: OpEnter, Entry: &e}, d.now())
	if out.Err == nil {
		d.bus.Enter(e, l, nil)
	}
	return out.Err
}

func (d *memoryDesk) Move(ctx context.Context, e Entry, l Listener) (Answer, error) {
	a, later, err := d.move(ctx, e, l)
	if err != nil {
		return Answer{}, err
	}
	return wait(ctx, a, later)
}

func (d *memoryDesk) move(ctx context.Context, e Entry, l Listener) (Answer, <-chan Answer, error) {
	d.moving.Lock()
	defer d.moving.Unlock()
	out := d.ledger.Apply(&Op{Kind: OpMove, Entry: &e}, d.now())
	if out.Err != nil {
		return Answer{}, nil, out.Err
	}
	for _, t := range out.Told {
		d.bus.Tell(ctx, t)
	}
	d.bus.Quit(out.Was, out.Rooms)
	a, later := d.find(out.Was.Node).do(ctx, &Order{Kind: HandOver, User: e.User, Entry: e.ID})
	d.bus.Enter(e, l, out.Rooms)
	return a, later, nil
}

func (d *memoryDesk) Quit(ctx context.Context, e Entry) error {
	out, err := d.do(ctx, &Op{Kind: OpQuit, Entry: &e, At: time.Now()})
	if out.Quit {
		d.bus.Quit(e, nil)
	}
	return err
}

func (d *memoryDesk) Speak(ctx context.Context, number int, e *Event) (err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.step(ctx, RoomTopic(number), func() (t Telling, ok bool) {
		t, err = d.ledger.speak(number, e, d.now())
		return t, err == nil
	})
	return err
}

// do does o, and tells what is to be told of it.
func (d *memoryDesk) do(ctx context.Context, o *Op) (Outcome, error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	out, done := d.tryToDo(ctx, o)
	for !done {
		out, done = d.tryToDo(ctx, o)
	}
	for _, t := range out.Told {
		if next := t.Later; next != nil {
			d.find(d.node).later.after(CrowdTime, func() { d.later(*next) })
		}
	}
	return out, out.Err
}

// tryToDo does o while all topics are held that are told of it, so that what is told is heard in the order of what is
// done. It returns false, and has done nothing, if they are others by the time that they are held.
func (d *memoryDesk) tryToDo(ctx context.Context, o *Op) (out Outcome, done bool) {
	topics := d.topicsOf(o)
	held := d.bus.holdAll(topics)
	defer d.bus.release(held)
	if !slices.Equal(topics, d.topicsOf(o)) {
		return out, false
	}
	out = d.ledger.Apply(o, d.now())
	for _, t := range out.Told {
		d.bus.tellHeld(ctx, t, held)
	}
	return out, true
}

// later does o, which was to be done later than what it follows from.
func (d *memoryDesk) later(o Op) {
	o.At = time.Now()
	_, _ = d.do(context.Background(), &o) // there is no error: it does nothing, or tells
}

// topicsOf returns the topics that many hear and that are told of o, if it is done now, sorted. Whatever opens a room
// holds Everyone: one at a time gets the next number.
func (d *memoryDesk) topicsOf(o *Op) (topics []Topic) {
	switch o.Kind {
	case OpOpenRoom:
		topics = []Topic{Everyone, RoomTopic(d.ledger.Next())}
	case OpStand:
		if topics = []Topic{RoomTopic(o.Number)}; o.Number < 0 {
			topics = []Topic{Everyone, RoomTopic(d.ledger.Next())}
		}
	case OpUnstand:
		if number, there := d.ledger.numberOf(o.Text.String()); there {
			topics = []Topic{RoomTopic(number)}
		}
	case OpChangeRoom, OpTellCounted, OpSpeakByHook:
		topics = []Topic{RoomTopic(o.Number)}
	case OpCalm:
		topics = []Topic{Everyone}
	case OpQuit:
		for _, r := range d.ledger.RoomsOf(o.Entry.User) {
			topics = append(topics, RoomTopic(r.Number))
		}
		slices.Sort(topics)
	}
	return topics
}

func (d *memoryDesk) Publish(ctx context.Context, topic Topic, e *Event) error {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.Publish(ctx, topic, e)
	return nil
}

func (d *memoryDesk) Ask(ctx context.Context, node string, o *Order) (Answer, error) {
	a, later, err := d.ask(ctx, node, o)
	if err != nil {
		return Answer{}, err
	}
	return wait(ctx, a, later)
}

func (d *memoryDesk) ask(ctx context.Context, node string, o *Order) (Answer, <-chan Answer, error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	at := d.find(node)
	if at == nil {
		return Answer{}, nil, ErrNotFound
	}
	a, later := at.do(ctx, o)
	return a, later, nil
}

func (d *memoryDesk) All(ctx context.Context, o *Order) ([]Answer, error) {
	answers, later := d.askAll(ctx, o)
	var errs []error
	for i := range answers {
		var err error
		if answers[i], err = wait(ctx, answers[i], later[i]); err != nil {
			errs = append(errs, err)
		}
	}
	return answers, errors.Join(errs...)
}

func (d *memoryDesk) askAll(ctx context.Context, o *Order) ([]Answer, []<-chan Answer) {
	answers, later := make([]Answer, len(d.nodes)), make([]<-chan Answer, len(d.nodes))
	d.moving.RLock()
	defer d.moving.RUnlock()
	for i := range d.nodes {
		answers[i], later[i] = d.nodes[i].do(ctx, o)
	}
	return answers, later
}

// do lets the node do o. The caller holds moving. A node that is not at the desk does nothing.
func (at *attached) do(ctx context.Context, o *Order) (Answer, <-chan Answer) {
	if at == nil {
		return Answer{}, nil
	}
	h := at.handler.Load()
	if h == nil {
		return Answer{}, nil
	}
	return (*h).Do(ctx, o)
}

// wait returns the answer that comes later, or a if later is nil.
func wait(ctx context.Context, a Answer, later <-chan Answer) (Answer, error) {
	if later == nil {
		return a, nil
	}
	select {
	case a = <-later:
		return a, nil
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

func (d *memoryDesk) Operate(ctx context.Context) (done func(), err error) {
	d.mu.Lock()
	d.turns++
	t := Turn{ID: strconv.FormatUint(d.turns, 10), Node: d.node}
	come := make(chan struct{})
	d.waiting[t.ID] = come
	d.ledger.Apply(&Op{Kind: OpOperate, Turn: t}, d.now())
	d.comeLocked()
	d.mu.Unlock()
	done = func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting, t.ID)
		d.ledger.Apply(&Op{Kind: OpYield, Turn: t}, d.now())
		d.comeLocked()
	}
	select {
	case <-come:
		return sync.OnceFunc(done), nil
	case <-ctx.Done():
		done()
		return nil, ctx.Err()
	}
}

// comeLocked tells the operator whose turn has come.
func (d *memoryDesk) comeLocked() {
	id := d.ledger.Acting().ID
	if come := d.waiting[id]; come != nil {
		delete(d.waiting, id)
		close(come)
	}
}
