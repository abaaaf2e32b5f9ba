package words

// refusals are what users read when they are told no, and why a session ended, by the code of package chat.
var refusals = map[string]string{
	// Who connects. The connection is closed then.
	"made room":        "Many people are connecting, and your client sent nothing. Please come again.",
	"server full":      "The server is full. Please try again in a few minutes.",
	"many connecting":  "Too many people are connecting at the moment. Please try again in a few seconds.",
	"many from source": "Your address already has %d connections, which is the limit. Close one first.",
	"many waiting": "Your address already has %d connections that are not logged in, which is the limit. Log " +
		"in there, or try again in two minutes.",
	"penalty": "Too many connections from your address did not log in. Please try again in %s.",

	// Who logs in.
	"login":        "Login error (username/password do not match)",
	"account gone": "This account cannot be used: it has been disabled or deleted.",
	"taken often": "Clients have taken this session from each other %d times within a minute. It stays where it is " +
		"for %s.",
	"no link":    "That code is not valid: it is mistyped, used, or too old.",
	"link guest": "Guests cannot move to another place. Register first.",
	"many tries": "Too many tries. Please wait %s, then try again.",
	"password encoding": "That password did not arrive as UTF-8. Set your client to UTF-8, or type letters without " +
		"accents.",
	"late":           "You took too long to log in. Please come again.",
	"guests off":     "This server does not let guests in. Log in with the name of your account.",
	"busy":           "The server is busy checking passwords. Please try again in a few seconds.",
	"banned":         "You are banned %s",
	"address banned": "Your address is banned %s",

	// Who registers.
	"hidden":           `The name "%s" has an invisible character. Please type it again.`,
	"bad name":         "That name cannot be registered: %s.",
	"reserved name":    "The name %s is reserved. Please choose another.",
	"name taken":       "User %s already exists.",
	"look alike":       "The name %s looks too much like that of user %s. Please choose another.",
	"no password":      "A password must have at least one character.",
	"short password":   "A password must have at least %d characters.",
	"one character":    "A password cannot be a single character, even repeated.",
	"password is name": "A password cannot be the user name, or nearly the same.",
	"password character": "That password has a character that a password cannot have. Use letters, digits, signs " +
		"and blanks.",
	"registration closed": "Nobody can register here. Ask an operator for an account.",
	"no invite": "That invite code is not valid: it is mistyped, used, or older than 7 days. Ask an " +
		"operator for a new one.",
	"too many invites": "There are already %d unused invite codes, which is the limit. Each ends after 7 days.",
	"too many registered": "Your address has registered %d accounts within an hour, which is the limit. Try again " +
		"in %s.",
	"many registering":  "Many accounts were registered in the last minutes. Please try again in %s.",
	"password mismatch": "The two passwords are not the same. Nothing was done.",

	// Who asks about, or speaks to, another.
	"no user":             `User %s does not exist. Type "{/}who" to see who is online.`,
	"not online":          `User %s is not online. Type "{/}who" to see who is.`,
	"blocked":             "You have been blocked by %s.",
	"muted":               "You are muted %s You can still read.",
	"nothing said":        "Your message is empty.",
	"user gone":           "User %s, with whom you spoke, has left. Nothing was sent.",
	"talk over":           "That may have been meant for %s. Nothing was done: if it is a command, type it again.",
	"not talking":         "Your lines are commands already. To talk without them, type: {/}talk <room or user>",
	"looks like password": "That looks like your password. Nothing was sent.",
	"nobody so":           `Nobody is online whose name begins with "%s".`,
	"bad hours":           `"%s" is not a part of the day. Write it like 22:00-07:00.`,
	"hold lines": `Your client sends whole lines and no keys, so nothing can be taken back. If it can send keys, ` +
		`type: {/}set input char`,
	"not away":   "You are not away.",
	"no partner": "There is nobody to answer yet. To speak to somebody, type: {/}tell <user> <msg>",

	// Who blocks or unblocks.
	"already blocked": "User %s is already blocked.",
	"not blocked":     "User %s is not blocked.",
	"block self":      "You cannot block yourself.",
	"too many blocks": `You have already blocked %d users, which is the limit. Type "{/}unblock <user>" first.`,

	// Who writes or reads letters.
	"mail guest": "User %s is a guest, who has no letters. Nothing was sent.",
	"mail full":  "User %s has %d letters already, which is the limit. Nothing was sent.",
	"much mail":  "You have left %d letters for user %s already, which is the limit. Nothing was sent.",
	"no mailbox": "Guests have no letters.",
	"no letter":  `There is no letter %d. Type "{/}mail" to see all.`,
	"no unread":  "You have read all your letters.",
	"leave mail": "User %[1]s is not online. To leave a letter, type: {/}mail %[1]s <msg>",

	// Who watches another.
	"watch guest":      "User %s is a guest, and another guest may have that name tomorrow. Nothing was done.",
	"watched":          "You are told of user %s already. To end it, type: {/}notify %s off",
	"not watched":      "You are not told of user %s.",
	"too many watched": `You are already told of %d users, which is the limit. Type "{/}notify <user> off" first.`,

	// Who adds a key for SSH, or removes one.
	"bad key": `That is not a public key. Paste one line, such as that in the file id_ed25519.pub: {/}keys add <key>`,
	"private key": "That looks like a private key, which nobody else may have. Nothing was kept. If it was whole, " +
		"make a new key, and add the line in its file that ends in .pub.",
	"key options": "Leave out what stands before the kind of the key: such options are not obeyed here.",
	"weak key": "That kind of key is not taken. Use ed25519, ECDSA, or RSA with 2048 to 4096 bits: ssh-keygen -t " +
		"ed25519",
	"key there":         "You have that key already.",
	"many keys":         `You already have %d keys, which is the limit. Type "{/}keys remove <n>" first.`,
	"no key":            `You have no key %d. Type "{/}keys" to see them.`,
	"no keys of guests": "A guest has no keys. Log in first.",

	// Who runs a single command by SSH.
	"not beside":   "Without a terminal these commands can be run: %s. For all others log in, or use ssh -t.",
	"lines beside": "Without a terminal a command is one line. Nothing was done.",
	"reset beside": "An operator has given you that code. Log in by it with a terminal first, and choose a password.",
	"hurry":        "You have said a lot in a short time. Nothing was sent. Please wait %s.",
	"wrong door":   "This door is for SSH alone. Come with an SSH client: ssh guest@<host> -p <port>",

	// Who makes an alias.
	"no alias":         `"%s" is not an alias of yours. Type "{/}alias" to see them.`,
	"bad alias":        `"%s" cannot be an alias: it takes 1 to 16 letters, digits, '_' or '-', the first a letter.`,
	"alias is command": `"%s" cannot be an alias: it is a command.`,
	"alias secret":     "An alias cannot register or log in: a password could be seen in it.",
	"too many aliases": `You already have %d aliases, which is the limit. Type "{/}unalias <name>" first.`,

	// Where Parley runs on several machines.
	"no desk":    "The other machines cannot be reached, so nothing was done. Try again in a moment.",
	"old node":   "That needs a newer version on all machines, and one of them still has the one before.",
	"unsure":     "The other machines did not answer in time. That may or may not have been done.",
	"maybe sent": "The other machines did not answer in time. That may not have been sent.",

	// What operators read.
	"operators only": "Only operators can do that.",
	"is operator":    "User %s is already an operator.",
	"not operator":   "User %s is not an operator.",
	"last operator":  "User %s is the last operator. Promote another user first.",
	"oneself":        "You cannot %s yourself.",
	"is disabled":    "User %s is already disabled.",
	"not disabled":   "User %s is not disabled.",
	"not muted":      "User %s is not muted.",
	"not banned":     `There is no ban on %s. Type "{/}bans" to see all bans.`,
	"bad target": `"%s" is neither a user nor an address nor a network. Addresses look like 192.0.2.7 or ` +
		`2001:db8::7, networks like 192.0.2.0/24.`,
	"ban guest": `User %s is a guest, and another guest may have that name tomorrow. Ban the address: ` +
		`"{/}ban %s -a" does that.`,
	"no address": "Nobody knows the address of user %s. Nothing was done.",
	"own address": "Your own session comes from %s too, so you cannot ban that address. Nothing was done. " +
		"To ban the user alone, leave out -a.",
	"too many sanctions": "There are already %d of them, which is the limit. End one first.",
	"bad duration":       `"%s" cannot be used as a time. Write it like 30m, 2h, 2d, 1w or 1d12h, at most 520w.`,
	"unclear time": `It is not clear whether "%s" is the time. Nothing was done. Write a time like 30m, 2h, ` +
		`2d, 1w or forever after the name, and the reason last.`,
	"cannot stop": "No server is running, so there is nothing to shut down.",
	"unsaved full": "Bans and mutes are in force, but the disk is full. They will be saved as soon as there " +
		"is room.",
	"unsaved read only": "Bans and mutes are in force, but the disk is read-only. They will be saved as soon as " +
		"the disk takes them.",
	"no shutdown": "There is no shutdown to cancel.",
	"runs alone":  "This server runs alone: there are no others to show.",

	// What is imported.
	"bad export":  "That export cannot be read: %s. Nothing was imported.",
	"bad account": "The account %s has no password hash that can be checked.",

	// In the rooms.
	"no room": `Room %s does not exist. Type "{/}rooms" to see the open rooms.`,
	"too many led": `You already lead %d rooms, which is the limit. Type "{/}leave <room number>" to close one ` +
		`first.`,
	"too many rooms": `There are already %d open rooms, which is the limit. Type "{/}rooms" to see whether one ` +
		`suits you.`,
	"not member":  `You are not in Room %v. Type "{/}join %v" to join it.`,
	"in no room":  `You are not in a room. Type "{/}rooms" to see the open rooms.`,
	"which room":  "You are in Rooms %s. Name one of them: {/}%s",
	"many rooms":  "Rooms %s have that topic. Use the number of one: {/}%s",
	"room closed": `Room %d is closed. To read what was said while you were in it, type: {/}transcript %d`,
	"room open":   "Room %v is open. To read what was said since you came, type: {/}review %v",
	"no transcript": "You cannot read a transcript of Room %d. Those who were in it when it was closed can, for %s " +
		"after that.",
	"already member": "You are already in Room %v.",

	// What was said before.
	"no line": `There is no line %d that you could read. "{/}review" shows the numbers.`,

	// A line that is not a command.
	"unknown command":  `Unsupported command: "%s". %s`,
	"usage":            "Incorrect command format. Usage: {/}%s",
	"no page":          "There is no page %s. The last is %d.",
	"guest":            `Guests cannot use "%s". Register first: {/}register <user>`,
	"guest registered": `Guests cannot use "%s". Log in first: {/}login %s`,
	"guest closed":     `Guests cannot use "%s". Log in with an account: {/}login <user>`,
	"cancelled":        "Cancelled. Nothing was done.",
	"paste long":       "That is too much to paste at once: 8 KiB at most. Nothing was sent.",
	"paste line":       "A line of what you pasted is too long: a line holds at most 1,024 bytes. Nothing was sent.",
	"paste lost":       "Your terminal did not say where what you pasted ends. Nothing was sent.",

	"line too long": "That line is too long: a line holds at most 1,024 bytes. Nothing was done.",

	// Who asks why.
	"no why": "Nothing was refused since you came.",

	// Who reads more than comes at once.
	"is paused":  `What others say waits already. Type "{/}resume" to read it.`,
	"not paused": `Nothing waits. Type "{/}pause" to let what others say wait.`,

	// Who sets something.
	"no setting":  `There is no setting "%s". Type "{/}set" to see all.`,
	"bad setting": `The setting %s cannot be "%s". It may be %s.`,

	// Why a session was ended from outside.
	"moved":    "You logged in from another place.",
	"kicked":   "You were disconnected by an operator%s",
	"disabled": "Your account has been disabled by an operator.",
	"deleted":  "Your account has been deleted by an operator.",
	"too slow": "You were disconnected because your connection could not keep up.",
	"encrypted alone": "Only encrypted connections (TLS) are taken here. Connect with a client for TLS, or to the " +
		"port for telnet.",
	"not spoken": "This is a chat server for telnet, not for %s. Connect with telnet or netcat.",
	"stopped":    "The server is shutting down. Goodbye.",

	// What broke: the cause is for the log.
	"disk full":      "Sorry, that could not be saved: the disk is full.",
	"disk read only": "Sorry, that could not be saved: the disk is read-only.",
	"store unreachable": "Sorry, that could not be saved: the machines that keep it cannot be reached. Try again in " +
		"a moment.",
	"maybe saved": "The machines that keep it did not answer in time. That may or may not have been saved.",
	"store forgot": "Sorry, that could not be saved: the machines that keep it have lost something. An operator has " +
		"to see to it.",
	"store behind": "Sorry, this machine is behind the others. Try again in a moment.",
	"broken":       "Sorry, that did not work. It has been logged.",
}
