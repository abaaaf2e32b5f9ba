package chat

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"parley/chat/budget"
)

// An OpKind says what an [Op] does: what the method of [Desk] does that has the same name.
type OpKind string

// The operations, and which fields of an [Op] they use beside Kind.
const (
	OpEnter            OpKind = "enter"             // Entry
	OpMove             OpKind = "move"              // Entry
	OpUpdate           OpKind = "update"            // Entry
	OpQuit             OpKind = "quit"              // Entry, At
	OpOpenRoom         OpKind = "open room"         // Text: the topic; User: the leader; At
	OpChangeRoom       OpKind = "change room"       // Number, Change
	OpTellCounted      OpKind = "tell counted"      // Number, Since, At: tells who was counted
	OpPublish          OpKind = "publish"           // Topic, Event
	OpSpeak            OpKind = "speak"             // Number, Event
	OpSpeakByHook      OpKind = "speak by hook"     // Number, Key, Event
	OpStand            OpKind = "stand"             // Number, Standing, User, At: see [Desk.Stand]
	OpUnstand          OpKind = "unstand"           // Text: the name; User, At
	OpForget           OpKind = "forget"            // User
	OpCalm             OpKind = "calm"              // Lasts, At
	OpAsk              OpKind = "ask"               // To, Order
	OpAll              OpKind = "all"               // Order
	OpTakeNumber       OpKind = "take number"       // Node
	OpGiveNumber       OpKind = "give number"       // Number
	OpTakeGuess        OpKind = "take guess"        // Guess
	OpGiveGuess        OpKind = "give guess"        // Guess
	OpTakeRegistration OpKind = "take registration" // Source
	OpGiveRegistration OpKind = "give registration" // Source
	OpTakeOver         OpKind = "take over"         // User
	OpLink             OpKind = "link"              // User, Link
	OpRedeem           OpKind = "redeem"            // Link: the key
	OpOperate          OpKind = "operate"           // Turn
	OpYield            OpKind = "yield"             // Turn
	OpGone             OpKind = "gone"              // Node: is dead; At
)

// An Op is one thing that is done at the desk, as data: done in the same order to any number of ledgers, it makes them
// all the same. It is not changed once it is done: ledgers keep parts of it.
type Op struct {
	Kind   OpKind        `json:"op"`
	Node   string        `json:"node,omitempty"`
	At     time.Time     `json:"at,omitzero"`
	Entry  *Entry        `json:"entry,omitempty"`
	User   *User         `json:"user,omitempty"`
	Text   Text          `json:"text,omitzero"`
	Number int           `json:"number,omitempty"`
	Change *RoomChange   `json:"change,omitempty"`
	Topic  Topic         `json:"topic,omitempty"`
	Event  *Event        `json:"event,omitempty"`
	To     string        `json:"to,omitempty"` // the name of a node
	Order  *Order        `json:"order,omitempty"`
	Guess  *budget.Guess `json:"guess,omitempty"`
	Source netip.Addr    `json:"source,omitzero"`
	Turn   Turn          `json:"turn,omitzero"`
	Link   *Link         `json:"link,omitempty"`
	Since  time.Duration `json:"since,omitempty"` // the ledger's time
	Lasts  time.Duration `json:"lasts,omitempty"`

	Standing *Standing `json:"standing,omitempty"`
	Key      string    `json:"key,omitempty"` // of a hook
}

// OpsVersion is the version of the operations, and of the ledger, that this program understands. It grows by one with
// a release that knows more kinds, or more of one, or whose ledger remembers more.
//
// Version 2 forgets accounts that were deleted in hooks and topics too, and at other users.
const OpsVersion = 2

// Needs returns the lowest OpsVersion that understands o. It is above OpsVersion for a kind that this program does not
// know. If you add a kind, or add to a kind something that the versions before would pass over, say here what that
// needs.
func (o *Op) Needs() int {
	if known, _ := o.has(); !known {
		return OpsVersion + 1
	}
	if o.Kind == OpForget || o.Order != nil && o.Order.Kind == ForgetUsers {
		return 2
	}
	return 1
}

// An Outcome is what came of an [Op].
type Outcome struct {
	// Err is what the method of the same name returns; then nothing has changed.
	Err    error
	Room   Room
	Number int
	Wait   time.Duration
	Waits  budget.Waits
	// User is whose link was redeemed, and Bound what it is bound to.
	User  User
	Bound string
	// Quit says that the entry was there.
	Quit bool
	// Was is the entry of a user who has moved, as it was, and Rooms are the rooms of that user.
	Was   Entry
	Rooms []Room
	// Told is what is to be told, in that order: see [Bus.Tell].
	Told []Telling
}

