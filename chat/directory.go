package chat

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// An Entry says in the [Directory] that a user is online. It is shared by all who look the user up and safe for concurrent use.
type Entry struct {
	// User is who is online.
	User User
	// Since is when the user came.
	Since time.Time

	input  atomic.Int64             // when the user last entered a line: nanoseconds after Since, by the monotonic clock
	blocks atomic.Pointer[blockSet] // replaced whole
	deaf   atomic.Bool              // the user is on the way out and hears nothing more
	info   atomic.Pointer[Text]     // what a guest says of oneself; an account has it in the store
	role   atomic.Pointer[role]     // nil means that it is not known: no operator
	source atomic.Pointer[netip.Addr]
}

// A role is what the user may do, as of one revision of the account.
type role struct {
	revision uint64
	operator bool
}

// Operator reports whether the user is an operator.
func (e *Entry) Operator() bool {
	r := e.role.Load()
	return r != nil && r.operator
}

// setRole replaces the role unless it is of a later revision already.
func (e *Entry) setRole(now role) {
	for {
		old := e.role.Load()
		if old != nil && old.revision >= now.revision || e.role.CompareAndSwap(old, &now) {
			return
		}
	}
}

// Source returns the address that the user's connection comes from: the zero Addr if it is not known.
func (e *Entry) Source() netip.Addr {
	if source := e.source.Load(); source != nil {
		return *source
	}
	return netip.Addr{}
}

func (e *Entry) setSource(source netip.Addr) { e.source.Store(&source) }

// A blockSet is whom a user has blocked, as of one revision of the account.
type blockSet struct {
	revision uint64
	names    map[string]string // by ID
}

func newEntry(u User, blocks blockSet) *Entry {
	e := &Entry{User: u, Since: time.Now()}
	e.blocks.Store(&blocks)
	return e
}

// touch says that the user has entered a line.
func (e *Entry) touch() { e.input.Store(int64(time.Since(e.Since))) }

// Idle returns how long ago the user entered a line.
func (e *Entry) Idle() time.Duration {
	return max(0, time.Since(e.Since)-time.Duration(e.input.Load()))
}

// Hears reports whether the user has not blocked from.
func (e *Entry) Hears(from User) bool {
	names := e.blocks.Load().names
	if len(names) == 0 {
		return true
	}
	_, blocked := names[from.ID]
	if !blocked && from.Origin != "" {
		_, blocked = names[from.Origin]
	}
	if !blocked && from.Guest && from.ID != e.User.ID {
		_, blocked = names[AllGuests]
	}
	return !blocked
}

// setBlocks replaces the blocks unless they are of a later revision already.
func (e *Entry) setBlocks(s blockSet) {
	for {
		old := e.blocks.Load()
		if old.revision >= s.revision || e.blocks.CompareAndSwap(old, &s) {
			return
		}
	}
}

// A Directory knows who is online and which rooms are open, on whichever node. What it returns is a snapshot. All methods are
// safe for concurrent use, and changes of one room happen one after the other.
type Directory interface {
	// Enter adds e. It returns ErrConflict if somebody of that name, in any letter case, is online.
	Enter(ctx context.Context, e *Entry) error
	// Quit removes e, if it is there.
	Quit(ctx context.Context, e *Entry) error
	// Find returns the entry of the user called name, in any letter case, or ErrNotFound.
	Find(ctx context.Context, name string) (*Entry, error)
	// Online returns the entries of everyone online, sorted by name without regard to letter case.
	Online(ctx context.Context) ([]*Entry, error)

	// OpenRoom adds the room that open makes of the next free number.
	OpenRoom(ctx context.Context, open func(number int) Room) (Room, error)
	// ChangeRoom replaces the room of the given number by what change makes of it, and returns that; a room that is no longer
	// open is removed. It returns ErrNotFound if there is none, and change's error, changing nothing. change may be called more
	// than once and must have no effect of its own.
	ChangeRoom(ctx context.Context, number int, change func(Room) (Room, error)) (Room, error)
	// Room returns the room of the given number, or ErrNotFound.
	Room(ctx context.Context, number int) (Room, error)
	// Rooms returns all open rooms by number.
	Rooms(ctx context.Context) ([]Room, error)
	// RoomsOf returns the open rooms that u is in, by number.
	RoomsOf(ctx context.Context, u User) ([]Room, error)
}

// A memoryDirectory is the directory of a node that is alone. What is asked for as a list is kept in its order, so that nothing has to
// be sorted when somebody asks.
type memoryDirectory struct {
	mu     sync.RWMutex // guards all below
	online map[string]*Entry
	sorted []*Entry // the same, by name
	rooms  []Room   // by number
	next   int      // number of the next room
}

// NewMemoryDirectory returns a directory that lives in memory and dies with the process.
func NewMemoryDirectory() Directory {
	return &memoryDirectory{online: make(map[string]*Entry)}
}

// placeLocked returns where in sorted the entry of the user called name is, or would be.
func (d *memoryDirectory) placeLocked(name string) int {
	i, _ := slices.BinarySearchFunc(d.sorted, name, func(e *Entry, name string) int { return compareNames(e.User.Name, name) })
	return i
}

func (d *memoryDirectory) Enter(_ context.Context, e *Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := e.User.key()
	if d.online[key] != nil {
		return ErrConflict
	}
	d.online[key] = e
	d.sorted = slices.Insert(d.sorted, d.placeLocked(e.User.Name), e)
	return nil
}

func (d *memoryDirectory) Quit(_ context.Context, e *Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if key := e.User.key(); d.online[key] == e {
		delete(d.online, key)
		i := d.placeLocked(e.User.Name)
		d.sorted = slices.Delete(d.sorted, i, i+1)
	}
	return nil
}

func (d *memoryDirectory) Find(_ context.Context, name string) (*Entry, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if e := d.online[FoldName(name)]; e != nil {
		return e, nil
	}
	return nil, ErrNotFound
}

func (d *memoryDirectory) Online(context.Context) ([]*Entry, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.sorted), nil
}

// findLocked returns where in rooms the room of the given number is.
func (d *memoryDirectory) findLocked(number int) (int, bool) {
	return slices.BinarySearchFunc(d.rooms, number, func(r Room, number int) int { return r.Number - number })
}

func (d *memoryDirectory) OpenRoom(_ context.Context, open func(int) Room) (Room, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := open(d.next)
	d.next++
	d.rooms = append(d.rooms, r)
	return r, nil
}

func (d *memoryDirectory) ChangeRoom(_ context.Context, number int, change func(Room) (Room, error)) (Room, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.findLocked(number)
	if !ok {
		return Room{}, ErrNotFound
	}
	r, err := change(d.rooms[i])
	if err != nil {
		return d.rooms[i], err
	}
	if r.Open() {
		d.rooms[i] = r
	} else {
		d.rooms = slices.Delete(d.rooms, i, i+1)
	}
	return r, nil
}

func (d *memoryDirectory) Room(_ context.Context, number int) (Room, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if i, ok := d.findLocked(number); ok {
		return d.rooms[i], nil
	}
	return Room{}, ErrNotFound
}

func (d *memoryDirectory) Rooms(context.Context) ([]Room, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.rooms), nil
}

func (d *memoryDirectory) RoomsOf(_ context.Context, u User) ([]Room, error) {
	var rooms []Room
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, r := range d.rooms {
		if r.Has(u) {
			rooms = append(rooms, r)
		}
	}
	return rooms, nil
}
