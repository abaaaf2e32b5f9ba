package chat

// These errors are returned in the rooms.
var (
	ErrNoRoom       = refusal("no room")        // when no room has the given number
	ErrTooManyLed   = refusal("too many led")   // when somebody leads as many rooms as one may
	ErrTooManyRooms = refusal("too many rooms") // when there are as many rooms as there may be
	ErrNotMember    = refusal("not member")     // when somebody speaks in, or leaves, a room without being in it
	ErrInNoRoom     = refusal("in no room")     // when somebody says nothing of which room is meant, and is in none
	ErrWhichRoom    = refusal("which room")     // when somebody says nothing of which room is meant, and is in several
	// ErrRoomClosed is returned for a room that is closed, to a user who may read what was said in it.
	ErrRoomClosed    = refusal("room closed")
	ErrRoomOpen      = refusal("room open")      // when somebody wants the transcript of a room that is open
	ErrNoTranscript  = refusal("no transcript")  // when there is no transcript of a room for the user who wants it
	ErrManyRooms     = refusal("many rooms")     // when a room is named by a topic that several have
	ErrAlreadyMember = refusal("already member") // when somebody joins twice
	ErrRoomLocked    = refusal("room locked")    // when somebody wants into a locked room and is not invited
	ErrKeptOut       = refusal("kept out")       // when somebody wants into a room who was removed from it for good
	ErrRoomCalm      = refusal("room calm")      // when only those who govern a room may speak in it
	ErrRoomSlow      = refusal("room slow")      // when somebody speaks again too soon in a room
	ErrServerCalm    = refusal("server calm")    // when only operators may speak to everyone
)

// These errors are returned to users who govern a room, or try to.
var (
	ErrNotGoverning    = refusal("not governing")     // for what only the leader and the deputies of a room may do
	ErrNotLeading      = refusal("not leading")       // for what only the leader of a room may do
	ErrNotThere        = refusal("not there")         // when the user whom it concerns is not in the room
	ErrMemberThere     = refusal("member there")      // when somebody is invited who is in the room
	ErrOverYou         = refusal("over you")          // when a deputy would remove the leader or another deputy
	ErrIsOut           = refusal("is out")            // when somebody is kept out of a room twice
	ErrTooManyInvited  = refusal("too many invited")  // when as many are invited into a room as may be
	ErrTooManyOut      = refusal("too many out")      // when as many are kept out of a room as may be
	ErrTooManyDeputies = refusal("too many deputies") // when a room has as many deputies as it may have
	ErrNoTopic         = refusal("no topic")          // when the topic of a room is taken away that has none
	ErrHasTopic        = refusal("has topic")         // when a room is given the topic that it has
	ErrIsLocked        = refusal("is locked")         // when a room is locked twice
	ErrNotLocked       = refusal("not locked")        // when a room is unlocked that is not locked
	ErrLeadsAlready    = refusal("leads already")     // when somebody is made what the leader is
	// ErrLeadsMany is returned when a room is handed over to a user who leads as many as one may.
	ErrLeadsMany     = refusal("leads many")
	ErrIsDeputy      = refusal("is deputy")       // when somebody is named a deputy twice
	ErrNotDeputy     = refusal("not deputy")      // when somebody is to be no deputy any more who is none
	ErrBadSlow       = refusal("bad slow")        // for a time that nobody can be made to wait between two lines
	ErrNotSlow       = refusal("not slow")        // when a room is not slow
	ErrNotCalm       = refusal("not calm")        // when a room is not calm
	ErrServerNotCalm = refusal("server not calm") // when the server is not calm
	// ErrRoomUnsaved says that what was changed of a standing room is in force, but not stored.
	ErrRoomUnsaved     = refusal("room unsaved")
	ErrTooManyHooks    = refusal("too many hooks")    // when a room has as many hooks as it may have
	ErrNoHooks         = refusal("no hooks")          // when the hooks of a room that has none are to end
	ErrNoHook          = refusal("no hook")           // when a room has no hook of the given number
	ErrHookNameTaken   = refusal("hook name taken")   // when a user has the name of those who speak by hooks
	ErrNoWeb           = refusal("no web")            // for what takes a door for browsers where there is none
	ErrRoomNameTaken   = refusal("room name taken")   // when a standing room has a name that looks like this one
	ErrIsStanding      = refusal("is standing")       // when a room is kept twice
	ErrNotStanding     = refusal("not standing")      // when no standing room has that name
	ErrTooManyStanding = refusal("too many standing") // when there are as many standing rooms as there may be
)

// These errors are returned to programs that speak by a hook.
var (
	ErrNoSuchHook = refusal("no such hook") // for a secret that is none, or none any more
	ErrHookSilent = refusal("hook silent")  // while who has made the hook may not speak
	ErrHookPace   = refusal("hook pace")    // when more was said by a hook than may be
)