// has reports whether this program knows the kind of o, and whether o has what that needs.
func (o *Op) has() (known, valid bool) {
	known = true
	switch o.Kind {
	case OpEnter, OpMove, OpUpdate, OpQuit:
		valid = o.Entry != nil
	case OpOpenRoom, OpTakeOver, OpUnstand, OpForget:
		valid = o.User != nil
	case OpLink:
		valid = o.User != nil && o.Link != nil
	case OpRedeem:
		valid = o.Link != nil
	case OpChangeRoom:
		valid = o.Change != nil
	case OpPublish, OpSpeak, OpSpeakByHook:
		valid = o.Event != nil
	case OpStand:
		valid = o.Standing != nil && o.User != nil
	case OpAsk, OpAll:
		valid = o.Order != nil
	case OpTakeGuess, OpGiveGuess:
		valid = o.Guess != nil
	case OpTakeNumber, OpGiveNumber, OpTakeRegistration, OpGiveRegistration, OpOperate, OpYield, OpGone,
		OpTellCounted, OpCalm:
		valid = true
	default:
		known = false
	}
	return known, valid
}

// Apply does o: nothing else changes a ledger. For now see [budget.Buckets]. Orders and what is published change
// nothing here: that a node does an order, or its listeners hear of it, is the desk's to do at that place. Apply
// returns an error for an operation that it does not know, or that lacks something.
func (l *Ledger) Apply(o *Op, now time.Duration) (out Outcome) {
	if _, valid := o.has(); !valid {
		return Outcome{Err: fmt.Errorf("apply %q: no such operation", o.Kind)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch o.Kind {
	case OpEnter:
		out.Err = l.enterLocked(o.Entry)
	case OpMove:
		out.Was, out.Rooms, out.Told, out.Err = l.moveLocked(o.Entry)
	case OpUpdate:
		out.Told, out.Err = l.updateLocked(o.Entry)
	case OpQuit:
		out.Told, out.Quit = l.quitLocked(o.Entry, o.At, now)
	case OpOpenRoom:
		out.Room, out.Told, out.Err = l.openRoomLocked(o.Text, *o.User, o.At)
	case OpChangeRoom:
		out.Room, out.Told, out.Err = l.changeRoomLocked(o.Number, *o.Change, now)
	case OpTellCounted:
		if c := l.tallies[o.Number]; c.counting() && c.Told == o.Since {
			out.Told = l.tellCountedLocked(o.Number, o.At, now)
		}
	case OpPublish:
		out.Told = []Telling{{Topic: o.Topic, Event: o.Event}}
	case OpSpeak:
		var t Telling
		if t, out.Err = l.speakLocked(o.Number, o.Event, now); out.Err == nil {
			out.Told = []Telling{t}
		}
	case OpSpeakByHook:
		var t Telling
		if t, out.Err = l.speakByHookLocked(o.Number, o.Key, o.Event, now); out.Err == nil {
			out.Told = []Telling{t}
		}
	case OpStand:
		out.Room, out.Told, out.Err = l.standLocked(o.Number, *o.Standing, *o.User, o.At)
	case OpUnstand:
		out.Room, out.Told, out.Err = l.unstandLocked(o.Text.String(), *o.User, o.At)
	case OpForget:
		l.forgetLocked(*o.User)
	case OpCalm:
		out.Told, out.Err = l.calmLocked(o.Lasts, o.At, now)
	case OpTakeNumber:
		out.Number = l.guests.take(o.Node)
	case OpGiveNumber:
		l.guests.give(o.Number)
	case OpTakeGuess:
		out.Wait = l.guesses.Take(*o.Guess, now)
	case OpGiveGuess:
		l.guesses.Give(*o.Guess, now)
	case OpTakeRegistration:
		out.Waits = l.registers.Take(o.Source, now)
	case OpGiveRegistration:
		l.registers.Give(o.Source, now)
	case OpTakeOver:
		out.Wait = l.takeOverLocked(*o.User, now)
	case OpLink:
		out.Err = l.linkLocked(*o.User, *o.Link, now)
	case OpRedeem:
		out.User, out.Bound, out.Err = l.redeemLocked(o.Link.Key, now)
	case OpOperate:
		l.turns = append(l.turns, o.Turn) // behind all that are taken
	case OpYield:
		l.turns = slices.DeleteFunc(l.turns, func(t Turn) bool { return t.ID == o.Turn.ID }) // come or not
	case OpGone:
		out.Told = l.goneLocked(o.Node, o.At, now)
	}
	return out
}
