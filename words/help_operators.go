package words

// durationHelp is told of a time that a command takes.
const durationHelp = "A time is written like 30m, 2h, 2d or 1w, with or without for. Without a time, or with " +
	"forever, it lasts until an operator ends it."

// operatorsHelp is what users read of what operators alone do. What they have instead of a command for
// everybody stands under its name and " for operators".
var operatorsHelp = map[string]Help{
	"reports": {
		Does: "Read what users have reported.",
		More: `"reports" lists those that are open, "reports closed" the others. "reports 3" shows what was heard ` +
			`in report 3, "reports 3 take" says that you see to it, and "reports 3 close" that you have.`,
		Example: "reports 3",
	},
	"reset": {
		Does: "Make a code for a new password.",
		More: "The user types the code in place of the password, once, within 24 hours, and then chooses a new " +
			"password. Until then the old one stays. One-time codes are asked for as before: totp off ends them.",
		Example: "reset bob",
	},
	"totp for operators": {
		Does: "Log in with codes, or end a user's.",
		More: `"totp off bob" ends bob's, who has lost phone and recovery codes: make sure first that it is bob who ` +
			"asks. Without a user it is about your own.",
		Example: "totp off bob",
	},
	"invite for operators": {
		Does: "Make a code for one registration.",
		More: `It can be used once, within 7 days. Only servers whose registration takes a code need one. "invite 0 ` +
			`bob" lets a user into a room that you lead.`,
		Example: "invite",
	},
	"kick for operators": {
		Does: "End a user's session.",
		More: `The user reads the reason, and may come again at once. "kick 0 mallory" removes a user from a room ` +
			`alone that you lead, and "kick -b 0 mallory" keeps the user out of it.`,
		Example: "kick mallory Please let the others talk, too.",
	},
	"calm for operators": {
		Does: "Let only operators speak to all.",
		More: "In each room only the leader and the deputies speak meanwhile, and operators. What users tell each " +
			`other goes on. "calm all" lasts an hour, "calm all 10m" ten minutes, and "calm all off" ends it. "calm ` +
			`0 10m" is for a room that you lead.`,
		Example: "calm all 10m",
	},
	"keep": {
		Does: "Keep a room open, under a name.",
		More: "It stays open without its leader, and over a restart, with its topic, its lock and its deputies. The " +
			`name stands wherever a number does: "join tea". Names are like those of users. Who led it last is its ` +
			"first deputy, and the first deputy who comes into it leads. Operators may do all there that a leader " +
			"may.",
		Example: "keep 0 as tea",
	},
	"unkeep": {
		Does:    "Let a standing room close again.",
		More:    "It closes when its leader leaves; without a leader it closes at once.",
		Example: "unkeep tea",
	},
	"mute": {
		Does:    "Keep a user from talking.",
		More:    "The user is told, and can neither say, shout, tell nor start anything. " + durationHelp,
		Example: "mute mallory for 2h Shouting at everyone.",
	},
	"unmute": {
		Does:    "Let a user talk again.",
		Example: "unmute mallory",
	},
	"ban": {
		Does: "Keep a user or an address out.",
		More: "A target is a user, an address such as 192.0.2.7, or a network such as 192.0.2.0/24; whoever of them " +
			"is online is sent away. An IPv6 address stands for its /64. With -a the user's address is banned too, " +
			"so that the user does not come back as a guest. " + durationHelp,
		Example: "ban mallory for 2d Advertising.",
	},
	"unban": {
		Does:    "End a ban.",
		More:    "The ban of an address that was banned with its user ends together with that of the user.",
		Example: "unban mallory",
	},
	"bans": {
		Does:    "List all bans.",
		Example: "bans",
	},
	"announce": {
		Does:    "Tell everyone, as the system.",
		Example: "announce New rules: be kind.",
	},
	"shutdown": {
		Does: "Stop the server, or cancel that.",
		More: "All who are on it are told at once, a minute before and ten seconds before. A time is written like " +
			`30s or 5m. Of several servers "shutdown in" stops this one, whose users find their rooms on the ` +
			`others, and "shutdown all 5m" stops all.`,
		Example: "shutdown in 5m",
	},
	"audit": {
		Does:    "Show what operators did last.",
		More:    "Without n it is the last 20 lines.",
		Example: "audit 50",
	},
	"who for operators": {
		Does: "List who is online, -a: from where.",
		More: "With -a there is a line for each: the address, how long idle, and whether an operator. " + whoMore +
			`In the chat a long list has pages: "who 2" or "who -a 2" shows the second.`,
		Example: "who -a",
	},
	"cluster": {
		Does:    "List the nodes of this Parley.",
		More:    "It says which run, which is the desk, how many users each has, and which writes its disk lacks.",
		Example: "cluster",
	},
}
