package session

import (
	"net/netip"

	"parley/chat"
)

// A Visitor is who comes to a terminal.
type Visitor struct {
	// Source is where the visitor comes from. The zero Addr means that nobody knows; it is a source like any other.
	Source netip.Addr
	// Door is how the visitor comes, such as "telnet": one word for users to read. Empty if nobody says.
	Door string
	// TLSPort is the port at which the visitor could come encrypted, to be told so; zero means that it is not told.
	TLSPort uint16
	// Pass is told what becomes of the visitor; nil means that nobody wants to know.
	Pass Pass
	// User is who the visitor is, where that is known already: a user whom [chat.Node.Authenticate] returned, or who
	// has shown it in another way that the door answers for. If Guest is set the visitor becomes a new guest, whatever
	// else User says. The session asks a known visitor nothing, and ends if the user may not enter. The zero User means
	// that it asks.
	User chat.User
	// Reader says that the visitor asks for the form for screen readers.
	Reader bool
	// Tells says that the visitor's program tells at once what it is: it is greeted when it has, in the form that
	// suits it.
	Tells bool
	// Proof is by what the visitor has shown that, where it was a password or what stands in for one: a visitor who has
	// come by an operator's code chooses a password first. The zero Proof says nothing.
	Proof chat.Proof
}

// A Pass is what the door that let a visitor in wants to know. Its methods may be called from any goroutine.
type Pass interface {
	// OnExpel sets what the door calls when others need the place of a visitor who has not logged in: end tells reason,
	// and does not block. It may be called at once.
	OnExpel(end func(reason error))
	// LoggedIn says that the visitor has logged in, if only as a guest. It may be called more than once.
	LoggedIn()
	// Waits says that the visitor waits for a password to be checked, behind others, and then that the wait is over.
	Waits(yes bool)
	// Failed says that a password was wrong.
	Failed()
	// Late says that the visitor is sent away because the login took too long.
	Late()
}

// noPass is the Pass of a visitor whom no door has to do with.
type noPass struct{}

func (noPass) OnExpel(func(reason error)) {}
func (noPass) LoggedIn()                  {}
func (noPass) Waits(bool)                 {}
func (noPass) Failed()                    {}
func (noPass) Late()                      {}
