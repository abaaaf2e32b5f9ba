package chat

import (
	"context"
	"iter"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// An Entry says in the [Directory] that a user is online. It is a value: what it says was so when it was read.
type Entry struct {
	// ID tells this entry from all others, those of the same user too: who leaves and comes again has another.
	ID string
	// User is who is online.
	User User
	// Since is when the user came.
	Since time.Time
	// LastInput is when the user last entered a line, or came. A directory may be late with it; [Node.Online] is not,
	// for users of its own node.
	LastInput time.Time
	// Source is the address that the user's connection comes from: the zero Addr if it is not known.
	Source netip.Addr
	// Operator says that the user is an operator.
	Operator bool
	// Info is what a guest says of oneself; an account has it in the store.
	Info Text
}

// Idle returns how long ago the user entered a line.
func (e Entry) Idle() time.Duration { return max(0, time.Since(e.LastInput)) }

// A Directory knows who is online and which rooms are open, on whichever node. What it returns is a snapshot. All
// methods are safe for concurrent use, and changes of one room happen one after the other.
type Directory interface {
	// Enter adds e. It returns ErrConflict if somebody of that name, in any letter case, is online.
	Enter(ctx context.Context, e Entry) error
	// Update puts e in the place of the entry of the same ID. It returns ErrNotFound if that is not there.
	Update(ctx context.Context, e Entry) error
	// Quit removes the entry of e's ID, if it is there.
	Quit(ctx context.Context, e Entry) error
	// Find returns the entry of the user called name, in any letter case, or ErrNotFound.
	Find(ctx context.Context, name string) (Entry, error)
	// Online yields the entries of everyone online, sorted by name without regard to letter case, as they stood at one
	// moment. An error ends it.
	Online(ctx context.Context) iter.Seq2[Entry, error]

	// OpenRoom adds a room of the next free number: see [NewRoom].
	OpenRoom(ctx context.Context, topic Text, leader User) (Room, error)
	// ChangeRoom puts what [Room.After] makes of the room of the given number in its place, and returns that; a room
	// that is no longer open is removed. It returns ErrNotFound if there is none, and After's error, changing nothing.
	ChangeRoom(ctx context.Context, number int, c RoomChange) (Room, error)
	// Room returns the room of the given number, or ErrNotFound.
	Room(ctx context.Context, number int) (Room, error)
	// Rooms returns all open rooms by number.
	Rooms(ctx context.Context) ([]Room, error)
	// RoomsOf returns the open rooms that u is in, by number.
	RoomsOf(ctx context.Context, u User) ([]Room, error)
}

// A memoryDirectory is the directory of a node that is alone. What is asked for as a list is kept in its order, so that
// nothing has to be sorted when somebody asks.
type memoryDirectory struct {
	mu     sync.RWMutex      // guards all below
	online map[string]*Entry // never changed in place
	sorted []*Entry          // the same, by name
	rooms  []Room            // by number
	next   int               // number of the next room
}

// NewMemoryDirectory returns a directory that lives in memory and dies with the process.
func NewMemoryDirectory() Directory {
	return &memoryDirectory{online: make(map[string]*Entry)}
}

// placeLocked returns where in sorted the entry of the user called name is, or would be.
func (d *memoryDirectory) placeLocked(name string) int {
	i, _ := slices.BinarySearchFunc(d.sorted, name, func(e *Entry, name string) int {
		return compareNames(e.User.Name, name)
	})
	return i
}

// hasLocked reports whether the entry of e's ID is there.
func (d *memoryDirectory) hasLocked(e Entry) bool {
	there := d.online[e.User.key()]
	return there != nil && there.ID == e.ID
}

func (d *memoryDirectory) Enter(_ context.Context, e Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := e.User.key()
	if d.online[key] != nil {
		return ErrConflict
	}
	d.online[key] = &e
	d.sorted = slices.Insert(d.sorted, d.placeLocked(e.User.Name), &e)
	return nil
}

func (d *memoryDirectory) Update(_ context.Context, e Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.hasLocked(e) {
		return ErrNotFound
	}
	d.online[e.User.key()] = &e
	d.sorted[d.placeLocked(e.User.Name)] = &e
	return nil
}

func (d *memoryDirectory) Quit(_ context.Context, e Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hasLocked(e) {
		delete(d.online, e.User.key())
		i := d.placeLocked(e.User.Name)
		d.sorted = slices.Delete(d.sorted, i, i+1)
	}
	return nil
}

func (d *memoryDirectory) Find(_ context.Context, name string) (Entry, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if e := d.online[FoldName(name)]; e != nil {
		return *e, nil
	}
	return Entry{}, ErrNotFound
}

func (d *memoryDirectory) Online(context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		d.mu.RLock()
		sorted := slices.Clone(d.sorted)
		d.mu.RUnlock()
		for _, e := range sorted {
			if !yield(*e, nil) {
				return
			}
		}
	}
}

// findLocked returns where in rooms the room of the given number is.
func (d *memoryDirectory) findLocked(number int) (int, bool) {
	return slices.BinarySearchFunc(d.rooms, number, func(r Room, number int) int { return r.Number - number })
}

func (d *memoryDirectory) OpenRoom(_ context.Context, topic Text, leader User) (Room, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := NewRoom(d.next, topic, leader)
	d.next++
	d.rooms = append(d.rooms, r)
	return r, nil
}

func (d *memoryDirectory) ChangeRoom(_ context.Context, number int, c RoomChange) (Room, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.findLocked(number)
	if !ok {
		return Room{}, ErrNotFound
	}
	r, err := d.rooms[i].After(c)
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
