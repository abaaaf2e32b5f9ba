package chat

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A memoryDesk is a node's view of a desk in memory.
type memoryDesk struct {
	*sharedMemory
	node string
}

// A sharedMemory is the desk itself: of a node that is alone, or of several in one process.
type sharedMemory struct {
	ledger *Ledger
	bus    *Bus
	start  time.Time // of the ledger's time
	nodes  []attached

	// moving is held by whoever moves a user from one node to another, and shared by those who tell or ask something:
	// at the move everything has been heard or nothing.
	moving  sync.RWMutex
	opening sync.Mutex // held while a room is opened: its number is known before it is there

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
		ledger: NewLedger(), bus: NewBus(), start: time.Now(), nodes: make([]attached, len(nodes)),
		waiting: make(map[string]chan struct{}),
	}
	views := make([]Desk, len(nodes))
	for i, node := range nodes {
		shared.nodes[i].name = node
		views[i] = &memoryDesk{shared, node}
	}
	return views
}

func (d *memoryDesk) Node() string { return d.node }

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
	if err := d.ledger.Enter(e); err != nil {
		return err
	}
	d.bus.Enter(e, l, nil)
	return nil
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
	was, rooms, told, err := d.ledger.Move(e)
	if err != nil {
		return Answer{}, nil, err
	}
	for _, t := range told {
		d.bus.Tell(ctx, t)
	}
	d.bus.Quit(was, rooms)
	a, later := d.find(was.Node).do(ctx, &Order{Kind: HandOver, User: e.User, Entry: e.ID})
	d.bus.Enter(e, l, rooms)
	return a, later, nil
}

func (d *memoryDesk) Update(ctx context.Context, e Entry) error {
	d.moving.RLock()
	defer d.moving.RUnlock()
	told, err := d.ledger.Update(e)
	for _, t := range told {
		d.bus.Tell(ctx, t)
	}
	return err
}

func (d *memoryDesk) Quit(ctx context.Context, e Entry) error {
	d.moving.RLock()
	defer d.moving.RUnlock()
	quit := false
	var told []Telling
	for done := false; !done; {
		rooms := d.ledger.RoomsOf(e.User)
		topics := make([]Topic, len(rooms))
		for i, r := range rooms {
			topics[i] = RoomTopic(r.Number)
		}
		d.bus.steps(ctx, topics, func() []Telling {
			now := d.ledger.RoomsOf(e.User)
			done = slices.EqualFunc(rooms, now, func(a, b Room) bool { return a.Number == b.Number })
			if !done {
				return nil // the user has changed rooms meanwhile
			}
			told, quit = d.ledger.Quit(e, time.Now(), d.now())
			return told
		})
	}
	if quit {
		d.bus.Quit(e, nil)
	}
	d.doLater(told)
	return nil
}

func (d *memoryDesk) Find(_ context.Context, name string) (Entry, error) { return d.ledger.Find(name) }

func (d *memoryDesk) Online(context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e := range d.ledger.Online() {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (d *memoryDesk) OpenRoom(ctx context.Context, topic Text, leader User) (r Room, err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.opening.Lock()
	defer d.opening.Unlock()
	d.bus.steps(ctx, []Topic{Everyone, RoomTopic(d.ledger.Next())}, func() (told []Telling) {
		r, told, err = d.ledger.OpenRoom(topic, leader, time.Now())
		return told
	})
	return r, err
}

func (d *memoryDesk) ChangeRoom(ctx context.Context, number int, c RoomChange) (r Room, err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	var told []Telling
	d.bus.steps(ctx, []Topic{RoomTopic(number)}, func() []Telling {
		r, told, err = d.ledger.ChangeRoom(number, c, d.now())
		return told
	})
	d.doLater(told)
	return r, err
}

func (d *memoryDesk) Stand(ctx context.Context, number int, s Standing, by User) (r Room, err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.opening.Lock()
	defer d.opening.Unlock()
	at := number
	if at < 0 {
		at = d.ledger.Next()
	}
	d.bus.steps(ctx, []Topic{RoomTopic(at)}, func() (told []Telling) {
		r, told, err = d.ledger.Stand(number, s, by, time.Now())
		return told
	})
	return r, err
}

func (d *memoryDesk) Unstand(ctx context.Context, name string, by User) (r Room, err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	for done := false; !done; {
		number, there := d.ledger.NumberOf(name)
		if !there {
			return Room{}, ErrNotFound
		}
		d.bus.steps(ctx, []Topic{RoomTopic(number)}, func() (told []Telling) {
			now, _ := d.ledger.NumberOf(name)
			if done = now == number; !done {
				return nil // another room has taken the name meanwhile
			}
			r, told, err = d.ledger.Unstand(name, by, time.Now())
			return told
		})
	}
	return r, err
}

func (d *memoryDesk) Forget(_ context.Context, u User) error {
	d.ledger.Forget(u)
	return nil
}

func (d *memoryDesk) Speak(ctx context.Context, number int, e *Event) (err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.step(ctx, RoomTopic(number), func() (t Telling, ok bool) {
		t, err = d.ledger.Speak(number, e, d.now())
		return t, err == nil
	})
	return err
}

func (d *memoryDesk) SpeakByHook(ctx context.Context, number int, key string, e *Event) (err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.step(ctx, RoomTopic(number), func() (t Telling, ok bool) {
		t, err = d.ledger.SpeakByHook(number, key, e, d.now())
		return t, err == nil
	})
	return err
}

func (d *memoryDesk) Calm(ctx context.Context, lasts time.Duration) (err error) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.steps(ctx, []Topic{Everyone}, func() (told []Telling) {
		told, err = d.ledger.Calm(lasts, time.Now(), d.now())
		return told
	})
	return err
}

func (d *memoryDesk) CalmLeft() time.Duration { return d.ledger.CalmLeft(d.now()) }

func (d *memoryDesk) Died() (ago time.Duration, ever bool) { return d.ledger.Died(d.now()) }

func (d *memoryDesk) Known(source netip.Addr) bool { return d.ledger.Known(source, d.now()) }

// doLater does in a moment what is to be done later of what was told.
func (d *memoryDesk) doLater(told []Telling) {
	for _, t := range told {
		if t.Later != nil {
			d.find(d.node).later.after(CrowdTime, func() { d.tellCounted(t.Later) })
		}
	}
}

func (d *memoryDesk) tellCounted(o *Op) {
	d.moving.RLock()
	defer d.moving.RUnlock()
	d.bus.steps(context.Background(), []Topic{RoomTopic(o.Number)}, func() []Telling {
		return d.ledger.TellCounted(o.Number, o.Since, time.Now(), d.now())
	})
}

func (d *memoryDesk) Room(_ context.Context, number int) (Room, error) { return d.ledger.Room(number) }

func (d *memoryDesk) Rooms(context.Context) ([]Room, error) { return d.ledger.Rooms(), nil }

func (d *memoryDesk) RoomsOf(_ context.Context, u User) ([]Room, error) {
	return d.ledger.RoomsOf(u), nil
}

func (d *memoryDesk) Past(_ context.Context, topic Topic, u User) (Past, error) {
	return d.bus.Past(topic, u)
}

func (d *memoryDesk) Heard(_ context.Context, u User) ([]Line, error) {
	return d.bus.Heard(u, d.ledger.RoomsOf(u)), nil
}

func (d *memoryDesk) Said() uint64 { return d.bus.Said() }

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

// now is the ledger's time.
func (d *memoryDesk) now() time.Duration { return time.Since(d.start) }
