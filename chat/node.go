package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
)

// GuestPolicy says what guests may do.
type GuestPolicy string

// The policies for guests. The zero value means GuestsRegister.
const (
	GuestsRegister GuestPolicy = "register" // look around and register
	GuestsChat     GuestPolicy = "chat"     // everything
	GuestsOff      GuestPolicy = "off"      // not even come in
)

// Options are the settings of a [Node]. The zero value works: a server that forgets when it stops.
type Options struct {
	Store     Store     // nil means NewMemoryStore()
	Directory Directory // nil means NewMemoryDirectory()
	Bus       Bus       // nil means NewMemoryBus()

	Guests   GuestPolicy
	Reserved []string   // words that, with their look-alikes, are no account's name; "system" and "guest…" always are
	Hash     HashParams // what a new password hash costs
	Log      *slog.Logger
}

// A Node is one running Parley: the rules of the chat over what is stored, who is online and who hears what. All methods are safe for
// concurrent use. See [New] and [Node.Close].
type Node struct {
	store     Store
	directory Directory
	bus       Bus
	guests    GuestPolicy
	reserved  map[string]bool // skeletons
	hasher    *hasher
	log       *slog.Logger

	presences    sync.Map // folded name -> *Presence: who is online here
	guestNumbers numbers
	background   sync.WaitGroup // what goes on after its answer was given
	counters     counters
}

// New returns a node. Close it after the last presence is gone, and before its Store.
func New(o Options) *Node {
	n := &Node{
		store: o.Store, directory: o.Directory, bus: o.Bus, guests: o.Guests, log: o.Log,
		reserved: make(map[string]bool), hasher: newHasher(o.Hash),
	}
	if n.store == nil {
		n.store = NewMemoryStore()
	}
	if n.directory == nil {
		n.directory = NewMemoryDirectory()
	}
	if n.bus == nil {
		n.bus = NewMemoryBus()
	}
	if n.guests == "" {
		n.guests = GuestsRegister
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.reserved[skeleton(System)] = true
	for _, word := range o.Reserved {
		n.reserved[skeleton(word)] = true
	}
	return n
}

// Close waits for what the node still does for those who have left.
func (n *Node) Close() { n.background.Wait() }

// Guests returns what guests may do.
func (n *Node) Guests() GuestPolicy { return n.guests }

// counters count since the node was made.
type counters struct {
	logins, refused, overflows, events atomic.Uint64
}

// Stats are figures of a node, as sql.DBStats are of a database.
type Stats struct {
	Online    int    // users with a session on this node
	Rooms     int    // open rooms
	Logins    uint64 // logins that succeeded
	Refused   uint64 // logins with a wrong name or password
	Overflows uint64 // sessions ended because they did not read
	Events    uint64 // events published
}

// Stats returns the node's figures.
func (n *Node) Stats(ctx context.Context) Stats {
	s := Stats{
		Logins: n.counters.logins.Load(), Refused: n.counters.refused.Load(),
		Overflows: n.counters.overflows.Load(), Events: n.counters.events.Load(),
	}
	n.presences.Range(func(any, any) bool { s.Online++; return true })
	if rooms, err := n.directory.Rooms(ctx); err == nil {
		s.Rooms = len(rooms)
	}
	return s
}

// publish hands e to all who hear topic.
func (n *Node) publish(ctx context.Context, topic Topic, e *Event) error {
	n.counters.events.Add(1)
	if err := n.bus.Publish(ctx, topic, e); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

// room returns the room whose number is written in word, or ErrNoRoom.
func (n *Node) room(ctx context.Context, word string) (Room, error) {
	number, err := strconv.ParseUint(word, 10, 31)
	if err != nil {
		return Room{}, ErrNoRoom.With(word)
	}
	r, err := n.directory.Room(ctx, int(number))
	return r, noRoom(err, word)
}

// noRoom makes the answer to a user of a directory's.
func noRoom(err error, word string) error {
	if errors.Is(err, ErrNotFound) {
		return ErrNoRoom.With(word)
	}
	return err
}
