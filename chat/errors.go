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
			args[i] = Marked(s)
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
	ErrMadeRoom = refusal("made room")
	// ErrServerFull is returned when there are as many connections as there may be.
	ErrServerFull = refusal("server full")
	// ErrManyConnecting is returned when too many others have not yet logged in.
	ErrManyConnecting = refusal("many connecting")
	// ErrManyFromSource is returned when a source has as many connections as one may have.
	ErrManyFromSource = refusal("many from source")
	// ErrManyWaiting is returned when a source has as many connections as one may have that are not logged in.
	ErrManyWaiting = refusal("many waiting")
	// ErrPenalty is returned when too many connections of a source have come to nothing.
	ErrPenalty = refusal("penalty")
)

// These errors are returned when somebody logs in.
var (
	// ErrLogin is returned for every reason that a name and a password do not open an account.
	ErrLogin = refusal("login")
	// ErrAccountGone is shown to a user whom the door knows, and whose account has been disabled or deleted meanwhile.
	ErrAccountGone = refusal("account gone")
	// ErrTakenOften is returned when clients have taken a seat from each other too often.
	ErrTakenOften = refusal("taken often")
	// ErrNoLink is returned for a code that moves no session.
	ErrNoLink = refusal("no link")
	// ErrLinkGuest is returned to a guest who asks for such a code.
	ErrLinkGuest = refusal("link guest")
	// ErrManyTries is returned for every password, right or wrong, when there were too many wrong ones.
	ErrManyTries = refusal("many tries")
	// ErrPasswordEncoding is returned for a password, new or not, that is not UTF-8.
	ErrPasswordEncoding = refusal("password encoding")
	// ErrLate ends a session whose user did not log in in time.
	ErrLate = refusal("late")
	// ErrGuestsOff is returned when a guest knocks and guests are not let in.
	ErrGuestsOff = refusal("guests off")
	// ErrBusy is returned when too many passwords are waiting to be checked.
	ErrBusy = refusal("busy")
	// ErrBanned is returned when an operator has banned the user who logs in.
	ErrBanned = refusal("banned")
	// ErrAddressBanned is returned when an operator has banned the address that somebody comes from.
	ErrAddressBanned = refusal("address banned")
)

// These errors are returned when somebody registers.
var (
	// ErrHidden is returned when a name cannot be what its user sees, because something invisible is in it.
	ErrHidden = refusal("hidden")
	// ErrBadName is returned when a name breaks a rule.
	ErrBadName = refusal("bad name")
	// ErrReservedName is returned when a name is a word with a meaning of its own, or looks like one.
	ErrReservedName = refusal("reserved name")
	// ErrNameTaken is returned when there is such an account.
	ErrNameTaken = refusal("name taken")
	// ErrLookAlike is returned when there is an account whose name a hasty reader would take for this one.
	ErrLookAlike = refusal("look alike")
	// ErrNoPassword is returned when the password is empty.
	ErrNoPassword = refusal("no password")
	// ErrShortPassword is returned when the password is shorter than the operator wants it.
	ErrShortPassword = refusal("short password")
	// ErrOneCharacter is returned when the password is one character over and over.
	ErrOneCharacter = refusal("one character")
	// ErrPasswordIsName is returned when the password is the name, or hardly more.
	ErrPasswordIsName = refusal("password is name")
	// ErrPasswordCharacter is returned when the password has a control character or another that nobody sees.
	ErrPasswordCharacter = refusal("password character")
	// ErrRegistrationClosed is returned where only operators make accounts.
	ErrRegistrationClosed = refusal("registration closed")
	// ErrNoInvite is returned for an invite code that does not exist, was used or is too old.
	ErrNoInvite = refusal("no invite")
	// ErrTooManyInvites is returned when there are as many unused invite codes as there may be.
	ErrTooManyInvites = refusal("too many invites")
	// ErrTooManyRegistered is returned when too many accounts were registered from one address.
	ErrTooManyRegistered = refusal("too many registered")
	// ErrManyRegistering is returned when too many accounts were registered from everywhere.
	ErrManyRegistering = refusal("many registering")
	// ErrPasswordMismatch is returned when the two times a new password was asked for differ, and it was asked for
	// often enough.
	ErrPasswordMismatch = refusal("password mismatch")
)

