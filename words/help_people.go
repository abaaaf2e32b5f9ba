package words

// whoMore is told of the list of who is online.
const whoMore = `"who -l" tells more of each, and "who al" lists those whose names begin with "al". `

// peopleHelp is what users read of who is there, of settings, and of what tells about things.
var peopleHelp = map[string]Help{
	"help": {
		Does:    "List the commands, or explain one.",
		More:    "A command may be shortened as long as no other starts with the same letters.",
		Example: "help say",
	},
	"who": {
		Does:    "List the users who are online.",
		More:    whoMore + `When more than 500 are online the list has pages: "who 2" shows the second.`,
		Example: "who",
	},
	"status": {
		Does:    "Show what is known of a user, or of yourself.",
		More:    "Only you can see whom you have blocked.",
		Example: "status bob",
	},
	"info": {
		Does:    "Set what others read about you, or show it.",
		Example: "info I am Alice, mostly here in the evenings.",
	},
	"away": {
		Does:    "Say that you are away, and why.",
		More:    `Those who tell you something read it. It lasts until you type "back", or leave.`,
		Example: "away lunch, back at two",
	},
	"back": {
		Does:    "Say that you are no longer away.",
		Example: "back",
	},
	"block": {
		Does: "Hear nothing more of a user.",
		More: "Those who tell you something read that you block them; nobody else is told. It lasts until you " +
			`unblock the user, or for a time: "block mallory 2h". By "block mallory silently" that user notices ` +
			`nothing: what is told to you seems to reach you. All guests at once are blocked by "block guests". ` +
			`"blocks" lists whom you block.`,
		Example: "block mallory",
	},
	"blocks": {
		Does:    "List whom you block, and until when.",
		Example: "blocks",
	},
	"unblock": {
		Does:    "Hear a user again.",
		Example: "unblock mallory",
	},
	"notify": {
		Does: "Be told when a user comes and goes.",
		More: "Alone it lists of whom you are told. Whoever has blocked you is not among them, whatever it says. " +
			"You may name 100.",
		Example: "notify bob",
	},
	"report": {
		Does: "Let the operators know of a user.",
		More: "They read why, and the last 30 lines that you heard from that user: what you were told in private " +
			"and letters to you too, and nothing that others were told. You may block the user before. It is kept " +
			"for 30 days.",
		Example: "report mallory Insults me in private.",
	},
	"set": {
		Does: "Show your settings, or change one.",
		More: `"set" shows what is in force, and why. "set <name>" shows one setting and what it may be, and "set ` +
			`<name> default" gives up what you have set. Your settings stay in your account; those of a guest last ` +
			"until the guest leaves.",
		Example: "set timestamps short",
	},
	"checkup": {
		Does: "Test your terminal: keys, characters, width.",
		More: "It takes 20 seconds, and you may skip any of it. What it shows is kept in your account for terminals " +
			`of that type: "set" says "from the checkup" where it counts. What you have set yourself comes first.`,
		Example: "checkup",
	},
	"reader": {
		Does: "Have everything in the form for screen readers.",
		More: "It has one thing a line, the speaker first, nothing drawn, and no prompt. A line that needs " +
			`attention begins with a word: Tell, Mention, Shout, Emote or Notice. "pause" lets what others say ` +
			`wait, and "resume" shows it. "review tells 5" reads again, "when 3" tells the time of a line, and ` +
			`"next" goes on with a long list. "reader off" ends the form.`,
		Example: "reader",
	},
	"why": {
		Does:    "Explain what was refused last.",
		Example: "why",
	},
	"date": {
		Does:    "Say what time it is.",
		More:    `By your own clock after "set timezone".`,
		Example: "date",
	},
	"uptime": {
		Does:    "Say how long this server has run, and its version.",
		Example: "uptime",
	},
}
