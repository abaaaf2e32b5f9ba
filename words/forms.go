package words

import "strings"

// englishForms are the other forms of English, made of what its table has and what stands here.
func englishForms(t *Table) map[Form]*Table {
	reader := t.with(plainEvents(t.Events), readerJoins, unsungAll(t.Sentences))
	reader = reader.with(speakerFirst(roomEvents), nil, nil).with(readerEvents, nil, nil)
	reader.Sentences = merge(reader.Sentences, readerSentences)
	reader.Whys = merge(unsungAll(t.Whys), readerWhys)
	reader.Unknown = Parse("Notice: Something happened that this version of Parley has no words for.")
	reader.Mention, reader.Moved = "Mention: ", readerMoved
	reader.Heard, reader.None = true, "none"
	reader.Units = [...]Unit{{" week", " weeks"}, {" day", " days"}, {" hour", " hours"}, {" minute", " minutes"},
		{" second", " seconds"}}
	reader.DateForm = "2 January 2006, 15:04 MST"
	speaker, classic := t.with(speakerEvents, speakerJoins, nil), reader.with(readerClassicEvents, nil, nil)
	return map[Form]*Table{
		{Speaker: true}:               speaker.with(speakerFirst(roomEvents), nil, nil),
		{Speaker: true, Reader: true}: reader,
		{Reader: true}:                classic.with(plainEvents(parseAll(roomEvents)), nil, nil),
	}
}

// speakerEvents are events told with the speaker first. A user's words always stand behind the user's name.
var speakerEvents = map[string]string{
	"said":    "{from}: {text} (room {room})",
	"shouted": "{from}: {text} (to everyone)",
	"told":    "{from}: {text} (to you alone)",
	"emoted":  "* {from} {text} (room {room})",
}

var speakerJoins = []string{
	"{from} and {second} joined. (room {room})",
	"{from}, {second} and {third} joined. (room {room})",
	"{from}, {second} and {others} others joined. (room {room})",
}

// readerEvents are events for those who hear what others see. What is rare, or for the reader alone, begins with a word
// of its own for each kind, by which it can be told from the rest: nobody can be called so.
var readerEvents = map[string]string{
	"said":    "{from}: {text} (room {room})",
	"shouted": "Shout: {from}: {text}",
	"told":    "Tell: {from}: {text}",
	"opened":  "{from} created room {room}, topic: {text}",
	"closed":  "Room {room} closed, topic: {text}",
	"emoted":  "Emote: {from} {text} (room {room})",
	"joined":  "{from} joined room {room}.",
	"left":    "{from} left room {room}.",

	"joined many": "{users} others joined room {room}.",
	"left many":   "{users} others left room {room}.",

	"dropped":  "{from}'s connection was lost; room {room} closes in {clock}.",
	"returned": "{from} is back in room {room}.",
}

// readerClassicEvents are those of readerEvents that begin with the room, for users who want that.
var readerClassicEvents = map[string]string{
	"said":   "Room {room}: {from}: {text}",
	"emoted": "Emote, room {room}: {from} {text}",
}

var readerJoins = []string{
	"{from} and {second} joined room {room}.",
	"{from}, {second} and {third} joined room {room}.",
	"{from}, {second} and {others} others joined room {room}.",
}

// readerMoved tells of those who came into a room, or left it, and were not told of one by one.
var readerMoved = Moves{"%d joined room %d.", "%d left room %d.", "%d joined and %d left room %d."}

// plainEvents returns the sentences of events without marks.
func plainEvents(events map[string]Template) map[string]string {
	all := make(map[string]string, len(events))
	for kind, t := range events {
		all[kind] = eventMarks.Replace(t.String())
	}
	return all
}

var eventMarks = strings.NewReplacer("!!system!!: ", "Notice: ", "!!", "", "*", "", "[Room {room}]", "Room {room}:",
	"[", "", "]", "", `"`, "")

// unsungAll returns sentences without the marks that a screen reader would spell.
func unsungAll(sentences map[string]string) map[string]string {
	all := make(map[string]string, len(sentences))
	for code, sentence := range sentences {
		all[code] = Unsung(sentence)
	}
	return all
}

// readerSentences are those that sound better, or shorter, in other words.
var readerSentences = map[string]string{
	"banner": "Authorized users only. By going on you agree to use this server fairly and to be kind to its users. " +
		"What you type travels unencrypted: use a password that opens nothing else.",
	"encrypted banner": "Authorized users only. By going on you agree to use this server fairly and to be kind to " +
		"its users.",
	"yes":  "Yes, Parley is here.",
	"away": "%s, away",
	"held": "%s, connection lost",
	"bots": "%s, a bot, speaks %s by a hook.",

	"commands":            "Commands:",
	"operators' commands": "Commands for operators:",
	"starred":             "Those with a star need an account: {/}%s.",

	"participants": "Participants: %d. %s",
	"page":         "Page %d of %d. For the next, type: {/}%s",

	"yes or no":      "%s y or n. ",
	"more":           "There is more. Enter, Space or q.",
	"more, narrow":   "There is more. Enter, Space or q.",
	"login":          "Login error: the user name and the password do not match.",
	"status blocked": "Blocked users: %s",
	"bad target": "%s is neither a user nor an address nor a network. Addresses look like 192.0.2.7, networks like " +
		"192.0.2.0/24.",
	"talking":     "What you type goes to %s now. Commands begin with a slash: /talk ends it.",
	"user online": "%s, from %s, idle %s", "operator online": "%s, from %s, idle %s, operator",
	"deed": "%s, %s: %s",
	"hold on": "What you say waits nine seconds from now on. Ctrl-X takes it back, and Enter sends it at once. To " +
		"end that, type: {/}hold off",
	"quiet joins off": "You are told at once who comes into your rooms and leaves them.",
}

// readerWhys are those that speak of signs which are not heard.
var readerWhys = map[string]string{
	"usage": "Something is missing, or too much. What the usage calls optional may be left out. For an " +
		"example, type: {/}help, and the command.",
}