// These errors are returned when somebody asks about, or speaks to, another.
var (
	// ErrNoUser is returned when no account has the given name.
	ErrNoUser = refusal("no user")
	// ErrNotOnline is returned when the account exists but has no session.
	ErrNotOnline = refusal("not online")
	// ErrBlocked is returned when the other one has blocked the speaker.
	ErrBlocked = refusal("blocked")
	// ErrMuted is returned when an operator has muted the speaker.
	ErrMuted = refusal("muted")
	// ErrUserGone is returned for a guest who has left, although another one may have that name by now.
	ErrUserGone = refusal("user gone")
	// ErrTalkOver is returned for a line that may have been meant for a room or a user that is no longer there.
	ErrTalkOver = refusal("talk over")
	// ErrNotTalking is returned to a user who stops talking and has not begun.
	ErrNotTalking = refusal("not talking")
	// ErrLooksLikePassword is returned for a line that others would have heard a password in.
	ErrLooksLikePassword = refusal("looks like password")
	// ErrNotAway is returned to a user who comes back and was not away.
	ErrNotAway = refusal("not away")
	// ErrNobodySo is returned when nobody online has a name that begins as was asked for.
	ErrNobodySo = refusal("nobody so")
	// ErrBadHours is returned for what is no part of a day.
	ErrBadHours = refusal("bad hours")

	// ErrHoldLines is returned to a user who wants to take back lines at a client that sends no keys.
	ErrHoldLines = refusal("hold lines")
	// ErrNoPartner is returned when there is nobody to answer.
	ErrNoPartner = refusal("no partner")
	// ErrNothingSaid is returned when a message or a topic holds nothing to see.
	ErrNothingSaid = refusal("nothing said")
)

// These errors are returned when somebody blocks or unblocks.
var (
	// ErrAlreadyBlocked is returned when the user is blocked.
	ErrAlreadyBlocked = refusal("already blocked")
	// ErrNotBlocked is returned when the user is not blocked.
	ErrNotBlocked = refusal("not blocked")
	// ErrBlockSelf is returned to users who block themselves.
	ErrBlockSelf = refusal("block self")
	// ErrTooManyBlocks is returned when the list is full.
	ErrTooManyBlocks = refusal("too many blocks")
)

// These errors are returned where Parley runs on several machines.
var (
	// ErrNoDesk is returned when this machine cannot reach the others. Nothing was done.
	ErrNoDesk = refusal("no desk")
	// ErrUnsure is returned when it is not known whether something was done.
	ErrUnsure = refusal("unsure")
	// ErrMaybeSent is returned when it is not known whether a message was sent.
	ErrMaybeSent = refusal("maybe sent")
	// ErrOneNode is returned for what there is only where several nodes are one Parley.
	ErrOneNode = refusal("runs alone")
	// ErrOldNode is returned for what not all nodes understand yet that run: nothing was done.
	ErrOldNode = refusal("old node")
)

