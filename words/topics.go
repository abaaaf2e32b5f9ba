package words

import (
	"slices"
	"strings"
)

// A Topic is what users read of something that is no command, or more than one.
type Topic struct{ Name, Text string }

var topics = []Topic{{
	Name: "rooms",
	Text: `A room is where several people hear each other. It has a number, a topic and a leader: who opened it by ` +
		`"start <topic>". "rooms" lists all, and "join 0" lets you in, unless the room is locked. What you say in a ` +
		`room, ` +
		`by "say 0 hello", its members hear and nobody else. You may be in several. A room closes when its leader ` +
		`leaves it or goes, unless there is a deputy, who leads it then, or it is a standing room, which has a ` +
		`name. The leader's means are "topic", "lock", "invite", "kick", "slow", "calm", "deputy" and "handover".`,
}, {
	Name: "blocking",
	Text: `"block <user>" lets you hear nothing more of somebody: no talk, no shouts, and nothing told to you. The ` +
		`other one reads that only by telling you something, and after "block <user> silently" not even then. It ` +
		`lasts until "unblock <user>", also when you come again, or for a time, as in "block <user> 2h". "blocks" ` +
		`lists whom you block. "block guests" is for all guests at once. Operators can mute or ban somebody who ` +
		`troubles many.`,
}, {
	Name: "privacy",
	Text: `Your password is kept as a hash alone, and nobody can read it. Your account keeps your name, what you say ` +
		`of yourself by "info", whom you have blocked, what you have set, when you were here, and the addresses ` +
		`you logged in from last. What is said is not written to the log. What travels by telnet is not encrypted: ` +
		`whoever sits between you and the server can read it, passwords too.`,
}, {
	Name: "terminals",
	Text: `In a terminal you edit your line with the arrows, Home, End, Ctrl-U and Ctrl-W; TAB completes, Up and ` +
		`Down call lines back, Ctrl-C drops the line, and Ctrl-L draws the screen anew. When you paste several lines ` +
		`you are asked before they are entered. A MUD client or netcat keeps its own editor. "set" shows what the ` +
		`server knows of your terminal, and changes it: colours, width, characters, and the form for screen readers.`,
}, {
	Name: "scripts",
	Text: `A script sends plain lines: its name, its password and its commands, all at once if it likes. It gets ` +
		`every message as one line, since it tells no width. "set prompt off" leaves the prompts out, and "set ` +
		`receipts off" lines that only confirm. Who says much is slowed down, not refused. At the end of the input ` +
		`the server answers everything, and closes.`,
}}

// Topic returns the text on the topic of that name, in any letter case.
func (t *Table) Topic(name string) (text string, ok bool) {
	i := slices.IndexFunc(t.Topics, func(about Topic) bool { return strings.EqualFold(about.Name, name) })
	if i < 0 {
		return "", false
	}
	return t.Topics[i].Text, true
}

// TopicNames returns what the topics are called.
func (t *Table) TopicNames() List {
	names := make(List, len(t.Topics))
	for i, about := range t.Topics {
		names[i] = about.Name
	}
	return names
}
