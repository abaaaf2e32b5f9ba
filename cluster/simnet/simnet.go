// Package simnet is a network that only tests use: it delays messages, lets later ones overtake earlier ones, loses
// some and delivers some twice. Tests cut it, in one direction or both, stop nodes for a while as SIGSTOP does, and
// take a node's way to the store away. It runs in a bubble of testing/synctest, so hours take milliseconds. Outside of
// one there is [Way], which delays what goes to a real server.
//
// All that is left to chance comes from one seed. With one processor (runtime.GOMAXPROCS(1)) a seed does the same
// again, as far as testing/synctest lets it.
package simnet

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/chat/record"
)

// A Net is the network. All methods may be called from any goroutine.
type Net struct {
	mu     sync.Mutex // guards all below
	rand   *rand.Rand
	start  time.Time
	ports  map[string]*Port
	cuts   map[[2]string]bool
	holds  map[string]chan struct{} // closed when the node goes on
	away   map[string]bool          // cannot reach the store
	faults Faults
	events []string
}

// Faults say how bad the network is.
type Faults struct {
	// Delay is how long a message takes at least, and up to Spread longer.
	Delay, Spread time.Duration
	// Loss and Twice are how many of a thousand messages are lost, or arrive twice.
	Loss, Twice int
}

// New returns a network that seed decides about.
func New(seed uint64, f Faults) *Net {
	return &Net{rand: rand.New(rand.NewPCG(seed, 1)), start: time.Now(), ports: make(map[string]*Port),
		cuts: make(map[[2]string]bool), holds: make(map[string]chan struct{}), away: make(map[string]bool), faults: f}
}

// Logf adds a line to the history.
func (n *Net) Logf(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.logLocked(format, args...)
}

// maxEvents bounds the history: its end is what explains a failure.
const maxEvents = 4000

func (n *Net) logLocked(format string, args ...any) {
	if len(n.events) >= maxEvents {
		n.events = append(n.events[:0], n.events[maxEvents/2:]...)
	}
	n.events = append(n.events, fmt.Sprintf("%12s ", time.Since(n.start).Round(time.Microsecond))+
		fmt.Sprintf(format, args...))
}

// History returns what happened, as far as it was logged, oldest first.
func (n *Net) History() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.events, "\n")
}

// Set makes the network as bad as f says.
func (n *Net) Set(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f
}

// Cut loses what from sends to to, until Heal.
func (n *Net) Cut(from, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[[2]string{from, to}] = true
	n.logLocked("cut %s > %s", from, to)
}

// Heal ends all cuts, and lets all reach the store.
func (n *Net) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.cuts)
	clear(n.away)
	n.logLocked("heal")
}

// Away takes the way to the store away from the node called name, until Heal.
func (n *Net) Away(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.away[name] = true
	n.logLocked("no store for %s", name)
}

// Pause stops the node called name, until Resume: it sees no message and no time pass. What arrives waits for it.
func (n *Net) Pause(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.holds[name] == nil {
		n.holds[name] = make(chan struct{})
		n.logLocked("pause %s", name)
	}
}

// Resume lets the node called name go on.
func (n *Net) Resume(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if hold := n.holds[name]; hold != nil {
		close(hold)
		delete(n.holds, name)
		n.logLocked("resume %s", name)
	}
}

// Paused reports whether the node called name is stopped.
func (n *Net) Paused(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.holds[name] != nil
}

// A Port is where one process is connected. It is an order.Link.
type Port struct {
	net  *Net
	name string

	mu   sync.Mutex // guards take; held while it works
	take func(message []byte)
}

// Port connects a process under name. The one that was connected before is not any more.
func (n *Net) Port(name string) *Port {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports[name] = &Port{net: n, name: name}
	return n.ports[name]
}

// Unplug disconnects whoever is connected under name: what is under way is lost.
func (n *Net) Unplug(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.ports, name)
	n.logLocked("kill %s", name)
}

// Before holds up a process that is paused.
func (p *Port) Before() {
	p.net.mu.Lock()
	hold := p.net.holds[p.name]
	p.net.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

// Send sends a message, perhaps.
func (p *Port) Send(to string, message []byte) {
	n := p.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ports[p.name] != p || n.cuts[[2]string{p.name, to}] || n.rand.IntN(1000) < n.faults.Loss {
		return
	}
	for range 1 + n.extraLocked() {
		delay := n.faults.Delay
		if n.faults.Spread > 0 {
			delay += time.Duration(n.rand.Int64N(int64(n.faults.Spread)))
		}
		time.AfterFunc(delay, func() { n.deliver(to, message) })
	}
}

func (n *Net) extraLocked() int {
	if n.rand.IntN(1000) < n.faults.Twice {
		return 1
	}
	return 0
}

// deliver hands message to whoever is connected under the name to.
func (n *Net) deliver(to string, message []byte) {
	n.mu.Lock()
	p := n.ports[to]
	n.mu.Unlock()
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.take != nil {
		p.take(message)
	}
}

// Receive says who takes what arrives.
func (p *Port) Receive(take func(message []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take = take
}

// errAway is what a node reads that cannot reach the store.
var errAway = errors.New("simnet: the store is out of reach")

// Store returns the way of the node called name to s.
func (n *Net) Store(name string, s record.Store) record.Store { return &way{n, name, s} }

// A way is one node's way to a store.
type way struct {
	net  *Net
	name string
	record.Store
}

// travel waits as long as a question to the store takes, and reports whether it gets there.
func (w *way) travel(ctx context.Context) error {
	w.net.mu.Lock()
	away := w.net.away[w.name]
	delay := time.Millisecond + time.Duration(w.net.rand.Int64N(int64(10*time.Millisecond)))
	w.net.mu.Unlock()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if away {
		return errAway
	}
	return nil
}

func (w *way) Get(ctx context.Context, bucket, key string) (record.Record, error) {
	if err := w.travel(ctx); err != nil {
		return record.Record{}, err
	}
	return w.Store.Get(ctx, bucket, key)
}

// Put may write, and the answer may get lost.
func (w *way) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if err := w.travel(ctx); err != nil {
		return 0, err
	}
	revision, err := w.Store.Put(ctx, bucket, key, value, revision)
	if lost := w.travel(ctx); lost != nil {
		return 0, lost
	}
	return revision, err
}

func (w *way) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if err := w.travel(ctx); err != nil {
		return err
	}
	return w.Store.Delete(ctx, bucket, key, revision)
}

func (w *way) List(ctx context.Context, bucket string) iter.Seq2[record.Record, error] {
	if err := w.travel(ctx); err != nil {
		return func(yield func(record.Record, error) bool) { yield(record.Record{}, err) }
	}
	return w.Store.List(ctx, bucket)
}

// Seeds yields count seeds from 1 on, or a quarter of them in a short test, as many as PARLEY_SEEDS says where that is
// set, or only the given one if it is not 0.
func Seeds(only uint64, count int) iter.Seq[uint64] {
	if testing.Short() {
		count /= 4
	}
	if n, err := strconv.Atoi(os.Getenv("PARLEY_SEEDS")); err == nil {
		count = n
	}
	return func(yield func(uint64) bool) {
		if only != 0 {
			yield(only)
			return
		}
		for seed := uint64(1); seed <= uint64(count) && yield(seed); seed++ {
		}
	}
}
