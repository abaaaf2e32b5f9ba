package words

// sessions are what a session says by itself: before the login, at the login and at the end.
var sessions = map[string]string{
	"banner": `                        -=-= AUTHORIZED USERS ONLY =-=-
By going on you agree to use this server fairly and to be kind to its users.
What you type travels unencrypted: use a password that opens nothing else.
`,
	"encrypted banner": `                        -=-= AUTHORIZED USERS ONLY =-=-
By going on you agree to use this server fairly and to be kind to its users.
`,
	"come encrypted": "This connection is not encrypted. Port %d is, with TLS.",
	"welcome to":     "Welcome to",
	"goodbye":        "Thank you for using %s.\nSee you next time.",

	// For those who hear it.
	"screen reader?": "Screen reader? Type reader.",
	"reader form on": `The form for screen readers is on. To end it when you are logged in, type: {/}set reader off`,

	// How to enter: by a name, with or without guests and registration.
	"ask user":                "Enter your username: ",
	"enter":                   "%s: type your name.",
	"enter or look":           `%s: type your name, or "guest" to look around.`,
	"enter, look or register": `%s: type your name, "guest" to look around, or "register".`,
	"enter or chat":           `%s: type your name, or "guest" to chat without an account.`,
	"enter, chat or register": `%s: type your name, "guest" to chat without an account, or "register".`,
	"tries over":              "You have had %d tries. To try again, connect again.",
	"not logged in":           "You are not logged in yet.",
	"no account":              `There is no account named "%s": you are a guest. Use "{/}login <name>" to try again.`,
	"queued":                  "Many passwords wait to be checked. Yours is number %d: about %s.",
	"cannot hide":             "Your client cannot hide what you type: the password will be visible.",

	// Who has entered.
	"welcome guest": "You are logged in as a guest. You can use: register, login, who, rooms, status, " +
		"help, quit, exit.",
	"welcome guest who chats":  "You are logged in as a guest. You can use all commands, until you leave.",
	"last login":               "Last login: %s.",
	"last login, failed since": "Last login: %s. Failed attempts since: %d.",
	"seat kept":                "Your connection was lost %s ago, and your seat was kept.",
	"seat waits":               "Another server keeps your seat for %s: connect again, and log in.",
	"seat kept over restart":   "The server has restarted, and your seat was kept.",
	"killed":                   "The server stopped without warning; rooms were lost.",
	"half-typed":               "You had typed, and not entered: %s",
	"unread mail":              `You have %s to read: type "{/}mail".`,
	"alone":                    `Nobody else is online. Type "{/}help" for the commands.`,
	"named company":            `Also online: %s. Type "{/}help" for the commands.`,
	"company":                  `%d others are online: type "{/}who" for their names. Type "{/}help" for the commands.`,

	// The checkup.
	"checkup":              `A test of your terminal. Enter alone skips a question, and "q" with Enter ends it.`,
	"checkup lines":        "Your client edits your lines itself: Backspace and the arrows are its own.",
	"ask backspace":        "Press Backspace, then Enter: ",
	"backspace works":      "Backspace works.",
	"backspace deletes":    "Your Backspace sends what Delete sends: that erases what stands before the cursor now.",
	"backspace unknown":    "That key is not known here as Backspace. Ctrl-H erases, too.",
	"ask arrow":            "Press the left arrow, then Enter: ",
	"arrows work":          "The arrows work.",
	"arrows unknown":       "That key is not known here as an arrow. Ctrl-B, Ctrl-F, Ctrl-P and Ctrl-N do the same.",
	"ask accent":           "Type an e with an acute accent, then Enter: ",
	"accent known":         "Your terminal sends %s.",
	"accent stripped":      "Your client strips the eighth bit: what you type beyond ASCII does not arrive.",
	"accent unknown":       `That letter is not known here. "{/}set charset" lists the character sets that there are.`,
	"says width":           "Your terminal says that it has %d columns.",
	"ask width":            "What is the last number in the first row? Type it, then Enter: ",
	"width noted":          "Lines are %d columns wide from now on.",
	"width unknown":        "A width is a number from %d to %d.",
	"checkup nothing":      "Nothing was noted.",
	"checkup kept":         "That is kept in your account, for terminals of the type %s.",
	"checkup for guest":    "That holds until you leave.",
	"checkup for nameless": "That is kept in your account, for terminals that say no type.",

	// What was pasted.
	"send pasted":         "Send %s to %s?",
	"enter pasted":        "Enter %s as commands?",
	"enter pasted behind": `Enter %s, each behind "%s"?`,
	"more pasted":         "And %s more.",
	"yes or no":           "%s y/n ",
	"nothing pasted":      "Nothing was sent.",
	"pasted not sent":     "Not sent of what you pasted: %s.",

	// At any time.
	"more":         "--more-- (Enter: a line, Space: a page, q: stop)",
	"more, narrow": "--more-- (Enter, Space, q)",
	"yes":          "[Yes, Parley is here.]",
	"seven bits": `Your client sends 7 bits of 8, so that letters such as č do not arrive. "telnet -8" sends all ` +
		`of them.`,
}
