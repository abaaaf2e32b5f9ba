package chat

// These errors are returned in the rooms.
var (
	// ErrNoRoom is returned when no room has the given number.
	ErrNoRoom = refusal("no room")
	// ErrTooManyLed is returned when somebody leads as many rooms as one may.
	ErrTooManyLed = refusal("too many led")
	// ErrTooManyRooms is returned when there are as many rooms as there may be.
	ErrTooManyRooms = refusal("too many rooms")
	// ErrNotMember is returned when somebody speaks in, or leaves, a room without being in it.
	ErrNotMember = refusal("not member")
	// ErrInNoRoom is returned when somebody says nothing of which room is meant, and is in none.
	ErrInNoRoom = refusal("in no room")
	// ErrWhichRoom is returned when somebody says nothing of which room is meant, and is in several.
	ErrWhichRoom = refusal("which room")
	// ErrRoomClosed is returned for a room that is closed, to a user who may read what was said in it.
	ErrRoomClosed = refusal("room closed")
	// ErrRoomOpen is returned when somebody wants the transcript of a room that is open.
	ErrRoomOpen = refusal("room open")
	// ErrNoTranscript is returned when there is no transcript of a room for the user who wants it.
	ErrNoTranscript = refusal("no transcript")
	// ErrManyRooms is returned when a room is named by a topic that several have.
	ErrManyRooms = refusal("many rooms")
	// ErrAlreadyMember is returned when somebody joins twice.
	ErrAlreadyMember = refusal("already member")
	// ErrRoomLocked is returned when somebody wants into a locked room and is not invited.
	ErrRoomLocked = refusal("room locked")
	// ErrKeptOut is returned when somebody wants into a room who was removed from it for good.
	ErrKeptOut = refusal("kept out")
	// ErrRoomCalm is returned when only those who govern a room may speak in it.
	ErrRoomCalm = refusal("room calm")
	// ErrRoomSlow is returned when somebody speaks again too soon in a room.
	ErrRoomSlow = refusal("room slow")
	// ErrServerCalm is returned when only operators may speak to everyone.
	ErrServerCalm = refusal("server calm")
)

// These errors are returned to users who govern a room, or try to.
var (
	// ErrNotGoverning is returned for what only the leader and the deputies of a room may do.
	ErrNotGoverning = refusal("not governing")
	// ErrNotLeading is returned for what only the leader of a room may do.
	ErrNotLeading = refusal("not leading")
	// ErrNotThere is returned when the user whom it concerns is not in the room.
	ErrNotThere = refusal("not there")
	// ErrMemberThere is returned when somebody is invited who is in the room.
	ErrMemberThere = refusal("member there")
	// ErrOverYou is returned when a deputy would remove the leader or another deputy.
	ErrOverYou = refusal("over you")
	// ErrIsOut is returned when somebody is kept out of a room twice.
	ErrIsOut = refusal("is out")
	// ErrTooManyInvited is returned when as many are invited into a room as may be.
	ErrTooManyInvited = refusal("too many invited")
	// ErrTooManyOut is returned when as many are kept out of a room as may be.
	ErrTooManyOut = refusal("too many out")
	// ErrTooManyDeputies is returned when a room has as many deputies as it may have.
	ErrTooManyDeputies = refusal("too many deputies")
	// ErrNoTopic is returned when the topic of a room is taken away that has none.
	ErrNoTopic = refusal("no topic")
	// ErrHasTopic is returned when a room is given the topic that it has.
	ErrHasTopic = refusal("has topic")
	// ErrIsLocked is returned when a room is locked twice.
	ErrIsLocked = refusal("is locked")
	// ErrNotLocked is returned when a room is unlocked that is not locked.
	ErrNotLocked = refusal("not locked")
	// ErrLeadsAlready is returned when somebody is made what the leader is.
	ErrLeadsAlready = refusal("leads already")
	// ErrLeadsMany is returned when a room is handed over to a user who leads as many as one may.
	ErrLeadsMany = refusal("leads many")
	// ErrIsDeputy is returned when somebody is named a deputy twice.
	ErrIsDeputy = refusal("is deputy")
	// ErrNotDeputy is returned when somebody is to be no deputy any more who is none.
	ErrNotDeputy = refusal("not deputy")
	// ErrBadSlow is returned for a time that nobody can be made to wait between two lines.
	ErrBadSlow = refusal("bad slow")
	// ErrNotSlow is returned when a room is not slow.
	ErrNotSlow = refusal("not slow")
	// ErrNotCalm is returned when a room is not calm.
	ErrNotCalm = refusal("not calm")
	// ErrServerNotCalm is returned when the server is not calm.
	ErrServerNotCalm = refusal("server not calm")
	// ErrRoomUnsaved says that what was changed of a standing room is in force, but not stored.
	ErrRoomUnsaved = refusal("room unsaved")
	// ErrTooManyHooks is returned when a room has as many hooks as it may have.
	ErrTooManyHooks = refusal("too many hooks")
	// ErrNoHooks is returned when the hooks of a room that has none are to end.
	ErrNoHooks = refusal("no hooks")
	// ErrNoHook is returned when a room has no hook of the given number.
	ErrNoHook = refusal("no hook")
	// ErrHookNameTaken is returned when a user has the name of those who speak by hooks.
	ErrHookNameTaken = refusal("hook name taken")
	// ErrNoWeb is returned for what takes a door for browsers where there is none.
	ErrNoWeb = refusal("no web")
	// ErrRoomNameTaken is returned when a standing room has a name that looks like this one.
	ErrRoomNameTaken = refusal("room name taken")
	// ErrIsStanding is returned when a room is kept twice.
	ErrIsStanding = refusal("is standing")
	// ErrNotStanding is returned when no standing room has that name.
	ErrNotStanding = refusal("not standing")
	// ErrTooManyStanding is returned when there are as many standing rooms as there may be.
	ErrTooManyStanding = refusal("too many standing")
)

// These errors are returned to programs that speak by a hook.
var (
	// ErrNoSuchHook is returned for a secret that is none, or none any more.
	ErrNoSuchHook = refusal("no such hook")
	// ErrHookSilent is returned while who has made the hook may not speak.
	ErrHookSilent = refusal("hook silent")
	// ErrHookPace is returned when more was said by a hook than may be.
	ErrHookPace = refusal("hook pace")
)
