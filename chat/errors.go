package chat

import (
	"errors"

	"parley/words"
)

// A Refusal is a reason for saying no to a user, as data: a code, for which package words has the sentence, and what is
// particular to the case. errors.Is finds the value it was made from.
type Refusal struct {
	code string
	args []any
	kind *Refusal
}

// kinds are the values that refusals are made from, by their codes. Nothing is added once the program runs.
var kinds = make(map[string]*Refusal)

func refusal(code string) *Refusal {
	kinds[code] = &Refusal{code: code}
	return kinds[code]
}

// With returns the refusal with what is particular to this case. A refusal never carries to a terminal what a Text
// could not: U+FFFD stands for that, so that the user sees why "bob" is not bob.
func (r *Refusal) With(args ...any) error {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = marked(s)
		}
	}
	return &Refusal{code: r.code, args: args, kind: r}
}

// Code returns the name under which package words has the sentence.
func (r *Refusal) Code() string { return r.code }

// Args returns what is particular to the case, in the order in which [Refusal.With] was given it. It must not be
// changed.
func (r *Refusal) Args() []any { return r.args }

// Error returns the code and what is particular to the case, for the log. Users read the sentence of package words.
func (r *Refusal) Error() string { return words.Say(r.code, r.args...).String() }

// Is reports whether target is the value r was made from.
func (r *Refusal) Is(target error) bool { return r.kind != nil && r.kind == target }

// IsRefusal reports whether err is a reason for saying no to a user, and not something that broke.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[*Refusal](err)
	return ok
}

// These errors are returned when somebody connects. The connection is closed then.
var (
	// ErrMadeRoom ends a session whose user has sent nothing, when all places for those who are not logged in are
	// taken.
	ErrMadeRoom       = refusal("made room")
	ErrServerFull     = refusal("server full")      // when there are as many connections as there may be
	ErrManyConnecting = refusal("many connecting")  // when too many others have not yet logged in
	ErrManyFromSource = refusal("many from source") // when a source has as many connections as one may have
	// ErrManyWaiting is returned when a source has as many connections as one may have that are not logged in.
	ErrManyWaiting = refusal("many waiting")
	ErrPenalty     = refusal("penalty") // when too many connections of a source have come to nothing
)

// These errors are returned when somebody logs in.
var (
	// ErrLogin is returned for every reason that a name and a password do not open an account.
	ErrLogin = refusal("login")
	// ErrAccountGone is shown to a user whom the door knows, and whose account has been disabled or deleted meanwhile.
	ErrAccountGone = refusal("account gone")
	ErrTakenOften  = refusal("taken often") // when clients have taken a seat from each other too often
	ErrNoLink      = refusal("no link")     // for a code that moves no session
	ErrLinkGuest   = refusal("link guest")  // to a guest who asks for such a code
	// ErrManyTries is returned for every password, right or wrong, when there were too many wrong ones.
	ErrManyTries        = refusal("many tries")
	ErrPasswordEncoding = refusal("password encoding") // for a password, new or not, that is not UTF-8
	ErrLate             = refusal("late")              // ends a session whose user did not log in in time
	ErrGuestsOff        = refusal("guests off")        // when a guest knocks and guests are not let in
	ErrBusy             = refusal("busy")              // when too many passwords are waiting to be checked
	ErrBanned           = refusal("banned")            // when an operator has banned the user who logs in
	// ErrAddressBanned is returned when an operator has banned the address that somebody comes from.
	ErrAddressBanned = refusal("address banned")
)

