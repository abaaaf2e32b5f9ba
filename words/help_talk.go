package words

// talkHelp is what users read of saying something, and of reading again what was said.
var talkHelp = map[string]Help{
	"say": {
		Does:    "Speak to the members of a room that you are in.",
		More:    "If you are in one room only, you may leave its number out.",
		Example: "say 0 hello, everyone",
	},
	"shout": {
		Does:    "Speak to everyone who is online.",
		Example: "shout The lecture starts in five minutes.",
	},
	"tell": {
		Does:    "Speak to one user alone.",
		Example: "tell bob Are you there?",
	},
	"reply": {
		Does:    "Speak to the one who told you something last.",
		More:    "If nobody has told you anything, it goes to the one you told something last.",
		Example: "reply Yes, I am here.",
	},
	".": {
		Does: "Speak to the one you told something last.",
		More: "No blank is needed. If you have told nobody anything, it goes to the one who told you something " +
			"last.",
		Example: ". and one thing more",
	},
	",": {
		Does:    "Speak in the room you spoke in last.",
		More:    "No blank is needed. If you have not spoken in a room yet, it goes to the one you are in.",
		Example: ", hello again",
	},
	"emote": {
		Does:    "Show the members of a room what you do.",
		More:    "If you are in one room only, you may leave its number out.",
		Example: "emote 0 waves",
	},
	"talk": {
		Does: "Send all you type to a room or a user.",
		More: `Commands begin with "/" then, and the prompt shows where your lines go. Two such signs begin a line ` +
			`with one. "talk" alone ends it; so does leaving the room, or the user's leaving.`,
		Example: "talk 0",
	},
	"alias": {
		Does: "Make a word of your own for a line, or list them.",
		More: "In the line $1 to $9 are the words that follow the name, and $* is all of them. If it has none of " +
			"these, what follows is put behind it. You may have 20.",
		Example: "alias hi say 0 hello $*",
	},
	"unalias": {
		Does:    "Forget a word of your own.",
		Example: "unalias hi",
	},
	"mail": {
		Does: "Leave a letter for a user, or list yours.",
		More: `Read one by "mail read <k>", and the next by "mail read". Delete one by "mail delete <k>", and all ` +
			`by "mail delete all". 50 are kept.`,
		Example: "mail bob See you on Monday.",
	},
	"quiet": {
		Does: "Read no shouts and notices, or only by day.",
		More: `Hours are like 22:00-07:00, by the clock that "set timezone" says. What operators announce, what is ` +
			`said in your rooms and what you are told still comes. "quiet joins" leaves out who comes into your ` +
			`rooms and leaves them, until "quiet joins off". "quiet off" ends all of it. In the form for screen ` +
			`readers who comes and goes is told in one line, ahead of what comes next; after "quiet joins off" it ` +
			"is told at once.",
		Example: "quiet off",
	},
	"hold": {
		Does: "Have three seconds to take back what you say.",
		More: "What you say, tell, shout or emote waits for three seconds then, and for nine in the form for screen " +
			"readers. Ctrl-X takes it back, into the line if that is empty, and Ctrl-C drops it. The next line that " +
			"you enter sends it at once. It needs a terminal that sends every key, and stays in your account.",
		Example: "hold on",
	},
	"review": {
		Does: "Read again what was said while you were there.",
		More: `The place is tells, shouts or the number of a room. "review" alone shows the last 20 lines of your ` +
			`rooms, and what you were told or was shouted; "review all 50" shows 50. Lines are numbered, and "when ` +
			`<k>" tells the time of one. Nobody can read what was said before they came, or by those whom they ` +
			"block.",
		Example: "review 0 50",
	},
	"when": {
		Does:    "Tell the time of a line that review shows.",
		More:    "If several lines have the number, all are shown. The place is tells, shouts or the number of a room.",
		Example: "when 12 in tells",
	},
	"transcript": {
		Does: "Read what was said in a room that was just closed.",
		More: "For ten minutes after a room was closed, those who were in it then may read what was said while they " +
			"were in it.",
		Example: "transcript 0",
	},
	"next": {
		Does: "Read on: a list that was cut, or what is unread.",
		More: `Lists that are long say "Page 1 of 3", and "next" shows the next page until you do something else ` +
			"than speak. In the form for screen readers a page is shorter. Unread is first what you were told, then " +
			"your letters, your rooms, and what was shouted; at most 20 lines or one letter are shown at once.",
		Example: "next",
	},
	"pause": {
		Does: "Let what others say wait.",
		More: `Nothing is lost: it is shown after "resume". When very much waits it is shown by itself, and the ` +
			"pause ends.",
		Example: "pause",
	},
	"resume": {
		Does:    "Show what has waited since pause.",
		Example: "resume",
	},
	"unread": {
		Does:    "List the places where something is unread.",
		More:    `It counts what you have seen, too, until you speak there or read it by "next".`,
		Example: "unread",
	},
	"mentions": {
		Does:    "Show where others have said your name.",
		Example: "mentions",
	},
	"find": {
		Does: "Find what was said while you were there.",
		More: `All words must be in a line, in any letter case. "in <place>" at the end looks in one place alone: ` +
			`tells, shouts, mail or the number of a room. "from <user>" looks for one speaker. The last 20 lines ` +
			"and letters are shown.",
		Example: "find kettle in 0 from bob",
	},
}
