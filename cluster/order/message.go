package order

import (
	"encoding/json"
	"fmt"
)

// version is that of the messages. A replica takes messages of any version: fields that it does not know it ignores,
// and fields that are not there are zero. So a version may add fields, and replicas of two versions work side by side.
const version = 1

// What replicas say to each other.
const (
	// From the desk.
	kindBeat  = "beat"  // I am here, and these are the next operations
	kindBring = "bring" // this brings you up to where I am
	// To the desk.
	kindAck    = "ack"    // this is where I am
	kindSubmit = "submit" // number these
	// From who would be the desk, and the answers.
	kindCanvass = "canvass" // is the desk silent for you too?
	kindSilent  = "silent"  // it is
	kindFollow  = "follow"  // promise to follow nobody of a lower epoch
	kindPromise = "promise" // I do, and this is what I have
	// From anybody to anybody.
	kindRefuse = "refuse" // I have promised not to follow an epoch as low as yours
	kindBye    = "bye"    // I stop; if I am the desk, Data is who is to be it next
	kindOld    = "old"    // your name has a later process now than the one of the start that Data says
	kindMail   = "mail"   // something for the one who uses the order
)

// A message is what one replica sends to another. Which fields count depends on Kind.
type message struct {
	Version int    `json:"v"`
	Kind    string `json:"k"`
	From    string `json:"f"`
	Life    uint64 `json:"i"`
	// To is the life of the receiver that the message is meant for: zero if the sender has not heard of it yet.
	To    uint64 `json:"w,omitempty"`
	Epoch uint64 `json:"e,omitempty"`
	// Speaks is the version of what is submitted that the sender understands.
	Speaks int `json:"z,omitempty"`
	// Stamp is the sender's own clock, and Echo the highest Stamp that it has had from the receiver: so the receiver
	// knows when, by its own clock, the two were last in touch.
	Stamp int64 `json:"s,omitempty"`
	Echo  int64 `json:"r,omitempty"`
	// Place is how far the sender is.
	Place place `json:"p,omitzero"`
	// Ops are the operations from number First on.
	First uint64 `json:"n,omitempty"`
	Ops   []Op   `json:"o,omitempty"`
	Carry *carry `json:"c,omitempty"`
	// Commit is the number up to which a majority has everything.
	Commit uint64 `json:"m,omitempty"`
	// Taken is how many submissions of the receiver in this epoch the desk has numbered.
	Taken uint64 `json:"t,omitempty"`
	// Items are submissions.
	Items []item `json:"u,omitempty"`
	// Began is the number at which the desk's epoch began.
	Began uint64 `json:"b,omitempty"`
	// Age is how long ago the desk was in touch with a majority, in nanoseconds.
	Age int64 `json:"g,omitempty"`
	// Asks asks for an answer at once.
	Asks bool   `json:"q,omitempty"`
	Data []byte `json:"d,omitempty"`
}

// A place is how far a replica is. Of two replicas the one with the higher Followed, and then the higher Last, knows
// everything that any majority has ever had.
type place struct {
	Followed uint64 `json:"f,omitempty"` // the epoch of the last desk that it followed, or was
	Last     uint64 `json:"l,omitempty"` // its last operation
	Applied  uint64 `json:"a,omitempty"` // the last that it has applied
	Epoch    uint64 `json:"e,omitempty"` // of the operation Applied
}

// newerThan reports whether p knows more than q.
func (p place) newerThan(q place) bool {
	return p.Followed > q.Followed || p.Followed == q.Followed && p.Last > q.Last
}

// An item is one submission. A void one stands for what its submitter no longer wants to have numbered.
type item struct {
	Seq  uint64 `json:"q"`
	Data []byte `json:"d,omitempty"`
	Void bool   `json:"x,omitempty"`
}

func (m *message) encode() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // there is nothing in it that cannot be encoded
	}
	return b
}

func decode(b []byte) (*message, error) {
	m := new(message)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	return m, nil
}
