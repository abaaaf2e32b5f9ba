package chat

import (
	"net/netip"
	"time"
)

// An Entry says at the [Desk] that a user is online. It is a value: what it says was so when it was read.
type Entry struct {
	// ID tells this entry from all others, those of the same user too: a user who leaves and comes again has another,
	// and one who moves to another node keeps it.
	ID string `json:"id"`
	// Node is the name of the node where the user is.
	Node string `json:"node"`
	// User is who is online.
	User User `json:"user"`
	// Since is when the user came.
	Since time.Time `json:"since"`
	// LastInput is when the user last entered a line, or came. The desk may be late with it; [Node.Online] is not.
	LastInput time.Time `json:"lastInput"`
	// Source is the address that the user's connection comes from: the zero Addr if it is not known.
	Source netip.Addr `json:"source,omitzero"`
	// Operator says that the user is an operator.
	Operator bool `json:"operator,omitempty"`
	// Muted says that others are not to read what the user wrote as a topic.
	Muted bool `json:"muted,omitempty"`
	// Absence says whether the user is away.
	Absence Absence `json:"absence,omitzero"`
	// Client is what the user came with.
	Client Client `json:"client,omitzero"`
	// Info is what a guest says of oneself; an account has it in the store.
	Info Text `json:"info,omitzero"`
	// Held says that the connection was lost, and the seat is kept for a while; nil while there is a connection.
	Held *Hold `json:"held,omitempty"`
}

// Idle returns how long ago the user entered a line.
func (e Entry) Idle() time.Duration { return max(0, time.Since(e.LastInput)) }

// seen returns e as others may see it: why somebody is away who is muted is hidden.
func (e Entry) seen() Entry {
	if e.Muted {
		e.Absence.Why = Text{}
	}
	return e
}

// A Client is what somebody uses to get here.
type Client struct {
	// Name is what the client calls its terminal, such as "xterm", or "" if it does not tell.
	Name string `json:"name,omitempty"`
	// Door is what the door is called by which it comes, or "" if nobody knows.
	Door string `json:"door,omitempty"`
}

// A ClientReceiver is a Receiver that knows its client. Client may be called from any goroutine and must not block.
type ClientReceiver interface {
	Client() Client
}

// clientOf returns the client at r, if it is known.
func clientOf(r Receiver) Client {
	if r, ok := r.(ClientReceiver); ok {
		return r.Client()
	}
	return Client{}
}
