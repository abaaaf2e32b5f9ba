package words

// hookAnswers are what commands say of hooks, and what is answered to programs that speak by one.
var hookAnswers = map[string]string{
	"hook made": "Hook %d of Room %s is made. Programs that have this address can speak there, for example by " +
		"curl -d TEXT ADDRESS. It is shown only once: %s",
	"hook number":   "hook %d",
	"all hooks":     "all hooks",
	"hook of room":  "Room %s, hook %d: made by %s on %s.",
	"hooks nowhere": "There are no hooks in the rooms that you govern.",
	"bots":          "%s (bot): speaks %s, by a hook.",
	"link page":     "In a browser, open this instead: %s",
	"hook said":     "Said in Room %s.",
	"many rooms in": "in %d rooms",
}

// hookRefusals are what users read when they may not do something with a hook, and what is answered to programs that
// may not speak.
var hookRefusals = map[string]string{
	"too many hooks": `Room %s has %d hooks, which is the limit. "{/}unhook" ends one.`,
	"no hooks":       "Room %s has no hooks.",
	"no hook":        `Room %s has no hook %d. Type "{/}hooks" to see them.`,
	"hook name taken": "A user is called %s, as programs that speak by a hook are. An operator has to delete that " +
		"account first.",
	"no web":       "This server has no door for browsers, which that takes. Its operator can open one.",
	"no such hook": "There is no such hook, or it has ended.",
	"hook silent":  "The user who made this hook may not speak now. Nothing was said.",
	"hook pace":    "That was too much at once. Nothing was said. Please wait %s.",
}