// These errors are returned to operators.
var (
	// ErrOperatorsOnly is returned when somebody who is no operator acts as one.
	ErrOperatorsOnly = refusal("operators only")
	// ErrIsOperator is returned when an operator is promoted.
	ErrIsOperator = refusal("is operator")
	// ErrNotOperator is returned when somebody is demoted who is none.
	ErrNotOperator = refusal("not operator")
	// ErrLastOperator is returned when nobody would be left to operate the server.
	ErrLastOperator = refusal("last operator")
	// ErrOneself is returned when an operator would shut oneself out.
	ErrOneself = refusal("oneself")
	// ErrIsDisabled is returned when an account is disabled twice.
	ErrIsDisabled = refusal("is disabled")
	// ErrNotDisabled is returned when an account is enabled that is not disabled.
	ErrNotDisabled = refusal("not disabled")
	// ErrNotMuted is returned when somebody is unmuted who is not muted.
	ErrNotMuted = refusal("not muted")
	// ErrNotBanned is returned when no ban has just this target.
	ErrNotBanned = refusal("not banned")
	// ErrBadTarget is returned when a ban's target is neither a name nor an address.
	ErrBadTarget = refusal("bad target")
	// ErrBanGuest is returned when a guest is to be banned by name.
	ErrBanGuest = refusal("ban guest")
	// ErrNoAddress is returned when the address of a user is to be banned who never logged in from one.
	ErrNoAddress = refusal("no address")
	// ErrOwnAddress is returned when the address of a user is to be banned who comes from where the operator does.
	ErrOwnAddress = refusal("own address")
	// ErrTooManySanctions is returned when there are as many bans, or mutes, as there may be.
	ErrTooManySanctions = refusal("too many sanctions")
	// ErrBadDuration is returned for a length of time that cannot be read, or is too short or too long.
	ErrBadDuration = refusal("bad duration")
	// ErrUnclearTime is returned when something may have been meant as the time that a punishment lasts.
	ErrUnclearTime = refusal("unclear time")
	// ErrCannotStop is returned when there is no server that could be shut down.
	ErrCannotStop = refusal("cannot stop")
	// ErrUnsavedFull says that bans and mutes are in force, but not saved, because the disk is full.
	ErrUnsavedFull = refusal("unsaved full")
	// ErrUnsavedReadOnly says the same where the disk is read-only.
	ErrUnsavedReadOnly = refusal("unsaved read only")
	// ErrNoShutdown is returned when there is no shutdown to cancel.
	ErrNoShutdown = refusal("no shutdown")
)

// These errors are returned when accounts are imported.
var (
	// ErrBadExport is returned when what is to be imported is cut short, altered or no export at all.
	ErrBadExport = refusal("bad export")
	// ErrBadAccount is returned for an account of an export that lacks a password hash, or has one that nobody could
	// log in with.
	ErrBadAccount = refusal("bad account")
)

// ErrNoLine is returned for a number that no line has which the user may read.
var ErrNoLine = refusal("no line")

// These errors are returned when a user makes an alias, or ends it.
var (
	// ErrNoAlias is returned for a word that is no alias of the user's.
	ErrNoAlias = refusal("no alias")
	// ErrBadAlias is returned for a word that cannot be an alias.
	ErrBadAlias = refusal("bad alias")
	// ErrAliasIsCommand is returned for a word that is a command.
	ErrAliasIsCommand = refusal("alias is command")
	// ErrAliasSecret is returned for a line that would have a password in it.
	ErrAliasSecret = refusal("alias secret")
	// ErrTooManyAliases is returned when a user has as many as one may have.
	ErrTooManyAliases = refusal("too many aliases")
)

// These errors are returned to users who add a key to log in with, or remove one.
var (
	// ErrBadKey is returned for a line that holds no public key.
	ErrBadKey = refusal("bad key")
	// ErrPrivateKey is returned for a line of a private key.
	ErrPrivateKey = refusal("private key")
	// ErrKeyOptions is returned for a line that says how the key is to be used.
	ErrKeyOptions = refusal("key options")
	// ErrWeakKey is returned for a kind of key that is not taken.
	ErrWeakKey = refusal("weak key")
	// ErrKeyThere is returned for a key that the user has already.
	ErrKeyThere = refusal("key there")
	// ErrManyKeys is returned when a user has as many as one may have.
	ErrManyKeys = refusal("many keys")
	// ErrNoKey is returned for a number that is none of the user's keys.
	ErrNoKey = refusal("no key")
	// ErrNoKeysOfGuests is returned to a guest, who has no account to log in to.
	ErrNoKeysOfGuests = refusal("no keys of guests")
)

// These errors are returned to users who run a single command, and have no session for that.
var (
	// ErrNotBeside is returned for a command that takes a session.
	ErrNotBeside = refusal("not beside")
	// ErrLinesBeside is returned for a command of several lines.
	ErrLinesBeside = refusal("lines beside")
	// ErrResetBeside is returned to a user who has come by an operator's code.
	ErrResetBeside = refusal("reset beside")
	// ErrHurry is returned when the user has said more than others may hear in that time.
	ErrHurry = refusal("hurry")
)

