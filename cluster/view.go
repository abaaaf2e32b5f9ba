package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"parley/chat"
	"parley/chat/record"
	"parley/cluster/order"
	"parley/internal/crash"
)

// Options say what a node's view of the desk is made of. Name, Nodes, Link and Store must be there.
type Options struct {
	Name  string   // of this node
	Nodes []string // the names of all nodes, this one's too: the same everywhere, one to five
	Link  order.Link
	// Store is shared by all nodes. It is needed to start, and to find another desk.
	Store record.Store
	Rand  *rand.Rand   // nil means one that nobody can foresee
	Log   *slog.Logger // nil means slog.Default
	// Before is called before each round of the node's work: see [order.Options].
	Before func()

	machine func(order.Machine) order.Machine // tests look at what is applied
	version int                               // tests are of another than chat.OpsVersion, which is what zero means
	needs   func(*chat.Op) int                // tests have operations of later versions; nil is [chat.Op.Needs]
	slack   int                               // see [order.Options]
}

// A View is a node's view of the desk: a [chat.Desk]. All methods are safe for concurrent use.
type View struct {
	chat.LedgerDesk

	name    string
	log     *slog.Logger
	replica *order.Replica
	state   machine
	version int // of the operations that are understood here
	needs   func(*chat.Op) int

	ctx    context.Context // ends at Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
	chores queue[chore]  // what has to be made up for, see janitor
	leave  queue[leaver] // who has to be sent away, see porter

	mu      sync.Mutex // guards all below, and answers of calls; never held while anything else is called
	handler chat.Handler
	calls   map[string]*call
	last    uint64 // of the calls
	given   map[string]chat.Answer
	oldest  []string // of given, in their order
}

// Open opens the view of a node. It returns once the store has been read; see [View.Await].
func Open(ctx context.Context, o Options) (*View, error) {
	v := &View{name: o.Name, log: o.Log, calls: make(map[string]*call), given: make(map[string]chat.Answer)}
	v.chores, v.leave = newQueue[chore](), newQueue[leaver]()
	if v.log == nil {
		v.log = slog.Default()
	}
	if v.version, v.needs = o.version, o.needs; v.version == 0 {
		v.version = chat.OpsVersion
	}
	if v.needs == nil {
		v.needs = (*chat.Op).Needs
	}
	v.state = newMachine(v)
	v.LedgerDesk = chat.NewLedgerDesk(v.name, v.state.ledger, v.state.bus, v.state.now,
		func(ctx context.Context, op *chat.Op) (chat.Outcome, error) {
			c, err := v.do(ctx, op, nil)
			return c.outcome, err
		})
	v.ctx, v.cancel = context.WithCancel(context.WithoutCancel(ctx))
	var m order.Machine = &v.state
	if o.machine != nil {
		m = o.machine(m)
	}
	opened := make(chan struct{}) // closed when the view is whole
	r, err := order.Start(ctx, order.Options{
		Name: o.Name, Replicas: o.Nodes, Link: o.Link, Store: o.Store, Machine: m, Mail: v.mailed, Rand: o.Rand,
		Speaks: v.version, Slack: o.slack, Log: v.log, Before: func() {
			<-opened
			if o.Before != nil {
				o.Before()
			}
		},
	})
	if err != nil {
		v.cancel()
		return nil, fmt.Errorf("open cluster: %w", err)
	}
	v.replica = r
	close(opened)
	v.start("janitor", v.janitor) // until Close
	v.start("porter", v.porter)   // until Close
	return v, nil
}

// start runs f in a goroutine that Close waits for. A panic in f ends f alone.
func (v *View) start(what string, f func()) {
	v.wg.Go(func() {
		defer crash.Survive(v.log, what)
		f()
	})
}

// Await waits until the node is in touch with the others.
func (v *View) Await(ctx context.Context) error { return v.replica.Await(ctx) }

// Status says how the node stands.
func (v *View) Status() order.Status { return v.replica.Status() }

// Wait waits until the view is closed, or cannot go on: then it returns ErrSuperseded or ErrOld of package order, or
// what else there is to say.
func (v *View) Wait() error { return v.replica.Wait() }

// Close ends the view. The other nodes are told, and let this one's users go. Close the [chat.Node] before.
func (v *View) Close() {
	v.cancel()
	v.replica.Close()
	v.wg.Wait()
}

// Nodes is that of [chat.Desk], as are all methods below.
func (v *View) Nodes() []string { return v.state.up() }

func (v *View) Attach(h chat.Handler) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.handler = h
}

func (v *View) Enter(ctx context.Context, e chat.Entry, l chat.Listener) error {
	_, err := v.do(ctx, &chat.Op{Kind: chat.OpEnter, Entry: &e}, l)
	return err
}

func (v *View) Move(ctx context.Context, e chat.Entry, l chat.Listener) (chat.Answer, error) {
	v.chores.remove(func(c chore) bool { return c.op.Kind == chat.OpQuit && c.op.Entry.ID == e.ID })
	c, err := v.do(ctx, &chat.Op{Kind: chat.OpMove, Entry: &e}, l)
	if err != nil {
		return chat.Answer{}, err
	}
	answers, err := v.answers(ctx, c, moveWait)
	if errors.Is(err, chat.ErrUnsure) {
		return chat.Answer{}, nil // that node is slow: the user moves without what was there
	}
	return first(answers), err
}

func (v *View) Quit(ctx context.Context, e chat.Entry) error {
	op := &chat.Op{Kind: chat.OpQuit, Entry: &e, At: time.Now()}
	_, err := v.do(ctx, op, nil)
	if err != nil {
		v.later(op) // the user is not here any more, whatever the desk says
	}
	return err
}

func (v *View) Ask(ctx context.Context, node string, o *chat.Order) (chat.Answer, error) {
	c, err := v.do(ctx, &chat.Op{Kind: chat.OpAsk, To: node, Order: o}, nil)
	if err != nil {
		return chat.Answer{}, err
	}
	answers, err := v.answers(ctx, c, askWait)
	return first(answers), err
}

func (v *View) All(ctx context.Context, o *chat.Order) ([]chat.Answer, error) {
	c, err := v.do(ctx, &chat.Op{Kind: chat.OpAll, Order: o}, nil)
	if err != nil {
		return nil, err
	}
	if o.Kind.OnlyTells() {
		v.drop(c) // the answers come all the same: nodes of versions before wait for them
		return nil, nil
	}
	return v.answers(ctx, c, askWait)
}

func first(answers []chat.Answer) chat.Answer {
	if len(answers) == 0 {
		return chat.Answer{}
	}
	return answers[0]
}

func (v *View) GiveNumber(ctx context.Context, number int) error {
	op := &chat.Op{Kind: chat.OpGiveNumber, Number: number}
	_, err := v.do(ctx, op, nil)
	if err != nil {
		v.later(op)
	}
	return err
}

func (v *View) Operate(ctx context.Context) (done func(), err error) {
	turn := chat.Turn{ID: v.nextID(), Node: v.name}
	come := v.state.await(turn.ID)
	yield := sync.OnceFunc(func() {
		v.state.forget(turn.ID)
		v.later(&chat.Op{Kind: chat.OpYield, Turn: turn})
	})
	if _, err := v.do(ctx, &chat.Op{Kind: chat.OpOperate, Turn: turn}, nil); err != nil {
		yield()
		return nil, err
	}
	select {
	case there := <-come:
		if there {
			return yield, nil
		}
		err = chat.ErrNoDesk
	case <-ctx.Done():
		err = ctx.Err()
	case <-v.ctx.Done():
		err = chat.ErrNoDesk
	}
	yield()
	return nil, err
}
