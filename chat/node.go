package chat

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat/passwd"
)

// GuestPolicy says what guests may do.
type GuestPolicy string

// The policies for guests. The zero value means GuestsRegister.
const (
	GuestsRegister GuestPolicy = "register" // look around and register
	GuestsChat     GuestPolicy = "chat"     // everything
	GuestsOff      GuestPolicy = "off"      // not even come in
)

// RegistrationPolicy says who may register accounts. Operators always may.
type RegistrationPolicy string

// The policies for registration. The zero value means RegistrationOpen.
const (
	RegistrationOpen   RegistrationPolicy = "open"   // everybody
	RegistrationInvite RegistrationPolicy = "invite" // whoever has an invite code of an operator
	RegistrationClosed RegistrationPolicy = "closed" // nobody
)

// HashParams are the costs of a password hash.
type HashParams = passwd.Params

// Options are the settings of a [Node]. The zero value works: a server that forgets when it stops.
type Options struct {
	Store Store // nil means NewMemoryStore()
	Desk  Desk  // nil means NewMemoryDesk()

	Guests       GuestPolicy
	Registration RegistrationPolicy
	Exempt       Sources // where no limit per source holds; see Sources for nil
	// words that, with their look-alikes, are no account's name, beside those that never are: see name.go
	Reserved    []string
	PasswordMin int        // how many characters a new password must have; zero means 4
	Hash        HashParams // what a new password hash costs
	Random      io.Reader  // what codes and secrets are made of, by many goroutines; nil means crypto/rand.Reader

	// Hashing is told when the hashing of a password begins and when it has ended, with how many KiB of memory that
	// takes, by many goroutines and not after [Node.Close]; nil means that nobody wants to know.
	Hashing func(kib uint32)

	// Wars says that clients may take a seat from each other as often as they like: see MaxTakeOvers.
	Wars bool
	// Hold is for how long the seat of a user is kept whose connection was lost; zero means not at all.
	Hold time.Duration

	Stop func() // stops the server, without waiting for that; nil means that there is none
	// Cluster says how the nodes stand, except for their users; it is called by many goroutines, and must not wait. Nil
	// means that there is one node alone.
	Cluster func() ClusterStatus
	Log     *slog.Logger
}

// A Node is one running Parley: the rules of the chat over what is stored, who is online and who hears what. All
// methods are safe for concurrent use. See [New] and [Node.Close].
type Node struct {
	store    Store
	desk     Desk
	guests   atomic.Pointer[GuestPolicy]
	reserved reserved
	hasher   *passwd.Hasher
	exempt   Sources // of the limits per source
	random   io.Reader
	log      *slog.Logger

	registration atomic.Pointer[RegistrationPolicy]
	passwordMin  int // characters of a new password

	started time.Time // see now

	failuresMu sync.Mutex           // guards failures
	failures   map[string]*failures // refused logins not yet recorded, by name

	presences  presences
	toldBytes  atomic.Int64 // what is kept of what users alone were told
	watchers   watchers
	wars       bool
	hold       time.Duration // for how long the seat of a user is kept who has lost the connection
	holds      holds
	leaving    atomic.Int32    // how far the node is with that: see Suspend
	background sync.WaitGroup  // what goes on after its answer was given
	alive      context.Context // until Close
	end        func()          // of alive
	counters   counters

	bans, mutes sanctions
	kept        sanctions // not of anybody: guests who would be the same again, see keepGuest
	stop        func()
	cluster     func() ClusterStatus // nil for one node alone
	audit       auditLog             // owned by the holder of the operators' turn
	shutdownMu  sync.Mutex           // guards underWay
	underWay    *shutdown            // nil while none is under way
}

// New returns a node. Close it after the last presence is gone, and before its Store.
func New(o Options) *Node {
	n := &Node{
		store: o.Store, desk: o.Desk, log: o.Log, exempt: o.Exempt, stop: o.Stop, hold: o.Hold, wars: o.Wars,
		reserved: reserve(o.Reserved), hasher: passwd.NewHasher(o.Hash, o.Hashing),
		passwordMin: cmp.Or(o.PasswordMin, passwd.DefaultMin), started: time.Now(),
		cluster: o.Cluster, failures: make(map[string]*failures), random: o.Random,
	}
	if n.random == nil {
		n.random = rand.Reader
	}
	if n.store == nil {
		n.store = NewMemoryStore()
	}
	if n.desk == nil {
		n.desk = NewMemoryDesk()
	}
	n.alive, n.end = context.WithCancel(context.Background())
	n.SetGuests(o.Guests)
	n.SetRegistration(o.Registration)
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.bans, n.mutes, n.kept = n.sanctions(bansBucket), n.sanctions(mutesBucket), n.sanctions(keptBucket)
	n.desk.Attach(orders{n})
	return n
}

