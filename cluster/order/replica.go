package order

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat/record"
	"parley/internal/crash"
)

// These errors are returned by [Replica.Submit].
var (
	// ErrFenced is returned when the others cannot be reached: nothing has been submitted.
	ErrFenced = errors.New("order: out of touch with the desk")
	// ErrBusy is returned when too much waits to be numbered: nothing has been submitted.
	ErrBusy = errors.New("order: too much waits to be numbered")
	// ErrUnknown is returned when there was no answer in time: the operation may or may not be applied, or may be
	// later.
	ErrUnknown = errors.New("order: no answer in time")
	// ErrSuperseded is returned when another process with the same name has started later.
	ErrSuperseded = errors.New("order: another process has this name")
	// ErrBroken is returned when the order cannot go on because of a panic that is in the log.
	ErrBroken = errors.New("order: stopped because of a panic that is in the log")
	// ErrOld is what a [Machine] returns for what is of a later version than it understands: the replica stops.
	ErrOld = errors.New("order: the other replicas use a later version")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("order: closed")
)

// A Machine is what the operations are applied to. All its methods are called by one goroutine, one after the other,
// and must not block, nor call the replica.
type Machine interface {
	// Apply applies op and returns what [Replica.Submit] is to return where op was submitted. What it does to the state
	// may depend on op and the state alone. An error that is ErrOld ends the replica: op counts as not applied here.
	Apply(op *Op) any
	// Snapshot returns the state, for Restore.
	Snapshot() []byte
	// Restore replaces the state. The operations between the numbers from and to have not been applied here, and never
	// will be: what the state has to tell of them is in the snapshot. If to is less than from, this replica had applied
	// what the others have lost. An error changes nothing, and one that is ErrOld ends the replica.
	Restore(state []byte, from, to uint64) error
	// Touch says that the replica has lost touch with the others, or has it again.
	Touch(inTouch bool)
}

// A Link carries messages between replicas.
type Link interface {
	// Send sends message to the replica of the given name. It does not block. The message arrives at most a few times,
	// and perhaps never; later ones may overtake it.
	Send(to string, message []byte)
	// Receive says who takes the messages that arrive, until it is called with nil; once that has returned, no call of
	// the one before is at work any more. take does not block.
	Receive(take func(message []byte))
}

// Options say what a replica is made of. Name, Replicas, Link, Store and Machine must be there.
type Options struct {
	Name     string   // of this replica
	Replicas []string // the names of all, this one's too: the same everywhere, one to five
	Link     Link
	// Store is shared by all. A replica needs it to start, and to become the desk.
	Store   record.Store
	Machine Machine
	// Mail takes what [Replica.Mail] sends, from one goroutine. It must not block. Nil takes nothing.
	Mail func(from string, data []byte)
	// Speaks is the version of what is submitted that Machine understands. The desk says it of each replica that comes
	// up, to the machines of all: see [Op.Speaks]. A replica of before there were versions speaks 0.
	Speaks int
	// Rand spreads out who would be the desk. Nil means one that nobody can foresee.
	Rand *rand.Rand
	// Log takes what an operator should know. Nil means slog.Default.
	Log *slog.Logger
	// Before is called before each round of work, and may hold it up. Tests stop a replica in it. Nil means nothing.
	Before func()
	// Slack is how many times as long as usual the others may be silent, and an answer may take: tests need it on a
	// machine with much other work. Zero means one. It is the same at all replicas.
	Slack int

	rules func(*rules) // tests break the rules
}

// A Replica is one of those that keep the order. All exported methods may be called from any goroutine.
type Replica struct {
	name    string
	names   []string
	link    Link
	store   record.Store
	machine Machine
	mail    func(from string, data []byte)
	rand    *rand.Rand
	log     *slog.Logger
	before  func()
	rules   rules
	speaks  int

	inbox  inbox
	wg     sync.WaitGroup
	ctx    context.Context // of calls of the store; ends at Close
	cancel context.CancelFunc
	start  time.Time // all times below are since then, by the monotonic clock
	ended  chan struct{}
	gate   gate // open when in touch and up
	state  atomic.Pointer[Status]

	// What follows belongs to the goroutine of run.
	now       time.Duration
	life      uint64
	wasUp     bool              // this life has been up
	peers     map[string]*voice // what was heard of the others, by name
	promised  uint64            // no message of the desk of a lower epoch is taken
	followed  uint64            // the epoch of the desk that this replica followed last
	began     uint64            // the number at which that epoch began
	role      role
	contact   time.Duration // when the desk last was in touch, as far as that is known
	pinged    time.Duration // when the desk was asked for an answer last
	patience  time.Duration // until then it is not asked whether there is a desk
	between   time.Duration // until then it counts as in touch although its desk has said goodbye: see onBye
	history   history
	early     map[uint64]Op       // operations that came before those that precede them
	members   map[string]standing // by name, as applied
	clockAt   time.Duration       // when the last operation came
	goal      uint64              // what must be applied before submissions are taken again
	commit    uint64              // a majority has everything up to it
	ackTo     string              // who is owed an answer at the end of the round
	submitted stream
	inTouch   bool
	stopped   error
}

// rules are the times and numbers that keep the order safe. Tests break them to see whether that is noticed.
type rules struct {
	beat     time.Duration // how often the desk speaks
	fence    time.Duration // without touch for so long, a replica applies and takes nothing
	silence  time.Duration // without touch for so long, a replica is gone, the desk too
	resend   time.Duration // what has no answer for so long is sent again
	timeout  time.Duration // what is submitted has its answer by then
	recall   time.Duration // for so long a new desk waits for those that may know more
	majority int
}