// These errors are returned for a line that is no good command.
var (
	// ErrUnknownCommand is returned when no command has the given name.
	ErrUnknownCommand = refusal("unknown command")
	// ErrUsage is returned when the number or kind of the arguments is wrong.
	ErrUsage = refusal("usage")
	// ErrNoPage is returned when a list has no page of the given number.
	ErrNoPage = refusal("no page")
	// ErrGuest is returned when a guest wants what takes an account.
	ErrGuest = refusal("guest")
	// ErrGuestRegistered is returned for that to a guest who has registered an account meanwhile.
	ErrGuestRegistered = refusal("guest registered")
	// ErrGuestClosed is returned for that where nobody can register.
	ErrGuestClosed = refusal("guest closed")
	// ErrCancelled is returned when the user called off a question that a command asked.
	ErrCancelled = refusal("cancelled")
	// ErrLineTooLong is returned when a line is longer than MaxLine.
	ErrLineTooLong = refusal("line too long")
	// ErrPasteLong is returned when more was pasted than may be at once.
	ErrPasteLong = refusal("paste long")
	// ErrPasteLine is returned when a line of what was pasted would be longer than MaxLine.
	ErrPasteLine = refusal("paste line")
	// ErrPasteLost is returned when the terminal did not say where what was pasted ends.
	ErrPasteLost = refusal("paste lost")
)

// ErrNoWhy is returned to a user who asks why, and was refused nothing.
var ErrNoWhy = refusal("no why")

// These errors are returned to users who read more than comes at once.
var (
	// ErrPaused is returned when what others say waits already.
	ErrPaused = refusal("is paused")
	// ErrNotPaused is returned when it does not.
	ErrNotPaused = refusal("not paused")
)

// These errors are returned when a user watches another, or ends that.
var (
	// ErrWatchGuest is returned for a guest: the next one of that name is somebody else.
	ErrWatchGuest = refusal("watch guest")
	// ErrWatched is returned for a user who is watched already.
	ErrWatched = refusal("watched")
	// ErrNotWatched is returned for a user who is not watched.
	ErrNotWatched = refusal("not watched")
	// ErrTooManyWatched is returned when a user watches as many as one may.
	ErrTooManyWatched = refusal("too many watched")
)

// These errors are returned to users who write or read letters.
var (
	// ErrMailGuest is returned for a guest, who has no letterbox.
	ErrMailGuest = refusal("mail guest")
	// ErrMailFull is returned when a user has as many letters as one may have.
	ErrMailFull = refusal("mail full")
	// ErrMuchMail is returned when a user has as many letters from one as one may leave.
	ErrMuchMail = refusal("much mail")
	// ErrNoMailbox is returned to a guest who asks for letters.
	ErrNoMailbox = refusal("no mailbox")
	// ErrNoLetter is returned for a number that no letter has.
	ErrNoLetter = refusal("no letter")
	// ErrNoUnread is returned when all letters have been read.
	ErrNoUnread = refusal("no unread")
	// ErrLeaveMail is what a user reads for ErrNotOnline who has told something to somebody who is not there.
	ErrLeaveMail = refusal("leave mail")
)

// These errors are returned when something is set.
var (
	// ErrNoSetting is returned when no setting has the given name.
	ErrNoSetting = refusal("no setting")
	// ErrBadSetting is returned when a setting cannot have the given value.
	ErrBadSetting = refusal("bad setting")
)

// These are the reasons for which a session is ended from outside; its user reads them.
var (
	// ErrMoved ends the old connection of a user who logged in again.
	ErrMoved = refusal("moved")
	// ErrKicked ends the session of somebody whom an operator sent away.
	ErrKicked = refusal("kicked")
	// ErrDisabled ends the session of a user whose account was disabled.
	ErrDisabled = refusal("disabled")
	// ErrDeleted ends the session of a user whose account was deleted.
	ErrDeleted = refusal("deleted")
	// ErrTooSlow ends a session that does not read what it is sent.
	ErrTooSlow = refusal("too slow")
	// ErrEncryptedAlone ends a connection that is not encrypted, to a door that takes no such.
	ErrEncryptedAlone = refusal("encrypted alone")
	// ErrWrongDoor ends a connection whose peer speaks what another door speaks.
	ErrWrongDoor = refusal("wrong door")
	// ErrNotSpoken ends a connection whose peer speaks what no door speaks.
	ErrNotSpoken = refusal("not spoken")
	// ErrStopped ends all sessions when the server stops.
	ErrStopped = refusal("stopped")
)
