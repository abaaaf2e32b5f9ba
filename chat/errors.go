package chat

import (
	"errors"
	"fmt"
)

// A Refusal is a reason for saying no to a user, with the words the user will read. errors.Is finds the value it was made from.
type Refusal struct {
	format string
	args   []any
	kind   *Refusal
}

func refusal(format string) *Refusal { return &Refusal{format: format} }

// With returns the refusal with the words that are particular to this case. They are cleaned: a refusal never carries
// to a terminal what a Text could not.
func (r *Refusal) With(args ...any) error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Clean(s).String()
		}
	}
	return &Refusal{format: r.format, args: args, kind: r}
}

// Error returns the sentence for the user.
func (r *Refusal) Error() string {
	if len(r.args) == 0 {
		return r.format
	}
	return fmt.Sprintf(r.format, r.args...)
}

// Is reports whether target is the value r was made from.
func (r *Refusal) Is(target error) bool { return r.kind != nil && r.kind == target }

// Sentence returns the sentence that a user reads for err: that of a refusal, and an apology for anything else, whose cause
// is for the log.
func Sentence(err error) string {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Error()
	}
	return "Sorry, that did not work. It has been logged."
}

// IsRefusal reports whether err is a reason for saying no to a user, and not something that broke.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[*Refusal](err)
	return ok
}

// These errors are returned when somebody logs in.
var (
	// ErrLogin is returned for every reason that a name and a password do not open an account.
	ErrLogin = refusal("Login error (username/password do not match)")
	// ErrGuestsOff is returned when a guest knocks and guests are not let in.
	ErrGuestsOff = refusal("Guests are not let in here. Log in with the name of your account.")
	// ErrBusy is returned when too many passwords are waiting to be checked.
	ErrBusy = refusal("The server is busy checking passwords. Please try again in a few seconds.")
	// ErrShutdown is returned when the server is about to stop.
	ErrShutdown = refusal("The server is shutting down. Please come back later.")
)

// These errors are returned when somebody registers.
var (
	// ErrBadName is returned when a name breaks a rule.
	ErrBadName = refusal("That name cannot be registered: %s.")
	// ErrReservedName is returned when a name is a word with a meaning of its own, or looks like one.
	ErrReservedName = refusal("The name %s is reserved. Please choose another.")
	// ErrNameTaken is returned when there is such an account.
	ErrNameTaken = refusal("User %s already exists.")
	// ErrLookAlike is returned when there is an account whose name a hasty reader would take for this one.
	ErrLookAlike = refusal("The name %s looks too much like that of user %s. Please choose another.")
	// ErrNoPassword is returned when the password is empty.
	ErrNoPassword = refusal("A password must have at least one character.")
	// ErrPasswordMismatch is returned when the two times a new password was asked for differ.
	ErrPasswordMismatch = refusal("The two passwords are not the same. Nothing was registered.")
)

// These errors are returned when somebody asks about, or speaks to, another.
var (
	// ErrNoUser is returned when no account has the given name.
	ErrNoUser = refusal(`User %s does not exist. Type "who" to see who is online.`)
	// ErrNotOnline is returned when the account exists but has no session.
	ErrNotOnline = refusal(`User %s is not online. Type "who" to see who is.`)
	// ErrBlocked is returned when the other one has blocked the speaker.
	ErrBlocked = refusal("You have been blocked by %s.")
	// ErrNothingSaid is returned when a message holds nothing to see.
	ErrNothingSaid = refusal("There was nothing to say in that message.")
)

// These errors are returned when somebody blocks or unblocks.
var (
	// ErrAlreadyBlocked is returned when the user is blocked.
	ErrAlreadyBlocked = refusal("User %s is already blocked.")
	// ErrNotBlocked is returned when the user is not blocked.
	ErrNotBlocked = refusal("User %s is not blocked.")
	// ErrBlockSelf is returned to who wants not to hear oneself.
	ErrBlockSelf = refusal("You cannot block yourself.")
	// ErrTooManyBlocks is returned when the list is full.
	ErrTooManyBlocks = refusal(`You have blocked %d users, and that is as many as one may. Type "unblock <user>" first.`)
)

// These errors are returned in the rooms.
var (
	// ErrNoRoom is returned when no room has the given number.
	ErrNoRoom = refusal(`Room %s does not exist. Type "rooms" to see the open rooms.`)
	// ErrNotMember is returned when somebody speaks in, or leaves, a room without being in it.
	ErrNotMember = refusal(`You are not in Room %d. Type "join %d" to join it.`)
	// ErrAlreadyMember is returned when somebody joins twice.
	ErrAlreadyMember = refusal("You are already in Room %d.")
)

// These errors are returned for a line that is no good command.
var (
	// ErrUnknownCommand is returned when no command has the given name.
	ErrUnknownCommand = refusal(`Unsupported command: "%s".%s`)
	// ErrUsage is returned when the number or kind of the arguments is wrong.
	ErrUsage = refusal("Incorrect command format. Usage: %s")
	// ErrGuest is returned when a guest wants what takes an account.
	ErrGuest = refusal(`Guests cannot use "%s". Register first: register <user> <passwd>`)
	// ErrCancelled is returned when the user called off a question that a command asked.
	ErrCancelled = refusal("Cancelled. Nothing was done.")
	// ErrLineTooLong is returned when a line is longer than MaxLine.
	ErrLineTooLong = refusal("That line is too long: a line holds at most 1,024 bytes. Nothing was done.")
)

// These are the reasons for which a session is ended from outside; its user reads them.
var (
	// ErrMoved ends the old connection of a user who logged in again.
	ErrMoved = refusal("You logged in from another place.")
	// ErrTooSlow ends a session that does not read what it is sent.
	ErrTooSlow = refusal("You were disconnected because your connection could not keep up.")
	// ErrStopped ends all sessions when the server stops.
	ErrStopped = refusal("The server is shutting down. Goodbye.")
)