func rulesFor(replicas, slack int) rules {
	times := time.Duration(slack)
	return rules{
		beat: 500 * time.Millisecond, fence: times * 1500 * time.Millisecond, silence: times * 2 * time.Second,
		resend: 200 * time.Millisecond, timeout: times * 2 * time.Second,
		recall: 10 * time.Second, majority: replicas/2 + 1,
	}
}

// A voice is what was last heard of another replica.
type voice struct {
	life  uint64
	stamp int64         // the highest that it has sent
	heard time.Duration // when the last message came
	bye   uint64        // the life that has said goodbye
	// speaks is the version that its machine understands.
	speaks int
}

// A standing says which life of a replica counts, and whether that is up still: if not, it never will be again.
type standing struct {
	Life uint64 `json:"i"`
	Up   bool   `json:"u"`
}

// never is longer ago than everything.
const never = -1 << 60 * time.Nanosecond

// A Status says how a replica stands.
type Status struct {
	// Desk is the name of the desk: empty if there is none.
	Desk string
	// Epoch is that of the desk.
	Epoch uint64
	// Applied is the number of the last operation that is applied here.
	Applied uint64
	// InTouch says that the replica is in touch with the desk, and is up; or was so until the desk said goodbye a
	// moment ago, and waits for the next.
	InTouch bool
	// Life is that of this replica.
	Life uint64
}

// Start starts a replica. It returns when the store has been read and given it a life; whether the others are there, it
// does not wait for: see [Replica.Await].
func Start(ctx context.Context, o Options) (*Replica, error) {
	if !slices.Contains(o.Replicas, o.Name) {
		return nil, fmt.Errorf("order: %q is not among the replicas %q", o.Name, o.Replicas)
	}
	r := &Replica{
		name: o.Name, names: slices.Sorted(slices.Values(o.Replicas)), link: o.Link, store: o.Store, machine: o.Machine,
		mail: o.Mail, rand: o.Rand, log: o.Log, before: o.Before, start: time.Now(),
		rules: rulesFor(len(o.Replicas), max(1, o.Slack)), speaks: o.Speaks,
		ended: make(chan struct{}), members: make(map[string]standing), peers: make(map[string]*voice),
	}
	if o.rules != nil {
		o.rules(&r.rules)
	}
	if r.rand == nil {
		r.rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	if r.log == nil {
		r.log = slog.Default()
	}
	if r.mail == nil {
		r.mail = func(string, []byte) {}
	}
	if r.before == nil {
		r.before = func() {}
	}
	for _, name := range r.names {
		if name != r.name {
			r.peers[name] = new(voice)
		}
	}
	var err error
	if r.promised, r.life, err = r.register(ctx); err != nil {
		return nil, err
	}
	r.role = follower{}
	r.contact = never
	r.submitted.reset(0)
	r.inbox.init()
	r.gate.init()
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.publish()
	r.link.Receive(r.inbox.message)
	start(&r.wg, r.log, "order", r.run) // until Close
	return r, nil
}

// start runs f in a goroutine that wg waits for. A panic in f ends f alone.
func start(wg *sync.WaitGroup, log *slog.Logger, what string, f func()) {
	wg.Go(func() {
		defer crash.Survive(log, what)
		f()
	})
}

// Close ends the replica and tells the others, who need not wait for it then. What has no answer yet gets ErrClosed.
func (r *Replica) Close() {
	r.inbox.close()
	r.wg.Wait()
	r.link.Receive(nil)
}

// Wait waits until the replica has ended. It returns nil after Close, ErrSuperseded when another process has its name,
// what is ErrOld when its machine is of too early a version, and ErrBroken after a panic.
func (r *Replica) Wait() error {
	<-r.ended
	if r.stopped == ErrClosed {
		return nil
	}
	return r.stopped
}

// Status returns how the replica stands.
func (r *Replica) Status() Status { return *r.state.Load() }

// Await waits until the replica is in touch with the others, and up.
func (r *Replica) Await(ctx context.Context) error {
	return r.gate.wait(ctx, r.ended)
}

// Submit lets data be numbered, and returns when it is applied here: the result is that of [Machine.Apply].
//
// Of ErrFenced and ErrBusy nothing follows. After any other error the operation may be applied, or may be later.
func (r *Replica) Submit(ctx context.Context, data []byte) (any, error) {
	return r.SubmitWithin(ctx, data, 0)
}

// SubmitWithin is Submit for what may take as long as patience, where that is longer than usual: it waits for the
// others to be reached, and for another desk.
func (r *Replica) SubmitWithin(ctx context.Context, data []byte, patience time.Duration) (any, error) {
	ends := time.Now().Add(patience)
	for {
		result, err := r.submit(ctx, data, max(r.rules.timeout, time.Until(ends)))
		if !errors.Is(err, ErrFenced) {
			return result, err
		}
		waiting, cancel := context.WithDeadline(ctx, ends)
		fenced := r.gate.wait(waiting, r.ended) != nil
		cancel()
		if fenced {
			return nil, ErrFenced
		}
	}
}

// submit is Submit with an answer within that time.
func (r *Replica) submit(ctx context.Context, data []byte, within time.Duration) (any, error) {
	if !r.gate.open.Load() {
		return nil, ErrFenced
	}
	s := &submission{item: item{Data: data}, within: within, done: make(chan outcome, 1)}
	if !r.inbox.submit(s) {
		return nil, ErrBusy
	}
	select {
	case o := <-s.done:
		return o.result, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.ended:
		return nil, ErrClosed
	}
}

// Mail sends data to the replica of the given name, which may be this one. It does not block, and data may get lost.
func (r *Replica) Mail(to string, data []byte) { r.inbox.mail(to, data) }

// isPeer reports whether name is one of the others.
func (r *Replica) isPeer(name string) bool { return r.peers[name] != nil }