// These errors are returned when somebody registers.
var (
	// ErrHidden is returned when a name cannot be what its user sees, because something invisible is in it.
	ErrHidden  = refusal("hidden")
	ErrBadName = refusal("bad name") // when a name breaks a rule
	// ErrReservedName is returned when a name is a word with a meaning of its own, or looks like one.
	ErrReservedName = refusal("reserved name")
	ErrNameTaken    = refusal("name taken") // when there is such an account
	// ErrLookAlike is returned when there is an account whose name a hasty reader would take for this one.
	ErrLookAlike      = refusal("look alike")
	ErrNoPassword     = refusal("no password")      // when the password is empty
	ErrShortPassword  = refusal("short password")   // when the password is shorter than the operator wants it
	ErrOneCharacter   = refusal("one character")    // when the password is one character over and over
	ErrPasswordIsName = refusal("password is name") // when the password is the name, or hardly more
	// ErrPasswordCharacter is returned when the password has a control character or another that nobody sees.
	ErrPasswordCharacter  = refusal("password character")
	ErrRegistrationClosed = refusal("registration closed") // where only operators make accounts
	// ErrNoInvite is returned for an invite code that does not exist, was used or is too old.
	ErrNoInvite          = refusal("no invite")
	ErrTooManyInvites    = refusal("too many invites")    // when there are as many unused invite codes as there may be
	ErrTooManyRegistered = refusal("too many registered") // when too many accounts were registered from one address
	ErrManyRegistering   = refusal("many registering")    // when too many accounts were registered from everywhere
	// ErrPasswordMismatch is returned when the two times a new password was asked for differ, and it was asked for
	// often enough.
	ErrPasswordMismatch = refusal("password mismatch")
)

// These errors are returned when somebody asks about, or speaks to, another.
var (
	ErrNoUser    = refusal("no user")    // when no account has the given name
	ErrNotOnline = refusal("not online") // when the account exists but has no session
	ErrBlocked   = refusal("blocked")    // when the other one has blocked the speaker
	ErrMuted     = refusal("muted")      // when an operator has muted the speaker
	// ErrUserGone is returned for a guest who has left, although another one may have that name by now.
	ErrUserGone = refusal("user gone")
	// ErrTalkOver is returned for a line that may have been meant for a room or a user that is no longer there.
	ErrTalkOver          = refusal("talk over")
	ErrNotTalking        = refusal("not talking")         // to a user who stops talking and has not begun
	ErrLooksLikePassword = refusal("looks like password") // for a line that others would have heard a password in
	ErrNotAway           = refusal("not away")            // to a user who comes back and was not away
	ErrNobodySo          = refusal("nobody so")           // when nobody online has a name that begins as was asked for
	ErrBadHours          = refusal("bad hours")           // for what is no part of a day

	ErrHoldLines   = refusal("hold lines")   // to a user who wants to take back lines at a client that sends no keys
	ErrNoPartner   = refusal("no partner")   // when there is nobody to answer
	ErrNothingSaid = refusal("nothing said") // when a message or a topic holds nothing to see
)

// These errors are returned when somebody blocks or unblocks.
var (
	ErrAlreadyBlocked = refusal("already blocked") // when the user is blocked
	ErrNotBlocked     = refusal("not blocked")     // when the user is not blocked
	ErrBlockSelf      = refusal("block self")      // to users who block themselves
	ErrTooManyBlocks  = refusal("too many blocks") // when the list is full
)

// These errors are returned where Parley runs on several machines.
var (
	ErrNoDesk    = refusal("no desk")    // when this machine cannot reach the others. Nothing was done
	ErrUnsure    = refusal("unsure")     // when it is not known whether something was done
	ErrMaybeSent = refusal("maybe sent") // when it is not known whether a message was sent
	ErrOneNode   = refusal("runs alone") // for what there is only where several nodes are one Parley
	ErrOldNode   = refusal("old node")   // for what not all nodes understand yet that run: nothing was done
)