// Close calls off a shutdown that is under way here, and waits for what the node still does for those who have left.
// The node takes no orders any more. Close the desk afterwards, if it is one that has to be closed.
func (n *Node) Close() {
	n.desk.Attach(nil)
	n.end()
	n.background.Wait()
}

// Guests returns what guests may do.
func (n *Node) Guests() GuestPolicy { return *n.guests.Load() }

// SetGuests changes what guests may do from now on; empty means GuestsRegister. Guests who are in stay.
func (n *Node) SetGuests(p GuestPolicy) {
	if p == "" {
		p = GuestsRegister
	}
	n.guests.Store(&p)
}

// Registration returns who may register accounts.
func (n *Node) Registration() RegistrationPolicy { return *n.registration.Load() }

// SetRegistration changes who may register accounts from now on; empty means RegistrationOpen.
func (n *Node) SetRegistration(p RegistrationPolicy) {
	if p == "" {
		p = RegistrationOpen
	}
	n.registration.Store(&p)
}

// now returns the time for what is written down to be compared with a later one of now. While the node runs it goes on
// as time does, whatever becomes of the clock on the wall: so it must not be compared with time.Now.
func (n *Node) now() time.Time { return n.started.Add(time.Since(n.started)).UTC() }

// Started returns when the node was made.
func (n *Node) Started() time.Time { return n.started }

// counters count since the node was made.
type counters struct {
	logins, refused, unchecked, registered, overflows atomic.Uint64
	events                                            [256]atomic.Uint64 // by Kind
}

// Stats are figures of a node, as sql.DBStats are of a database.
type Stats struct {
	Online     int             // users with a session on this node, guests too
	Guests     int             // guests among them
	Rooms      int             // open rooms
	Hashing    int             // passwords that are being checked, or wait for it
	Logins     uint64          // logins that succeeded
	Refused    uint64          // logins with a wrong name or password
	Unchecked  uint64          // of these, guesses that were too many for their source or account
	Busy       uint64          // passwords not checked because too many waited
	Registered uint64          // accounts made by register
	Overflows  uint64          // sessions ended because they did not read
	Events     map[Kind]uint64 // events published, of the kinds there were
}

// Stats returns the node's figures.
func (n *Node) Stats(ctx context.Context) Stats {
	s := Stats{
		Logins: n.counters.logins.Load(), Refused: n.counters.refused.Load(), Unchecked: n.counters.unchecked.Load(),
		Busy: n.hasher.Busy(), Registered: n.counters.registered.Load(), Overflows: n.counters.overflows.Load(),
		Hashing: n.hasher.Waiting(), Events: make(map[Kind]uint64),
	}
	for kind := range n.counters.events {
		if count := n.counters.events[kind].Load(); count > 0 {
			s.Events[Kind(kind)] = count
		}
	}
	for _, p := range n.presences.all() {
		s.Online++
		if p.User.Guest {
			s.Guests++
		}
	}
	s.Rooms = len(n.desk.Rooms())
	return s
}

// Knows reports whether somebody is online from source, on whichever node, or was within [KnownTime].
func (n *Node) Knows(source netip.Addr) bool { return n.desk.Known(source) }

// count counts an event of that kind.
func (n *Node) count(kind Kind) { n.counters.events[kind].Add(1) }

// publish hands e to all who hear topic.
func (n *Node) publish(ctx context.Context, topic Topic, e *Event) error {
	n.count(e.Kind)
	if err := said(n.desk.Publish(ctx, topic, e)); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

// said returns what err of a desk means to a user who has said something.
func said(err error) error {
	if errors.Is(err, ErrUnsure) {
		return ErrMaybeSent
	}
	return err
}

// room returns the room of the given number, or ErrNoRoom.
func (n *Node) room(number int) (Room, error) {
	r, err := n.desk.Room(number)
	return r, noRoom(err, number)
}

// noRoom turns a desk's ErrNotFound into ErrNoRoom.
func noRoom(err error, number int) error {
	if errors.Is(err, ErrNotFound) {
		return ErrNoRoom.With(strconv.Itoa(number))
	}
	return err
}
