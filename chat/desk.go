package chat

import (
	"context"
	"iter"
	"net/netip"
	"time"

	"parley/chat/budget"
)

// A Topic names those who should hear an event.
type Topic string

// Everyone is the topic that all who are online hear.
const Everyone Topic = "all"

// A Listener hears what concerns a user who is online. Hear must not block, and must not call the desk. Its context is
// that of the call which caused the event if the desk calls it before that returns, and one of the desk's own if not.
type Listener interface {
	Hear(ctx context.Context, e *Event)
	// Sit says that the listener hears from here on what concerns the user. It is called at that place in the order of
	// events and orders, and must not block.
	Sit()
}

// A Desk is what a Parley has once, on however many nodes: who is online and in which rooms, who hears what and in
// which order, and what is counted for all. Each node has its own view of the desk, with the node's name.
//
// # Who hears what
//
// Nobody subscribes to anything: a user who is online hears [Everyone] and a topic of the user's own, and a member of a
// room hears that. A change of who is there and the telling of it are one step. So the room that ChangeRoom returns,
// and every Joined and Left that the user hears afterwards, say at any time who is in it; a member misses nothing;
// nothing is heard of a room after Closed; and nobody hears Joined or Left of oneself. In a room of more than
// [CrowdSize] members one in [CrowdTime] is told of at once; the others are told of soon after that, in JoinedMany and
// LeftMany if they are several. They hear these themselves. A user who has both come and gone by then is not told of.
//
// # Order
//
// Every listener of a topic hears its events in one order, the same for all, on all nodes. What one publisher
// publishes, the next call made after the last returned, is heard in the order published, whatever the topics. When a
// call has returned, what it told has been heard on the node that called; elsewhere it may be heard a little later.
// Orders have their place in the same order: when a node does one, it has heard all that came before it, and nothing of
// what comes after.
//
// # Errors
//
// Any method with a context may return [ErrNoDesk]: this node cannot reach the others, and nothing was done. If it
// changes something it may return [ErrUnsure]: whether that was done is not known. The others only look up what this
// node knows, and wait for nobody. All methods are safe for concurrent use.
type Desk interface {
	// Node returns the name of the node whose view this is.
	Node() string
	// Nodes returns the names of the nodes that are up, as far as this one knows, sorted: its own too, if it is up.
	Nodes() []string
	// Attach makes h do the orders that this node gets; nil ends that. Without one the node answers with the zero
	// Answer.
	Attach(h Handler)

	// Enter says that a user is online, on this node: e.Node is its name. The user is l. It returns ErrConflict if
	// somebody of that name, in any letter case, is online.
	Enter(ctx context.Context, e Entry, l Listener) error
	// Move brings a user who is online to this node: e, whose Node is its name, takes the place of the entry of the
	// same ID, and l hears what that one's listener has heard until then. The node where the user was gets the order
	// HandOver in that place, and Move returns its answer: the zero Answer if there is none, because that node is dead
	// or slow. It returns ErrNotFound if there is no such entry, and for a Held e if that one is not: a seat without a
	// connection takes nobody's place. If it was Held and e is not, Returned is told as in Update.
	Move(ctx context.Context, e Entry, l Listener) (Answer, error)
	// Update puts e in the place of the entry of the same ID and node. It returns ErrNotFound if that is not there.
	// When an entry begins to be Held, the rooms that its user governs, and nobody else whose entry is not, are told
	// Dropped; when it no longer is, Returned. A room is told Dropped as well when the last leaves who governs it and
	// is not Held, and so is who comes into a room where nobody is left but them. Standing rooms are told nothing:
	// they stay.
	Update(ctx context.Context, e Entry) error
	// Quit ends the being online of the entry of e's ID and node, if it is there: the user leaves every room, as by
	// ChangeRoom. The topic of a room that is closed by that is hidden if e.Muted. If the user is a guest the number is
	// free.
	Quit(ctx context.Context, e Entry) error
	// Find returns the entry of the user called name, in any letter case, or ErrNotFound.
	Find(name string) (Entry, error)
	// Online yields the entries of everyone online, sorted by name without regard to letter case, as they stood at one
	// moment.
	Online() iter.Seq[Entry]

	// OpenRoom opens a room of the next number, which leader leads and hears, and tells Everyone. It returns
	// ErrTooManyLed, ErrTooManyRooms, or ErrMoved if leader is not online.
	OpenRoom(ctx context.Context, topic Text, leader User) (Room, error)
	// ChangeRoom puts what [Room.After] makes of the room of the given number in its place, and returns that; the
	// members are told. A room that its leader has left without a deputy is closed, unless it is a standing one. It
	// returns ErrNotFound if there is no such room, ErrMoved if somebody joins who is not online, and After's error,
	// changing nothing.
	ChangeRoom(ctx context.Context, number int, c RoomChange) (Room, error)
	// Stand makes the room of the given number a standing one of the name in s; the members are told. If number is
	// below zero it opens the room that s describes, unless there is a standing room of that name: then it returns
	// that. It returns ErrNotFound if there is no such room, ErrIsStanding, ErrRoomNameTaken, ErrTooManyStanding or
	// ErrTooManyRooms.
	Stand(ctx context.Context, number int, s Standing, by User) (Room, error)
	// Unstand ends that, and closes the room if it has no leader; the members are told. It returns ErrNotFound if there
	// is no standing room of that name, in any letter case.
	Unstand(ctx context.Context, name string, by User) (Room, error)
	// Forget ends what u, whose account is gone, may do in any room or may not: as a deputy, as one who is invited, and
	// as one who is kept out. Nobody is told. A user who is in a room stays there.
	Forget(ctx context.Context, u User) error
	// Speak tells e to the members of the room of the given number, if e.From may speak there at this place in the
	// order. It returns ErrNotFound if there is no such room, ErrNotMember, ErrRoomCalm or ErrRoomSlow.
	Speak(ctx context.Context, number int, e *Event) error
	// SpeakByHook tells e to the members of the room of the given number, if that has a hook of that key: see [Hook].
	// It returns ErrNotFound if there is no such room or hook, ErrRoomCalm, ErrRoomSlow or ErrHookPace.
	SpeakByHook(ctx context.Context, number int, key string, e *Event) error
	// Calm lets only operators and those who govern a room speak in it for so long; zero ends that, and everyone is
	// told. It returns ErrServerNotCalm if there is nothing to end.
	Calm(ctx context.Context, lasts time.Duration) error
	// CalmLeft returns how much longer that holds, zero if it does not.
	CalmLeft() time.Duration
	// Died returns how long ago a node died last at which users were, who have lost their seats; ever is false if none
	// has.
	Died() (ago time.Duration, ever bool)
	// Known reports whether somebody is online from source, or was within [KnownTime], on whichever node. An account
	// whose connection was lost is online for as long as its seat is held. See [SourceOf].
	Known(source netip.Addr) bool
	// Room returns the room of the given number, or ErrNotFound.
	Room(number int) (Room, error)
	// Rooms returns all open rooms by number.
	Rooms() []Room
	// RoomsOf returns the open rooms that u is in, by number.
	RoomsOf(u User) []Room

	// Past returns what was said in topic, a room or Everyone, and is kept: in a room only what u has heard since
	// coming last. Whether u is in a room that is open is for the caller to know. Of a room that is closed it returns
	// ErrNotFound unless u was in it at the end. What is told by calls that have returned on this node is in it.
	Past(topic Topic, u User) (Past, error)
	// Heard returns what is kept of all that was said to everyone, or to u in rooms while u was in them, by Order: also
	// in rooms that u has left, and in those that are closed. Since when u hears what is said to everyone, and that
	// somebody else may have been u before, is for the caller to know. What it does not know for sure it leaves out.
	Heard(u User) []Line
	// Said returns the Order of the line that was said last, in whatever room or to everyone; it is the same on all
	// nodes that have heard as much.
	Said() uint64
	// Publish tells e to all who hear topic.
	Publish(ctx context.Context, topic Topic, e *Event) error
	// Ask gives an order to the node of that name and returns its answer. It returns ErrNotFound if there is no such
	// node.
	Ask(ctx context.Context, node string, o *Order) (Answer, error)
	// All gives an order to all nodes, this one too. When it returns, each of them has done it, or is dead; the answers
	// are those of the others. Where the order only tells users something, other nodes may do it a moment later.
	All(ctx context.Context, o *Order) ([]Answer, error)

	// TakeNumber takes the lowest number, from 1, that no guest has. It is free again when a guest of that number
	// quits, by GiveNumber, and when this node is dead.
	TakeNumber(ctx context.Context) (int, error)
	// GiveNumber gives back a number that no guest got.
	GiveNumber(ctx context.Context, number int) error
	// TakeGuess takes what it costs to guess a password. If there were too many guesses, it returns how long to wait,
	// and nothing is taken.
	TakeGuess(ctx context.Context, g budget.Guess) (wait time.Duration, err error)
	// GiveGuess undoes that, for a password that was right or was not looked at.
	GiveGuess(ctx context.Context, g budget.Guess) error
	// TakeRegistration takes what it costs to register an account from source. If there is something to wait for,
	// nothing is taken.
	TakeRegistration(ctx context.Context, source netip.Addr) (budget.Waits, error)
	// WaitRegistration returns what TakeRegistration would, and takes nothing.
	WaitRegistration(source netip.Addr) budget.Waits
	// GiveRegistration undoes a TakeRegistration, for an account that came to nothing.
	GiveRegistration(ctx context.Context, source netip.Addr) error
	// TakeOver counts that the seat of u, who is online, is about to be taken over from a connection. If that was too
	// often, it returns how long to wait, and nothing is counted: see MaxTakeOvers.
	TakeOver(ctx context.Context, u User) (wait time.Duration, err error)
	// Link makes link that of u, in the place of the one before. It returns ErrNotFound if u is not online. A link ends
	// with its user's being online.
	Link(ctx context.Context, u User, link Link) error
	// Redeem takes the link of that key, and returns whose it is and what it is bound to; ErrNotFound if there is none,
	// or its time is over. Of several at once one gets it.
	Redeem(ctx context.Context, key string) (u User, bound string, err error)
	// Operate waits for the turn to act as an operator, which one has at a time. done ends the turn; so does the death
	// of this node.
	Operate(ctx context.Context) (done func(), err error)
}

// A Handler does what a node is asked to do for its users.
type Handler interface {
	// Do does o, in o's place in the order of events. It must not block, and must not call the desk before it has
	// returned. What takes longer it goes on with afterwards: then later is not nil, and yields the answer. It must not
	// change o.
	Do(ctx context.Context, o *Order) (a Answer, later <-chan Answer)
}