// These errors are returned to operators.
var (
	ErrOperatorsOnly = refusal("operators only") // when somebody who is no operator acts as one
	ErrIsOperator    = refusal("is operator")    // when an operator is promoted
	ErrNotOperator   = refusal("not operator")   // when somebody is demoted who is none
	ErrLastOperator  = refusal("last operator")  // when nobody would be left to operate the server
	ErrOneself       = refusal("oneself")        // when an operator would shut oneself out
	ErrIsDisabled    = refusal("is disabled")    // when an account is disabled twice
	ErrNotDisabled   = refusal("not disabled")   // when an account is enabled that is not disabled
	ErrNotMuted      = refusal("not muted")      // when somebody is unmuted who is not muted
	ErrNotBanned     = refusal("not banned")     // when no ban has just this target
	ErrBadTarget     = refusal("bad target")     // when a ban's target is neither a name nor an address
	ErrBanGuest      = refusal("ban guest")      // when a guest is to be banned by name
	// ErrNoAddress is returned when the address of a user is to be banned who never logged in from one.
	ErrNoAddress = refusal("no address")
	// ErrOwnAddress is returned when the address of a user is to be banned who comes from where the operator does.
	ErrOwnAddress       = refusal("own address")
	ErrTooManySanctions = refusal("too many sanctions") // when there are as many bans, or mutes, as there may be
	// ErrBadDuration is returned for a length of time that cannot be read, or is too short or too long.
	ErrBadDuration = refusal("bad duration")
	// ErrUnclearTime is returned when something may have been meant as the time that a punishment lasts.
	ErrUnclearTime = refusal("unclear time")
	ErrCannotStop  = refusal("cannot stop") // when there is no server that could be shut down
	// ErrUnsavedFull says that bans and mutes are in force, but not saved, because the disk is full.
	ErrUnsavedFull     = refusal("unsaved full")
	ErrUnsavedReadOnly = refusal("unsaved read only") // says the same where the disk is read-only
	ErrNoShutdown      = refusal("no shutdown")       // when there is no shutdown to cancel
)

// These errors are returned when accounts are imported.
var (
	ErrBadExport = refusal("bad export") // when what is to be imported is cut short, altered or no export at all
	// ErrBadAccount is returned for an account of an export that lacks a password hash, or has one that nobody could
	// log in with.
	ErrBadAccount = refusal("bad account")
)

// ErrNoLine is returned for a number that no line has which the user may read.
var ErrNoLine = refusal("no line")

// These errors are returned when a user makes an alias, or ends it.
var (
	ErrNoAlias        = refusal("no alias")         // for a word that is no alias of the user's
	ErrBadAlias       = refusal("bad alias")        // for a word that cannot be an alias
	ErrAliasIsCommand = refusal("alias is command") // for a word that is a command
	ErrAliasSecret    = refusal("alias secret")     // for a line that would have a password in it
	ErrTooManyAliases = refusal("too many aliases") // when a user has as many as one may have
)

// These errors are returned to users who add a key to log in with, or remove one.
var (
	ErrBadKey         = refusal("bad key")           // for a line that holds no public key
	ErrPrivateKey     = refusal("private key")       // for a line of a private key
	ErrKeyOptions     = refusal("key options")       // for a line that says how the key is to be used
	ErrWeakKey        = refusal("weak key")          // for a kind of key that is not taken
	ErrKeyThere       = refusal("key there")         // for a key that the user has already
	ErrManyKeys       = refusal("many keys")         // when a user has as many as one may have
	ErrNoKey          = refusal("no key")            // for a number that is none of the user's keys
	ErrNoKeysOfGuests = refusal("no keys of guests") // to a guest, who has no account to log in to
)

// These errors are returned to users who run a single command, and have no session for that.
var (
	ErrNotBeside   = refusal("not beside")   // for a command that takes a session
	ErrLinesBeside = refusal("lines beside") // for a command of several lines
	ErrResetBeside = refusal("reset beside") // to a user who has come by an operator's code
	ErrHurry       = refusal("hurry")        // when the user has said more than others may hear in that time
)

// These errors are returned for a line that is no good command.
var (
	ErrUnknownCommand  = refusal("unknown command")  // when no command has the given name
	ErrUsage           = refusal("usage")            // when the number or kind of the arguments is wrong
	ErrNoPage          = refusal("no page")          // when a list has no page of the given number
	ErrGuest           = refusal("guest")            // when a guest wants what takes an account
	ErrGuestRegistered = refusal("guest registered") // for that to a guest who has registered an account meanwhile
	ErrGuestClosed     = refusal("guest closed")     // for that where nobody can register
	ErrCancelled       = refusal("cancelled")        // when the user called off a question that a command asked
	ErrLineTooLong     = refusal("line too long")    // when a line is longer than MaxLine
	ErrPasteLong       = refusal("paste long")       // when more was pasted than may be at once
	ErrPasteLine       = refusal("paste line")       // when a line of what was pasted would be longer than MaxLine
	ErrPasteLost       = refusal("paste lost")       // when the terminal did not say where what was pasted ends
)

