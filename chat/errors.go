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

// With returns the refusal with the words that are particular to this case. A refusal never carries to a terminal what a
// Text could not: U+FFFD stands for that, so that the user sees why "bob" is not bob.
func (r *Refusal) With(args ...any) error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Marked(s)
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
	if errors.Is(err, ErrDiskFull) {
		return "Sorry, that could not be saved: the disk is full."
	}
	if errors.Is(err, ErrDiskReadOnly) {
		return "Sorry, that could not be saved: the disk is read-only."
	}
	return "Sorry, that did not work. It has been logged."
}

// IsRefusal reports whether err is a reason for saying no to a user, and not something that broke.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[*Refusal](err)
	return ok
}

// These errors are returned when somebody connects. The connection is closed then.
var (
	// ErrMadeRoom ends a session whose user has sent nothing, when all places for those who are not logged in are taken.
	ErrMadeRoom = refusal("Many people are connecting, and your client had sent nothing. Please come again.")
	// ErrServerFull is returned when there are as many connections as there may be.
	ErrServerFull = refusal("The server is full. Please try again in a few minutes.")
	// ErrManyConnecting is returned when too many others have not yet logged in.
	ErrManyConnecting = refusal("Too many people are connecting at the moment. Please try again in a few seconds.")
	// ErrManyFromSource is returned when a source has as many connections as one may have.
	ErrManyFromSource = refusal("Your address has %d connections here, and that is as many as one may have. Close one of them first.")
	// ErrManyWaiting is returned when a source has as many connections as one may have that are not logged in.
	ErrManyWaiting = refusal("Your address has %d connections here that are not logged in, and that is as many as one may have. Log in there, or try again in two minutes.")
	// ErrPenalty is returned when too many connections of a source have come to nothing.
	ErrPenalty = refusal("Too many connections from your address did not log in. Please try again in %s.")
)

// These errors are returned when somebody logs in.
var (
	// ErrLogin is returned for every reason that a name and a password do not open an account.
	ErrLogin = refusal("Login error (username/password do not match)")
	// ErrManyTries is returned for every password, right or wrong, when there were too many wrong ones.
	ErrManyTries = refusal("Too many tries. Please wait %s, then try again.")
	// ErrPasswordEncoding is returned for a password, new or not, that is not UTF-8.
	ErrPasswordEncoding = refusal("That password did not arrive as UTF-8. Set your client to UTF-8, or type letters without accents.")
	// ErrLate ends a session whose user did not log in in time.
	ErrLate = refusal("You took too long to log in. Please come again.")
	// ErrGuestsOff is returned when a guest knocks and guests are not let in.
	ErrGuestsOff = refusal("Guests are not let in here. Log in with the name of your account.")
	// ErrBusy is returned when too many passwords are waiting to be checked.
	ErrBusy = refusal("The server is busy checking passwords. Please try again in a few seconds.")
	// ErrBanned is returned when an operator has banned the user who logs in.
	ErrBanned = refusal("You are banned%s")
	// ErrAddressBanned is returned when an operator has banned the address that somebody comes from.
	ErrAddressBanned = refusal("Your address is banned%s")
)

