package words

// phrases are the parts of sentences.
var phrases = map[string]string{
	// The ends of sentences: see Terms.
	"until further notice": "until further notice%s",
	"for so long":          "for %s%s",

	// What somebody cannot do to oneself.
	"ban":    "ban",
	"kick":   "kick",
	"mute":   "mute",
	"unmute": "unmute",

	// Why a name cannot be registered.
	"name unseen":  "it has an invisible character",
	"name letters": "it may have no letters outside a-z, because many of them look alike",
	"name signs":   "it may have letters, digits, '_', '-' and '.' only",
	"name start":   "the first character must be a letter",
	"name long":    "it may have %d characters at most",

	// Why an export is not taken.
	"export long":    "it is longer than %d MiB",
	"export cut":     "its end is missing",
	"export other":   "it does not begin like an export",
	"export newer":   "a newer Parley wrote it",
	"export altered": "its checksum does not match, so it was altered",

	// Several things.
	"and":        "%s and %s",
	"or":         "%s or %s",
	"and others": "%s and %d others",
	"either":     "%s, or {/}%s",
	"then":       "%s, then {/}%s",
	"one user":   "%d user", "several users": "%d users",
	"one lost line": "%d line was lost", "several lost lines": "%d lines were lost",
	"one mention": "%d with your name", "several mentions": "%d with your name",
	"one room": "%d room", "several rooms": "%d rooms",
	"one ban": "%d ban", "several bans": "%d bans",
	"one account": "%d account", "several accounts": "%d accounts",
	"one command": "%d command", "several commands": "%d commands",
	"one letter": "%d letter", "several letters": "%d letters",
	"one session": "%d session", "several sessions": "%d sessions",
	"one node": "%d node", "several nodes": "%d nodes",

	"never": "never",

	// How a node stands.
	"node runs":      "runs",
	"node is desk":   "runs, is the desk",
	"node lags":      "does not keep up",
	"node is apart":  "cannot reach the others",
	"node not heard": "not heard of",

	// What stands behind the usage of a command that was used wrongly.
	"flag first":      "%s. Write %s before the reason.",
	"flag for a user": "%s. Write %s only with the name of a user.",
	"where a number":  "%s, where %s is a number such as %d",
}

// hints say what somebody may have meant whose command is not known.
var hints = map[string]string{
	"see help":          `Type "{/}help" for the list.`,
	"shell help":        `"parley --help" lists the commands.`,
	"it could be":       "It could be %s.",
	"did you mean":      `Did you mean "{/}%s"?`,
	"speak in the room": `To speak in Room %d, begin with "{/}say".`,
	"speak in a room":   `To speak in a room, begin with "{/}say <room number>".`,

	"how to speak": `To speak, join a room: "{/}rooms" lists them. To speak to one user, type: {/}tell ` +
		`<user> <msg>`,
	"speaking takes an account": "To speak takes an account: {/}%s.",

	// For words from elsewhere.
	"hint guest":      "You are logged in. To become a user, type: {/}login <user>",
	"hint nick":       `A name stays as it is. To have another one, type: {/}register <user>`,
	"hint identify":   "To become a user, type: {/}login <user>",
	"hint create":     "To open a room, type: {/}start <topic>. To make an account, type: {/}register <user>",
	"hint unregister": "To delete your account, type: {/}forget-me",
	"hint list":       `Type "{/}rooms" for the rooms, or "{/}who" for the users.`,
	"hint clear":      "To clear the screen, press Ctrl-L.",
}