// ErrNoWhy is returned to a user who asks why, and was refused nothing.
var ErrNoWhy = refusal("no why")

// These errors are returned to users who read more than comes at once.
var (
	ErrPaused    = refusal("is paused")  // when what others say waits already
	ErrNotPaused = refusal("not paused") // when it does not
)

// These errors are returned when a user watches another, or ends that.
var (
	ErrWatchGuest     = refusal("watch guest")      // for a guest: the next one of that name is somebody else
	ErrWatched        = refusal("watched")          // for a user who is watched already
	ErrNotWatched     = refusal("not watched")      // for a user who is not watched
	ErrTooManyWatched = refusal("too many watched") // when a user watches as many as one may
)

// These errors are returned to users who write or read letters.
var (
	ErrMailGuest = refusal("mail guest") // for a guest, who has no letterbox
	ErrMailFull  = refusal("mail full")  // when a user has as many letters as one may have
	ErrMuchMail  = refusal("much mail")  // when a user has as many letters from one as one may leave
	ErrNoMailbox = refusal("no mailbox") // to a guest who asks for letters
	ErrNoLetter  = refusal("no letter")  // for a number that no letter has
	ErrNoUnread  = refusal("no unread")  // when all letters have been read
	// ErrLeaveMail is what a user reads for ErrNotOnline who has told something to somebody who is not there.
	ErrLeaveMail = refusal("leave mail")
)

// These errors are returned to users who change something of an account.
var (
	ErrNoOwnAccount  = refusal("no own account") // to a guest for what takes an account, also where guests may chat
	ErrWrongPassword = refusal("wrong password") // when what a user typed does not open the account
	// ErrProofGone is returned when the password was changed since it was typed, or the account deleted.
	ErrProofGone = refusal("proof gone")
	ErrNameRests = refusal("name rests") // for the name of a user who has deleted the account not long ago
	ErrForgotten = refusal("forgotten")  // ends the session of a user who has deleted the account
	ErrNeedsCode = refusal("needs code") // when nothing but a one-time code is missing
	ErrWrongCode = refusal("wrong code") // for a one-time or recovery code that is wrong, used or too old
	ErrTOTPOn    = refusal("totp on")    // when one-time codes are on already
	ErrTOTPOff   = refusal("totp off")   // when they are off already
	ErrNoTOTP    = refusal("no totp")    // to an operator for a user who has none
)

// These errors are returned when a user is reported, and when an operator sees to that.
var (
	ErrReportSelf      = refusal("report self")       // to users who report themselves
	ErrNothingToReport = refusal("nothing to report") // when nothing was heard of a user, and no reason is given
	ErrManyReports     = refusal("many reports")      // when a user has as many open reports as one may have
	ErrReportsFull     = refusal("reports full")      // when there are as many open reports as there may be
	ErrNoReport        = refusal("no report")         // for a number that no report has
	ErrReportTaken     = refusal("report taken")      // when an operator has taken the report already
	ErrReportClosed    = refusal("report closed")     // when a report is closed already
)

// These errors are returned when something is set.
var (
	ErrNoSetting  = refusal("no setting")  // when no setting has the given name
	ErrBadSetting = refusal("bad setting") // when a setting cannot have the given value
)

// These are the reasons for which a session is ended from outside; its user reads them.
var (
	ErrMoved    = refusal("moved")    // ends the old connection of a user who logged in again
	ErrKicked   = refusal("kicked")   // ends the session of somebody whom an operator sent away
	ErrDisabled = refusal("disabled") // ends the session of a user whose account was disabled
	ErrDeleted  = refusal("deleted")  // ends the session of a user whose account was deleted
	ErrTooSlow  = refusal("too slow") // ends a session that does not read what it is sent
	// ErrEncryptedAlone ends a connection that is not encrypted, to a door that takes no such.
	ErrEncryptedAlone = refusal("encrypted alone")
	ErrWrongDoor      = refusal("wrong door") // ends a connection whose peer speaks what another door speaks
	ErrNotSpoken      = refusal("not spoken") // ends a connection whose peer speaks what no door speaks
	ErrStopped        = refusal("stopped")    // ends all sessions when the server stops
)