// These errors are returned when somebody registers.
var (
	// ErrHidden is returned when a name cannot be what its user sees, because something invisible is in it.
	ErrHidden = refusal(`The name "%s" holds a character that cannot be seen. Please type it again.`)
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
	// ErrShortPassword is returned when the password is shorter than --password-min says.
	ErrShortPassword = refusal("A password must have at least %d characters.")
	// ErrOneCharacter is returned when the password is one character over and over.
	ErrOneCharacter = refusal("A password cannot be a single character, even repeated.")
	// ErrPasswordIsName is returned when the password is the name, or hardly more.
	ErrPasswordIsName = refusal("A password cannot be the user name, or nearly the same.")
	// ErrPasswordCharacter is returned when the password has a control character or another that nobody sees.
	ErrPasswordCharacter = refusal("That password has a character that a password cannot have. Use letters, digits, signs and blanks.")
	// ErrRegistrationClosed is returned where only operators make accounts.
	ErrRegistrationClosed = refusal("Nobody can register here. Ask an operator for an account.")
	// ErrNoInvite is returned for an invite code that does not exist, was used or is too old.
	ErrNoInvite = refusal("That invite code is of no use: it is mistyped, used or older than 7 days. Ask an operator for a new one.")
	// ErrTooManyInvites is returned when there are as many unused invite codes as there may be.
	ErrTooManyInvites = refusal("There are %d unused invite codes, and that is as many as there may be. They end by themselves after 7 days.")
	// ErrTooManyRegistered is returned when too many accounts were registered from one address.
	ErrTooManyRegistered = refusal("From your address %d accounts were registered within an hour, and that is as many as one may. Try again in %s.")
	// ErrManyRegistering is returned when too many accounts were registered from everywhere.
	ErrManyRegistering = refusal("Many accounts were registered here in the last minutes. Please try again in %s.")
	// ErrPasswordMismatch is returned when the two times a new password was asked for differ, and it was asked for often enough.
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
	// ErrMuted is returned when an operator has muted the speaker.
	ErrMuted = refusal("You are muted%s You can still read.")
	// ErrNothingSaid is returned when a message or a topic holds nothing to see.
	ErrNothingSaid = refusal("There is nothing to see in that text. Please write something.")
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

// These errors are returned to operators.
var (
	// ErrOperatorsOnly is returned when somebody who is no operator acts as one.
	ErrOperatorsOnly = refusal("Only operators can do that.")
	// ErrIsOperator is returned when an operator is promoted.
	ErrIsOperator = refusal("User %s is an operator already.")
	// ErrNotOperator is returned when somebody is demoted who is none.
	ErrNotOperator = refusal("User %s is no operator.")
	// ErrLastOperator is returned when nobody would be left to operate the server.
	ErrLastOperator = refusal("User %s is the last operator. Promote another user first.")
	// ErrOneself is returned when an operator would shut oneself out.
	ErrOneself = refusal("You cannot %s yourself.")
	// ErrIsDisabled is returned when an account is disabled twice.
	ErrIsDisabled = refusal("User %s is disabled already.")
	// ErrNotDisabled is returned when an account is enabled that is not disabled.
	ErrNotDisabled = refusal("User %s is not disabled.")
	// ErrNotMuted is returned when somebody is unmuted who is not muted.
	ErrNotMuted = refusal("User %s is not muted.")
	// ErrNotBanned is returned when no ban has just this target.
	ErrNotBanned = refusal(`There is no ban of %s. Type "bans" to see all bans.`)
	// ErrBadTarget is returned when a ban's target is neither a name nor an address.
	ErrBadTarget = refusal(`"%s" is neither a user nor an address nor a network. Addresses look like 192.0.2.7 or 2001:db8::7, networks like 192.0.2.0/24.`)
	// ErrBanGuest is returned when a guest is to be banned by name.
	ErrBanGuest = refusal(`User %s is a guest, and another guest may have that name tomorrow. Ban the address: "ban %s -a" does that.`)
	// ErrNoAddress is returned when the address of a user is to be banned who never logged in from one.
	ErrNoAddress = refusal("The address of user %s is not known. Nothing was done.")
	// ErrOwnAddress is returned when the address of a user is to be banned who comes from where the operator does.
	ErrOwnAddress = refusal("Your own session comes from %s too, so that address cannot be banned. Nothing was done. Without -a the ban is of the user alone.")
	// ErrTooManySanctions is returned when there are as many bans, or mutes, as there may be.
	ErrTooManySanctions = refusal("There are %d of them already, and that is as many as there may be. Lift one first.")
	// ErrBadDuration is returned for a length of time that cannot be read, or is too short or too long.
	ErrBadDuration = refusal(`"%s" is no length of time. Write it like 30m, 2h, 2d, 1w or 1d12h, at most 520w.`)
	// ErrUnclearTime is returned when something may have been meant as the time that a punishment lasts.
	ErrUnclearTime = refusal(`It is not clear whether "%s" is to be the time. Nothing was done. Write a time like 30m, 2h, 2d, 1w or forever behind the name, and the reason last.`)
	// ErrCannotStop is returned when there is no server that could be shut down.
	ErrCannotStop = refusal("No server is running that could be shut down.")
	// ErrNoShutdown is returned when there is no shutdown to cancel.
	ErrNoShutdown = refusal("No shutdown is under way.")
)

// These errors are returned when accounts are imported.
var (
	// ErrBadExport is returned when what is to be imported is cut short, altered or no export at all.
	ErrBadExport = refusal("That export is of no use: %s. Nothing was imported.")
	// ErrBadAccount is returned for an account of an export that lacks a password hash, or has one that nobody could log in with.
	ErrBadAccount = refusal("The account %s has no password hash that can be checked.")
)

// These errors are returned in the rooms.
var (
	// ErrNoRoom is returned when no room has the given number.
	ErrNoRoom = refusal(`Room %s does not exist. Type "rooms" to see the open rooms.`)
	// ErrTooManyLed is returned when somebody leads as many rooms as one may.
	ErrTooManyLed = refusal(`You lead %d rooms, and that is as many as one may. Type "leave <room number>" to close one of them first.`)
	// ErrTooManyRooms is returned when there are as many rooms as there may be.
	ErrTooManyRooms = refusal(`There are %d open rooms, and that is as many as there may be. Type "rooms" to see whether one suits you.`)
	// ErrNotMember is returned when somebody speaks in, or leaves, a room without being in it.
	ErrNotMember = refusal(`You are not in Room %d. Type "join %d" to join it.`)
	// ErrInNoRoom is returned when somebody says nothing of which room is meant, and is in none.
	ErrInNoRoom = refusal(`You are in no room. Type "rooms" to see the open rooms.`)
	// ErrWhichRoom is returned when somebody says nothing of which room is meant, and is in several.
	ErrWhichRoom = refusal("You are in Rooms %s. Name one of them: %s")
	// ErrManyRooms is returned when a room is named by a topic that several have.
	ErrManyRooms = refusal("Rooms %s have that topic. Use the number of one: %s")
	// ErrAlreadyMember is returned when somebody joins twice.
	ErrAlreadyMember = refusal("You are already in Room %d.")
)

// These errors are returned for a line that is no good command.
var (
	// ErrUnknownCommand is returned when no command has the given name.
	ErrUnknownCommand = refusal(`Unsupported command: "%s".%s`)
	// ErrUsage is returned when the number or kind of the arguments is wrong.
	ErrUsage = refusal("Incorrect command format. Usage: %s")
	// ErrNoPage is returned when a list has no page of the given number.
	ErrNoPage = refusal("There is no page %s. The last is %d.")
	// ErrGuest is returned when a guest wants what takes an account.
	ErrGuest = refusal(`Guests cannot use "%s". Register first: register <user>`)
	// ErrGuestRegistered is returned for that to a guest who has registered an account meanwhile.
	ErrGuestRegistered = refusal(`Guests cannot use "%s". Log in first: login %s`)
	// ErrGuestClosed is returned for that where nobody can register.
	ErrGuestClosed = refusal(`Guests cannot use "%s". Log in with an account: login <user>`)
	// ErrCancelled is returned when the user called off a question that a command asked.
	ErrCancelled = refusal("Cancelled. Nothing was done.")
	// ErrLineTooLong is returned when a line is longer than MaxLine.
	ErrLineTooLong = refusal("That line is too long: a line holds at most 1,024 bytes. Nothing was done.")
)

// These are the reasons for which a session is ended from outside; its user reads them.
var (
	// ErrMoved ends the old connection of a user who logged in again.
	ErrMoved = refusal("You logged in from another place.")
	// ErrKicked ends the session of somebody whom an operator sent away.
	ErrKicked = refusal("You were disconnected by an operator%s")
	// ErrDisabled ends the session of a user whose account was disabled.
	ErrDisabled = refusal("Your account has been disabled by an operator.")
	// ErrDeleted ends the session of a user whose account was deleted.
	ErrDeleted = refusal("Your account has been deleted by an operator.")
	// ErrTooSlow ends a session that does not read what it is sent.
	ErrTooSlow = refusal("You were disconnected because your connection could not keep up.")
	// ErrNotTelnet ends a session whose peer begins with another protocol.
	ErrNotTelnet = refusal("This is a chat server for telnet, not for %s. Connect with telnet or netcat.")
	// ErrStopped ends all sessions when the server stops.
	ErrStopped = refusal("The server is shutting down. Goodbye.")
)
