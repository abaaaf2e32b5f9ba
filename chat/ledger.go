package chat

import (
	"iter"
	"slices"
	"sync"
	"time"

	"parley/chat/budget"
)

// A Ledger is what a Parley has once, on however many nodes: who is online, the rooms, the numbers of guests, the
// budgets of guesses and registrations, and the operators' turn. It is only memory. What a method does follows from
// what was done before and from its arguments, times among them, and from nothing else: ledgers to which the same was
// done in the same order are the same. See [Ledger.Apply].
//
// Safe for concurrent use; what it returns is a value that stays. Lists are kept in the order in which they are asked
// for, so that nothing has to be sorted then.
type Ledger struct {
	mu        sync.RWMutex      // guards all below
	online    map[string]*Entry // by folded name; never changed in place
	sorted    roll              // the same
	sources   sources           // of those online, and of those who have left
	rooms     []Room            // by number
	in        whereabouts       // of those who are in rooms
	tallies   map[int]tally     // of those rooms that have many members, by number
	spoke     map[int][]spoken  // who spoke in slow rooms, by number; the latest last
	calm      time.Duration     // the ledger's time until which few may speak
	died      time.Duration     // the ledger's time when a node died last at which users were; zero is never
	next      int               // number of the next room
	guests    numbers
	guesses   *budget.Guesses
	registers *budget.Registrations
	taken     map[string]takeOvers    // of seats, by the ID of the user
	links     map[string]userLink     // by the same
	hookPace  *budget.Buckets[string] // of hooks, by their keys
	turns     []Turn                  // of operators: the first acts, the others wait
}

// A Telling is what the listeners of a topic are told, and who hears it from then on.
type Telling struct {
	Topic Topic
	// Event is what they are told; nil is nothing.
	Event *Event
	// Goes is the ID of the entry whose user hears the topic no more, not even Event; "" is nobody.
	Goes string
	// Comes is the ID of the entry whose user hears the topic from here on, but not Event; "" is nobody. A user who has
	// heard it before, and is to hear it afterwards, but not Event, goes and comes.
	Comes string
	// User is who goes, or comes.
	User User
	// Opens says that nobody has heard the topic before.
	Opens bool
	// Ends says that nobody hears the topic any more after Event.
	Ends bool
	// Were are who was in a room that ends.
	Were Members
	// Later is an operation that the node where this was caused hands in after CrowdTime, if it is not nil.
	Later *Op
}

// NewLedger returns the ledger of a Parley at which nobody has been yet.
func NewLedger() *Ledger {
	return &Ledger{online: make(map[string]*Entry), sources: newSources(), in: make(whereabouts),
		tallies: make(map[int]tally), spoke: make(map[int][]spoken), guesses: budget.NewGuesses(),
		registers: budget.NewRegistrations(), taken: make(map[string]takeOvers), links: make(map[string]userLink),
		hookPace: newHookPace()}
}

// thereLocked returns the entry of e's ID, or nil.
func (l *Ledger) thereLocked(e *Entry) *Entry {
	if there := l.online[e.User.key()]; there != nil && there.ID == e.ID {
		return there
	}
	return nil
}

func (l *Ledger) replaceLocked(e *Entry) {
	l.sources.change(l.online[e.User.key()].Source, e.Source)
	l.online[e.User.key()] = e
	l.sorted.replace(e)
}

// enterLocked is [Desk.Enter].
func (l *Ledger) enterLocked(e *Entry) error {
	if l.online[e.User.key()] != nil {
		return ErrConflict
	}
	l.online[e.User.key()] = e
	l.sources.come(e.Source)
	l.sorted.add(e)
	return nil
}

// moveLocked is [Desk.Move]. It returns the entry as it was, the rooms of its user, and what those are told.
func (l *Ledger) moveLocked(e *Entry) (was Entry, rooms []Room, told []Telling, err error) {
	there := l.thereLocked(e)
	if there == nil || e.Held != nil && there.Held == nil {
		return Entry{}, nil, nil, ErrNotFound
	}
	l.replaceLocked(e)
	return *there, l.roomsOfLocked(e.User), l.heldChangeLocked(there, e), nil
}

// updateLocked is [Desk.Update]. It returns what the rooms of the user are told.
func (l *Ledger) updateLocked(e *Entry) (told []Telling, err error) {
	there := l.thereLocked(e)
	if there == nil || there.Node != e.Node {
		return nil, ErrNotFound
	}
	l.replaceLocked(e)
	return l.heldChangeLocked(there, e), nil
}

// quitLocked is [Desk.Quit], at that time. It returns what the rooms are told, by number, and whether the entry was
// there.
func (l *Ledger) quitLocked(e *Entry, at time.Time, now time.Duration) (told []Telling, quit bool) {
	there := l.thereLocked(e)
	if there == nil || there.Node != e.Node {
		return nil, false
	}
	for _, r := range l.roomsOfLocked(e.User) {
		// There is no error: the user is in the room.
		_, room, _ := l.changeRoomLocked(r.Number, RoomChange{Kind: Left, User: e.User, At: at, Muted: e.Muted}, now)
		told = append(told, room...)
	}
	delete(l.online, e.User.key())
	l.sources.leave(there.Source, now)
	l.forgetSeatLocked(e.User)
	l.sorted.remove(e.User.Name)
	if e.User.Guest {
		l.guests.give(guestNumber(e.User.Name))
	}
	return told, true
}

// goneLocked lets all quit who are on the node of that name, and ends its operators' turns: the node is dead. It
// returns what the rooms are told.
func (l *Ledger) goneLocked(node string, at time.Time, now time.Duration) (told []Telling) {
	for _, e := range l.sorted.all() {
		if e.Node == node {
			rooms, _ := l.quitLocked(e, at, now)
			told = append(told, rooms...)
			l.died = now
		}
	}
	l.guests.giveAll(node)
	l.turns = slices.DeleteFunc(l.turns, func(t Turn) bool { return t.Node == node })
	return append(told, l.countedLocked()...)
}

// Died is [Desk.Died].
func (l *Ledger) Died(now time.Duration) (ago time.Duration, ever bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return max(0, now-l.died), l.died > 0
}

// Find is [Desk.Find].
func (l *Ledger) Find(name string) (Entry, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if e := l.online[FoldName(name)]; e != nil {
		return *e, nil
	}
	return Entry{}, ErrNotFound
}

// Online yields the entries of everyone online, sorted by name without regard to letter case, as they stood at one
// moment.
func (l *Ledger) Online() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		l.mu.RLock()
		sorted := l.sorted.all()
		l.mu.RUnlock()
		for _, e := range sorted {
			if !yield(*e) {
				return
			}
		}
	}
}

// A Turn is an operator's turn to act, or to wait for it.
type Turn struct {
	// ID tells it from all others.
	ID string `json:"id"`
	// Node is where the operator is.
	Node string `json:"node"`
}

// Acting returns the turn that has come; the zero Turn if nobody acts.
func (l *Ledger) Acting() Turn {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.turns) == 0 {
		return Turn{}
	}
	return l.turns[0]
}
