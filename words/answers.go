package words

// answers are what commands say.
var answers = map[string]string{
	// Accounts.
	"ask password":     "Enter your password: ",
	"ask again":        "Enter your password again: ",
	"ask name":         "Enter a name for your account: ",
	"ask invite":       "Enter your invite code: ",
	"passwords differ": "The two passwords are not the same. Please type them again.",
	"registered":       "User %s registered",
	"still a guest":    "You are still a guest. To become %[1]s, type: {/}login %[1]s",
	"short advice":     "That password is short. One of %d characters or more is harder to guess.",
	"common advice":    "That password is one of the most common ones. It is easy to guess.",

	// Help.
	"commands":            "Commands supported ([] optional field, <> required field):",
	"operators' commands": "For operators:",
	"starred":             "* needs an account: {/}%s.",
	"help more":           `"{/}help more" lists the other commands.`,
	"usage line":          "Usage: {/}%s",
	"example":             "Example: {/}%s",
	"other words":         "Other words for it: %s",
	"needs an account":    "It needs an account: {/}%s.",

	// The list for those who hear it.
	"command heard":              "%s: %s",
	"command for accounts heard": "%s: %s For accounts only.",
	"to an account heard":        "To have an account: {/}%s.",
	"status blocked heard":       "Blocked users: %d. %s",
	"status rooms heard":         "Rooms: %d. In %s",

	// People.
	"online":          "%s online:",
	"nobody online":   "No user is online.",
	"status user":     "User: %s",
	"status info":     "Info: %s",
	"status blocked":  "Blocked User(s): %s",
	"status online":   "online",
	"status offline":  "offline",
	"status seen":     "Last seen: %s",
	"status rooms":    "Rooms: %s",
	"status idle":     "Idle: %s",
	"status since":    "Online since: %s",
	"info set":        "Your information has been updated",
	"blocked them":    "User %s has been blocked.",
	"blocked them so": "User %s has been blocked %s.",
	"unblocked":       "User %s has been unblocked.",
	"told":            "Told %s.",
	"told idle":       "Told %s, who has been idle %s.",
	"told held":       "Told %s, whose connection was lost %s ago.",
	"told away":       "Told %s, who is away%s",
	"you are away":    "You are away%s When you are here again, type: {/}back",
	"you are back":    "You are back.",
	"status away":     "Away%s",
	"away":            "%s(away)",
	"held":            "%s(connection lost)",
	"held since":      "%s, connection lost %s ago",
	"status held":     "Connection lost: %s ago",
	"online one":      "%s: idle %s, since %s, %s.",
	"online one away": "%s: idle %s, since %s, %s, away%s",
	"roomless":        "in no room",
	"in the room":     "in room %s",
	"in the rooms":    "in rooms %s",
	"by the client":   "%s, by %s",

	// Whom one blocks.
	"blocks":                   "%s: blocked %s",
	"blocks nobody":            "You block nobody.",
	"block endless":            "until you unblock",
	"block silent and endless": "silently, until you unblock",
	"block for":                "for %s",
	"block silently for":       "silently for %s",

	// Quiet.
	"quiet on":    "You read no shouts and notices now. To end that, type: {/}quiet off",
	"quiet hours": "You read no shouts and notices from now on at %s. To end that, type: {/}quiet off",
	"quiet off":   "You read shouts and notices again.",

	"quiet joins": "You are not told who comes into your rooms and leaves them. To end that, type: " +
		"{/}quiet joins off",
	"quiet joins off": "You are told again who comes into your rooms and leaves them.",

	// What waits.
	"hold on": "What you say waits three seconds from now on. Ctrl-X takes it back, and Enter sends it at once. To " +
		"end that, type: {/}hold off",
	"hold off":             "What you say is sent at once again.",
	"taken back":           "Taken back. It was not sent.",
	"taken back, typing":   "That was not sent. The key Up shows it again.",
	"nothing to take back": "There is nothing to take back: all you said has been sent.",
	"held lost":            "What you said last was not sent.",

	// Letters.
	"mailed to":         "Your letter waits for %s.",
	"no mail":           "You have no letters.",
	"mail counted":      "%s, %d unread:",
	"letter listed":     "%d: from %s, %s: %s",
	"new letter listed": "%d, new: from %s, %s: %s",
	"letter":            "Letter %d, %s, from %s: %s",
	"letter deleted":    "Letter %d has been deleted.",
	"letters deleted":   "Deleted %s.",

	// Who is watched.
	"watching":     "You will be told when user %s comes and goes.",
	"watching off": "You will not be told of user %s any more.",
	"watch list":   "You are told of: %s",
	"watches none": "You are told of nobody. To be told when a user comes and goes, type: {/}notify <user>",

	"link": "To go on at another place, connect there and type this in place of your user name: %s. It works once, " +
		"within %s.",

	// Aliases.
	"no keys":     "You have no keys. To log in by SSH without a password, type: {/}keys add <line of id_ed25519.pub>",
	"key":         "%d: %s, %s",
	"key named":   "%d: %s, %s, %s",
	"key added":   "You can log in by SSH with the key %s now.",
	"key removed": "Key %d has been removed: %s",

	"alias":           "%s: %s",
	"alias forgotten": "%s is no longer an alias.",
	"no aliases":      "You have no aliases. To make one, type: {/}alias <name> <line>",

	// What is kept.
	"privacy rooms": "What is said in a room is kept in memory: the last %d lines at most, until %s after the room " +
		"is closed. Those who heard it can read it again. Nobody else can.",
	"privacy shouts": "What is said to everyone is kept in memory until the server stops: the last %d lines at most.",
	"privacy tells": "What you are told in private is kept in memory for you alone until you leave: the last %d " +
		"lines at most.",
	"privacy never": "None of that is written to the log. While the server restarts, what you have not read and what " +
		"you were typing is on disk; nothing else of it ever is, but what is in a report.",
	"privacy mail": "Letters that others leave for you by mail are kept on disk until you delete them: %d at most.",
	"privacy account": `Your account is kept on disk until you delete it by "{/}forget-me", or an operator does: ` +
		`your name, a hash of the password, the secret of your one-time codes, ` +
		`what you have set, blocked and said about yourself, when you came and left, and the last addresses you came ` +
		`from. "{/}my-data" shows all of it, but for what is secret. Of an account that you delete the name is kept ` +
		`for 30 days.`,
	"privacy operators": "Operators see who is online, from which address, and since when. What they do is kept on " +
		"disk, with the names or addresses that it concerns. The log of the server has names and addresses, too.",
	"privacy reports": "If a user reports you to the operators, they can read the last %d lines that this user heard " +
		"from you, and nothing that others heard. A report is kept on disk for %d days, also when the account of " +
		"its author is deleted.",
	"privacy network": "Telnet is not encrypted: whoever can read the network between you and the server can read " +
		"along.",
	"datum":        "%v: %v",
	"datum none":   "none, you are a guest",
	"datum hash":   "kept as a hash, which is not shown",
	"datum secret": "kept, and not shown",
	"datum hashes": "%d, kept as hashes, which are not shown",
	"datum guest":  "a guest's session",

	// The names of what is no field of an account.
	"datum account":       "account",
	"datum block ends":    "block of %s ends in",
	"datum block silent":  "block of %s is silent",
	"datum letters lost":  "letters not kept, from %s",
	"datum since":         "online since",
	"datum from":          "connected from",
	"datum client":        "client",
	"datum by":            "by %s",
	"datum lines":         "lines entered",
	"datum private lines": "private lines that can be read again",
	"datum partner":       "last private partner",
	"datum muted":         "muted",
	"datum room":          "room",
	"datum leads":         "leader in",
	"datum deputy":        "deputy in",
	"datum invited":       "invited to",
	"datum out":           "kept out of",
	"datum topic":         "topic set in",
	"datum hook":          "hook in",
	"datum password":      "password",
	"datum recovery":      "recovery codes",

	// Where plain lines go.
	"the room":       "Room %v",
	"room in prompt": "room %v",
	"talking":        `What you type goes to %s now. Commands begin with "/", and /talk ends it.`,
	"talk ended":     "You no longer talk to %s.",
	"talk lost":      "You no longer talk to %s, who has left.",
	"talk room lost": "You no longer talk to Room %v.",
	// About the server.
	"date":    "It is %s.",
	"uptime":  "This server has run for %s, since %s.",
	"version": "It is Parley %s.",
	"topics":  "Topics: %s. To read one, type: {/}help <topic>",
	"no more": "There is no more to say about that: %s",

	// Reading.
	"paused":          `What others say waits now. Type "{/}resume" to read it.`,
	"resumed":         "%s waited.",
	"resumed nothing": "Nothing waited.",
	"one line":        "%d line", "several lines": "%d lines",
	"pause ended": "The pause has ended, because much waits. It is shown now.",

	// Settings.
	"settings":        "Your settings:",
	"how to set":      `To change one, type: {/}set <name> <value>. To see what one may be: {/}set <name>.`,
	"setting yours":   "%s: %s (yours)",
	"setting default": "%s: %s (default)",
	"setting auto":    "%s: %s (auto: %s)",
	"setting may be":  "It may be %s.",

	"says its name":    "your terminal is %s",
	"says it can":      "your client says that it can",
	"says no colours":  "your terminal does not say that it has them",
	"says its size":    "your terminal says so",
	"says no size":     "your client does not say how wide it is",
	"any width":        "no limit",
	"columns":          "%d columns",
	"asks for reader":  "your client asks for it",
	"typed reader":     `you have typed "reader"`,
	"asks for none":    "nothing asks for it",
	"sends lines":      "your client sends whole lines",
	"sends keys":       "your terminal sends every key",
	"reader form":      "the form for screen readers is on",
	"from the checkup": "from the checkup",
	"agreed upon":      "your client has agreed to it",
	"all have it":      "nearly all terminals have it",

	// What was said before.
	"line":              "%d: %s",
	"lines before":      "%d more before these. To see them: {/}%s",
	"nothing to review": "Nothing has been said that you could read again.",
	"nothing found":     "Nothing of what you may read again has that.",
	"no mentions":       "Nobody has said your name.",
	"unread":            "%s: %s",
	"unread, with name": "%s: %s, %s",
	"nothing unread":    "You have read everything.",
	"next":              "%s:",
	"still unread":      "Still unread: %s. To read on: {/}next",
	"all read":          "That is all.",
	"the tells":         "Tells",
	"the shouts":        "Shouts",
	"the letters":       "Mail",
	"everywhere":        "All",
	"transcript":        "Room %d, topic: %s. It is closed; this can be read for %s more.",

	// Rooms.
	"counted":      "%s:",
	"no rooms":     "No rooms.",
	"open one":     "To open one, type: {/}start <topic>",
	"room":         "Room %d, topic: %s",
	"participants": "%d Participant(s): %s",
	"joined":       "You joined Room %s.",
	"left":         "You left Room %s.",
	"kept here":    "The last %d lines are kept for those who heard them. More about that: {/}privacy",

	// Long lists.
	"page":      "Page %d of %d. Next: {/}%s",
	"last page": "Page %d of %d.",

	// Operators.
	"disconnected":        "User %s has been disconnected.",
	"ended":               "Sessions ended: %d.",
	"ended operators too": "Sessions ended: %d. Operators among them: %s.",
	"is muted":            "User %s is muted %s",
	"mute never ends":     "The mute never ends by itself. To end it: {/}%s",
	"no longer muted":     "User %s is no longer muted.",
	"banned them":         "Banned %s %s",
	"ban never ends":      "The ban never ends by itself. To end it: {/}%s",
	"may come back": "%s came from %s, and may come back from there as a guest. To ban that address " +
		"too: {/}%s",
	"ban ended":                "Ended the ban of %s.",
	"no bans":                  "No bans.",
	"banned by":                "%s %s By %s on %s.",
	"bans never end":           `"Until further notice" means that a ban never ends by itself. To end one: {/}%s`,
	"announced":                "Announced to everyone online: %d.",
	"shutdown begun":           "The server shuts down in %s. Everyone online was told.",
	"shutdown of a node begun": "This node shuts down in %s, and the others go on. Everyone on it was told.",

	"shutdown cancelled": "The server does not shut down after all. Everyone on it was told.",
	"cancelled there":    "Called off the shutdown of %s. Everyone there was told.",
	"cluster":            "%s, seen from %s:",
	"node":               "%s: %s, %s.",
	"node at":            "%s: %s, %s, at write %d.",
	"node behind":        "%s: %s, %s, at write %d, %d behind.",
	"cluster at":         "Epoch %d, event %d.",
	"cluster server":     "NATS server: %s.",
	"cluster no server":  "No NATS server can be reached.",
	"cluster trouble":    "This node does not follow what is stored: %s.",
	"invite":             "Invite code: %s. It is good for one account, for 7 days.",
	"user online":        "%-16s  %-15s  idle %s",
	"operator online":    "%-16s  %-15s  idle %s, operator",
	"no deeds":           "No operator has done anything yet.",
	"deed":               "%s  %s: %s",
	"deed for":           "%s for %s",
	"deed in":            "%s in %s",
	"deed because":       "%s: %s",
}
