package words

// whichRoom is told of the number of a room that a command is about.
const whichRoom = "If you are in one room only, you may leave its number out."

// roomsHelp is what users read of rooms and of governing them.
var roomsHelp = map[string]Help{
	"start": {
		Does:    "Open a room, which you lead.",
		More:    "When you leave it, it closes, unless you have named a deputy.",
		Example: "start Monday's homework",
	},
	"rooms": {
		Does:    "List the open rooms and who is in them.",
		More:    `A long list has pages: "rooms 2" shows the second.`,
		Example: "rooms",
	},
	"join": {
		Does: "Come into a room and hear what is said in it.",
		More: "If only one room has a topic, the topic will do instead of the number, and so will the name of a " +
			"standing room.",
		Example: "join 0",
	},
	"leave": {
		Does: "Leave a room. If you lead it, it closes.",
		More: "With a deputy in it, the deputy leads instead. If you are in one room only, you may leave its number " +
			"out.",
		Example: "leave 0",
	},
	"topic": {
		Does: "Show or change the topic of a room.",
		More: `Its leader and the deputies may. Without a text the topic is shown, to everybody. "topic 0 off" ` +
			"takes it away. " + whichRoom,
		Example: "topic 0 Homework of week 3",
	},
	"invite": {
		Does: "Let a user into a room, and say so.",
		More: "The user comes in also while the room is locked, and is no longer kept out. The leader and the " +
			"deputies may. " + whichRoom,
		Example: "invite 0 bob",
	},
	"lock": {
		Does:    "Let only those into a room who are invited.",
		More:    "Those inside stay. The leader and the deputies may. " + whichRoom,
		Example: "lock 0",
	},
	"unlock": {
		Does:    "Let everybody into a room again.",
		More:    "The leader and the deputies may. " + whichRoom,
		Example: "unlock 0",
	},
	"kick": {
		Does: "Remove a user from a room.",
		More: `The user and the room read why, if you write a reason behind the name. "kick -b 0 bob" also keeps ` +
			"the user out, until the room closes or somebody invites the user. The leader may, and the deputies, " +
			"who cannot remove the leader or each other. " + whichRoom,
		Example: "kick 0 mallory Not here, please.",
	},
	"handover": {
		Does:    "Make another member the leader of a room.",
		More:    "You stay in it as a member like others. " + whichRoom,
		Example: "handover 0 bob",
	},
	"deputy": {
		Does: "Name a deputy for a room that you lead.",
		More: "A deputy does what the leader does, but hand over and name deputies. When the leader goes, the first " +
			`deputy leads. "undeputy" ends it. ` + whichRoom,
		Example: "deputy 0 bob",
	},
	"undeputy": {
		Does:    "Make a deputy a member like others.",
		More:    whichRoom,
		Example: "undeputy 0 bob",
	},
	"slow": {
		Does: "Let each speak once in a time in a room.",
		More: `"slow 0 30s" lasts an hour, "slow 0 30s for 10m" ten minutes, and "slow 0 off" ends it. The leader ` +
			"and the deputies may, and wait for nothing themselves. " + whichRoom,
		Example: "slow 0 30s",
	},
	"calm": {
		Does: "Let only its leader and deputies speak.",
		More: `"calm 0" lasts an hour, "calm 0 10m" ten minutes, and "calm 0 off" ends it. The leader and the ` +
			"deputies may. " + whichRoom,
		Example: "calm 0 10m",
	},
	"hook": {
		Does: "Let programs speak in a room that you lead.",
		More: `You get an address, once: whoever has it can speak in the room, as ci, by "curl -d TEXT ADDRESS". A ` +
			"text is one line of at most 512 bytes; ten may come in 20 seconds, and they mention nobody. A room has " +
			`at most five hooks. They end by "unhook", with your account, and with the room; a standing ` +
			"room keeps them. The leader and operators may make them, deputies may end them. " + whichRoom,
		Example: "hook 0",
	},
	"hooks": {
		Does:    "List the hooks of the rooms that you govern.",
		More:    "Operators see all. Their addresses are not kept, and nobody can see them again.",
		Example: "hooks",
	},
	"unhook": {
		Does: "End a hook of a room, or all of them.",
		More: `"unhook 0 2" ends the second, "unhook 0" all. "hooks" lists them. The deputies may, too. ` +
			whichRoom,
		Example: "unhook 0 2",
	},
}
