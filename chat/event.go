package chat

import (
	"strconv"
	"time"

	"parley/words"
)

// A Kind says what happened.
type Kind uint8

// The kinds of events, and which fields of an [Event] they use beside Kind and At.
const (
	Said       Kind = iota + 1 // From spoke Text in Room
	Shouted                    // From spoke Text to everyone
	Told                       // From spoke Text to one user
	Opened                     // From opened Room, whose topic is Text
	Closed                     // Room, whose topic is Text, was closed by From's leaving
	Joined                     // From came into Room
	Left                       // From left Room
	Announced                  // an operator speaks Text to everyone, in the server's name
	Muted                      // the reader was muted, until Until, because of Text
	Unmuted                    // the reader may speak again
	Promoted                   // the reader became an operator
	Demoted                    // the reader is no longer an operator
	Stopping                   // the server stops at Until
	StopOff                    // the server does not stop after all
	Emoted                     // From did Text, in Room
	Apart                      // the reader's node cannot reach the others
	Together                   // it can again
	Lost                       // Count lines said in Room did not arrive here
	LostShouts                 // Count lines to everyone did not arrive here
	Came                       // From, whom the reader watches, has come online
	Went                       // From, whom the reader watches, has left
	Mailed                     // From has left the reader the letter whose number is Text
	JoinedMany                 // Count users came into Room
	LeftMany                   // Count users left Room
	Dropped                    // the connection of From, who governs Room, was lost: it closes at Until
	Returned                   // From, for whom that was told, is there again
	Unsent                     // Text, which the reader entered before at another connection, is not sent
	Retitled                   // From made Text the topic of Room
	Untitled                   // From took the topic of Room away
	Invited                    // From invites the reader into Room, whose topic is Text
	Locked                     // From let nobody into Room who is not invited
	Unlocked                   // From ended that
	Removed                    // From removed Who from Room, because of Text
	RemovedYou                 // From removed the reader from Room, because of Text
	Led                        // Who leads Room now
	Deputed                    // From made Who a deputy in Room
	Undeputed                  // From ended that
	Slowed                     // From lets members speak once in Count seconds in Room, until Until
	SlowOff                    // From ended that
	Calmed                     // From lets only those speak in Room who govern it, until Until
	CalmOff                    // From ended that
	AllCalm                    // an operator lets only those speak who govern a room, until Until
	AllCalmOff                 // that is over
	Kept                       // Room is a standing room from now on
	Unkept                     // Room is no standing room any more
	Hooked                     // From made a hook, by which programs speak in Room
	Unhooked                   // From ended one, or all
	Reported                   // From reports Who to the operators, because of Text: the report has the number Count
)

// eventKinds are the names of the kinds and, of what users say, where they say it.
var eventKinds = [...]struct {
	name   string
	spoken PlaceKind
}{
	Said: {"said", InRoom}, Shouted: {"shouted", Shouts}, Told: {"told", Tells}, Opened: {name: "opened"},
	Closed: {name: "closed"}, Joined: {name: "joined"}, Left: {name: "left"}, Announced: {name: "announced"},
	Muted: {name: "muted"}, Unmuted: {name: "unmuted"}, Promoted: {name: "promoted"}, Demoted: {name: "demoted"},
	Stopping: {name: "stopping"}, StopOff: {name: "stop off"}, Emoted: {"emoted", InRoom}, Apart: {name: "apart"},
	Together: {name: "together"}, Lost: {name: "lost"}, LostShouts: {name: "lost shouts"}, Came: {name: "came"},
	Went: {name: "went"}, Mailed: {name: "mailed"}, JoinedMany: {name: "joined many"}, LeftMany: {name: "left many"},
	Dropped: {name: "dropped"}, Returned: {name: "returned"}, Unsent: {name: "unsent"}, Retitled: {name: "retitled"},
	Untitled: {name: "untitled"}, Invited: {name: "invited"}, Locked: {name: "locked"}, Unlocked: {name: "unlocked"},
	Removed: {name: "removed"}, RemovedYou: {name: "removed you"}, Led: {name: "led"}, Deputed: {name: "deputed"},
	Undeputed: {name: "undeputed"}, Slowed: {name: "slowed"}, SlowOff: {name: "slow off"}, Calmed: {name: "calmed"},
	CalmOff: {name: "calm off"}, AllCalm: {name: "all calm"}, AllCalmOff: {name: "all calm off"}, Kept: {name: "kept"},
	Unkept: {name: "unkept"}, Hooked: {name: "hooked"}, Unhooked: {name: "unhooked"}, Reported: {name: "reported"},
}

