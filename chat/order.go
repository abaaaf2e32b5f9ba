package chat

import (
	"net/netip"
	"time"
)

// An OrderKind says what a node is to do.
type OrderKind string

// The orders, and which fields of an [Order] they use beside Kind.
const (
	// Deliver puts Event into the mailbox of User, and answers with a Verdict and Idle.
	Deliver OrderKind = "deliver"
	// HandOver gives up the seat of User, whose entry is Entry, to another node. The connection is ended with ErrMoved.
	// The answer has the Seat, or the Verdict Gone if the user is on the way out.
	HandOver OrderKind = "hand over"
	// Expel ends the being online of User, or of all who come from Network, with Reason. The answer has those who were:
	// they are offline by then, and out of all rooms.
	Expel OrderKind = "expel"
	// SetRole makes User an operator, or none, as Operator says.
	SetRole OrderKind = "set role"
	// Impose makes Sanction hold under Key in the table Table for so long as Lasts says, zero being without end, or
	// nothing if Sanction is nil. The node called Node has done it.
	Impose OrderKind = "impose"
	// Reread reads anew what is known of the account of User, whose blocks, aliases or settings have changed.
	Reread OrderKind = "reread"
	// ForgetUsers ends what users have set about the accounts of those IDs, which are gone.
	ForgetUsers OrderKind = "forget users"
	// TellIdle answers with the Idles of all who are on the node.
	TellIdle OrderKind = "tell idle"
	// TellWatchers lets those hear Event who watch its From, but none of Except.
	TellWatchers OrderKind = "tell watchers"
	// TakeUp gives Unfinished to User, whose entry is Entry.
	TakeUp OrderKind = "take up"
	// TakeIn brings the seat of User, whose entry is Entry, to the node. It is held elsewhere. The answer is the
	// Verdict Delivered, or Gone if the node does not take it. Without an Entry that is all: would it take seats?
	TakeIn OrderKind = "take in"
	// StopIn stops the node's server in Lasts, which All nodes are to do or not. The node tells its users meanwhile.
	StopIn OrderKind = "stop in"
	// CancelStop calls that off. The answer is the Verdict Delivered, and the Node, if there was something to
	// call off.
	CancelStop OrderKind = "cancel stop"
)

// OnlyTells reports whether the order tells users something, and no more: then whoever gives it need not wait for other
// nodes, as with [Desk.Publish].
func (k OrderKind) OnlyTells() bool { return k == TellWatchers }

// An Order is what a node is asked to do for its users, as data. A node that does not know the kind does nothing.
type Order struct {
	Kind     OrderKind     `json:"order"`
	User     User          `json:"user,omitzero"`
	Entry    string        `json:"entry,omitempty"` // an entry's ID
	Event    *Event        `json:"event,omitempty"`
	Except   []string      `json:"except,omitempty"` // users' IDs
	IDs      []string      `json:"ids,omitempty"`
	Network  netip.Prefix  `json:"network,omitzero"`
	Reason   *Refusal      `json:"reason,omitempty"`
	Operator bool          `json:"operator,omitempty"`
	Table    string        `json:"table,omitempty"`
	Key      string        `json:"key,omitempty"`
	Sanction *Sanction     `json:"sanction,omitempty"`
	Lasts    time.Duration `json:"lasts,omitempty"` // nanoseconds, from when the order is done
	Node     string        `json:"node,omitempty"`
	All      bool          `json:"all,omitempty"`

	Unfinished *Unfinished `json:"unfinished,omitempty"`
}

// A Verdict says what became of an event for one user.
type Verdict string

// The verdicts. The zero value is that of a node that knows nothing of the user.
const (
	Delivered Verdict = "delivered"
	Blocked   Verdict = "blocked" // the user has blocked the speaker
	Full      Verdict = "full"    // the mailbox; the user is being sent away
	Gone      Verdict = "gone"    // the user is on the way out
)

// An Answer is what a node answers to an [Order], as data. The zero Answer says that there was nothing to do.
type Answer struct {
	Verdict Verdict       `json:"verdict,omitempty"`
	Idle    time.Duration `json:"idle,omitempty"`
	Ended
	// Node is the one whose stop was called off.
	Node string `json:"node,omitempty"`
	Seat *Seat  `json:"seat,omitempty"`
	// Idles are how long each user has been idle, by the ID of the entry.
	Idles map[string]time.Duration `json:"idles,omitempty"`
}

// A Seat is what goes with a user who moves to another node, beside what is in the entry.
type Seat struct {
	Lines  int64    `json:"lines"` // that the user has entered
	Unread []*Event `json:"unread,omitempty"`
	// Teller, Target and Room are those with whom, and where, the user has spoken last: see [Presence.Partner].
	Teller User `json:"teller,omitzero"`
	Target User `json:"target,omitzero"`
	Room   *int `json:"room,omitempty"`
	// Came is the Order of the last line before the user came.
	Came  uint64 `json:"came,omitempty"`
	Heard Heard  `json:"heard,omitzero"`
	// Unfinished is what the user was in the middle of; nil if that was nothing.
	Unfinished *Unfinished `json:"unfinished,omitempty"`
}