// String returns the kind's name: one or two words in lower case, "other" for what is no kind. Package words has a
// sentence for each name.
func (k Kind) String() string {
	if int(k) < len(eventKinds) && eventKinds[k].name != "" {
		return eventKinds[k].name
	}
	return "other"
}

// Spoken returns where users speak by events of kind k: [InRoom], [Shouts] or [Tells]. It is empty for what no user
// says.
func (k Kind) Spoken() PlaceKind {
	if int(k) < len(eventKinds) {
		return eventKinds[k].spoken
	}
	return ""
}

// Talk reports whether events of kind k carry, as Text, what a user says to many.
func (k Kind) Talk() bool { return k.Spoken() == InRoom || k.Spoken() == Shouts }

// kept reports whether events of kind k are lines, which are kept for those who were there.
func (k Kind) kept() bool { return k.Spoken() != "" || k == Announced }

// unknownKind is the kind of what a newer Parley tells of, and this one has no words for.
const unknownKind Kind = 255

// MarshalText makes a kind travel as its name, which stays when kinds are added.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads that. A name that it does not know is that of a kind without a name; it returns no error.
func (k *Kind) UnmarshalText(name []byte) error {
	*k = unknownKind
	for i := Said; int(i) < len(eventKinds); i++ {
		if eventKinds[i].name == string(name) {
			*k = i
		}
	}
	return nil
}

// rules reports whether events of kind k say what becomes of a room: its members read that from whomever it comes.
func (k Kind) rules() bool {
	switch k {
	case Closed, Locked, Unlocked, Removed, RemovedYou, Led, Deputed, Undeputed, Slowed, SlowOff, Calmed, CalmOff, Kept,
		Unkept, Untitled, Hooked, Unhooked:
		return true
	}
	return false
}

// An Event is what happened, as data: whoever reads it turns it into words. It is never changed once made: all who hear
// share it.
type Event struct {
	Kind Kind `json:"kind"`
	// At is when it happened.
	At time.Time `json:"at"`
	// From is who caused it; the zero User for what the server itself says.
	From User `json:"from,omitzero"`
	// Room is the number of the room it happened in, for the kinds that have one.
	Room int `json:"room,omitempty"`
	// Place is the name of the room it happened in, if that is a standing room.
	Place string `json:"place,omitempty"`
	// Who is the name of the user whom it concerns, beside From.
	Who string `json:"who,omitempty"`
	// Text is what was said, the topic of a room, or a reason.
	Text Text `json:"text,omitzero"`
	// Until is when something ends or happens; zero means no end.
	Until time.Time `json:"until,omitzero"`
	// Count is how many lines there are, or users, or seconds, or the number of a report or a hook.
	Count int `json:"count,omitempty"`
}

// eventOverhead is what an event counts for in a mailbox beside its text and name: about what its sentence adds.
const eventOverhead = 48

// size is what an event counts for in a mailbox, in bytes.
func (e *Event) size() int {
	return len(e.Text.s) + len(e.From.Name) + len(e.Who) + len(e.Place) + eventOverhead
}

// newEvent returns an event that happens now.
func newEvent(kind Kind, from User, room int, text Text) *Event {
	return &Event{Kind: kind, At: time.Now(), From: from, Room: room, Text: text}
}

// AppendField appends to b what a sentence says in the gap of the given name: "from", "who", "room", "text",
// "users" or "number". Of any other name it appends nothing.
func (e *Event) AppendField(b []byte, name string) []byte {
	switch name {
	case "from":
		b = append(b, e.From.Name...)
	case "who":
		b = append(b, e.Who...)
	case "room":
		if e.Place != "" {
			return append(b, e.Place...)
		}
		b = strconv.AppendInt(b, int64(e.Room), 10)
	case "text":
		b = append(b, e.Text.s...)
	case "users", "number":
		b = strconv.AppendInt(b, int64(e.Count), 10)
	}
	return b
}

// Left returns how long it was, when e happened, until something ends or happens: zero means no end.
func (e *Event) Left() time.Duration {
	if e.Until.IsZero() {
		return 0
	}
	return e.Until.Sub(e.At)
}

// Lines returns Count.
func (e *Event) Lines() int { return e.Count }

// Terms returns for how long e holds from when it happened, and why.
func (e *Event) Terms() words.Terms { return termsOf(e.Left(), e.Text) }
