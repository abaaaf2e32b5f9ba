package words

import "time"

// A Table has the sentences of one language.
type Table struct {
	// Events are what users read of an event, by the name of its kind.
	Events map[string]Template
	// Joins are what they read of several who came into one room, one after the other: two, three, and more, of whom
	// two are named.
	Joins [3]Template
	// Mention stands before what somebody said who wrote the reader's name; it may be empty.
	Mention string
	// Heard says that the sentences are for those who hear them: see [Form].
	Heard bool
	// None is what stands for a list of nothing.
	None string
	// Moved tells, in numbers, of those who came into a room and left it; nothing where they are told of one by one.
	Moved Moves
	// Unknown is what they read of a kind that Events lacks.
	Unknown Template
	// Sentences are all others, by their codes, in the form of package fmt: see [Table.Say].
	Sentences map[string]string
	// Help is what they read of a command, by its name. What operators have instead of it has " for operators" behind
	// the name.
	Help map[string]Help
	// Topics are what else help tells of, in the order of the list.
	Topics []Topic
	// Settings are what they read of the settings, by their names.
	Settings map[string]Setting
	// Whys explain refusals, by their codes: see [Table.Why].
	Whys map[string]string
	// Units are what stands behind a number of weeks, days, hours, minutes and seconds.
	Units [5]Unit
	// DateForm is how a moment is written, in the form of package time.
	DateForm string
	// Zone is the clock that moments are told by; nil means UTC.
	Zone *time.Location
	// Sign stands for {/} in Events, Sentences and Whys, which is before each command that the reader is to type.
	Sign string
	// Forms are the same language put in other ways, by a Form without a zone; nil means that there are none.
	Forms map[Form]*Table
}

// Moves are the sentences for numbers of joins, of leaves, and of both, in the form of package fmt.
type Moves struct{ Joined, Left, Both string }

// A Unit is what stands behind a number: "w", or " week" and " weeks". A Unit that begins with a blank is a word.
type Unit struct{ One, Many string }

// An Event is what happened, as a sentence tells it.
type Event interface {
	// AppendField appends what belongs into the gap of the given name, unless that is "terms", "why", "time", "clock",
	// "every", "lines", "hooks" or "/".
	AppendField(b []byte, gap string) []byte
	// Terms are what belongs into the gap "terms", and their reason into "why".
	Terms() Terms
	// Left belongs into the gaps "time" and "clock".
	Left() time.Duration
	// Lines are how many belong into the gap "lines", how many seconds into "every", and the number of a hook into
	// "hooks": zero for all.
	Lines() int
}

// AppendEvent appends the sentence for an event of that kind.
func (t *Table) AppendEvent(b []byte, kind string, e Event) []byte {
	sentence, ok := t.Events[kind]
	if !ok {
		sentence = t.Unknown
	}
	return sentence.Append(b, func(b []byte, gap string) []byte {
		switch gap {
		case "/":
			return append(b, t.Sign...)
		case "terms":
			return append(b, t.Terms(e.Terms())...)
		case "time":
			return append(b, t.Duration(e.Left())...)
		case "clock":
			return append(b, t.Countdown(e.Left())...)
		case "every":
			return append(b, t.Duration(time.Duration(e.Lines())*time.Second)...)
		case "why":
			return append(b, because(e.Terms().Reason)...)
		case "lines":
			return append(b, t.Phrase(Count(e.Lines(), "lost line"))...)
		case "hooks":
			if e.Lines() == 0 {
				return append(b, t.Say("all hooks")...)
			}
			return append(b, t.Say("hook number", e.Lines())...)
		}
		return e.AppendField(b, gap)
	})
}

// English is the table of English. It is never changed.
var English = &Table{
	Events: parseAll(roomEvents, roomNotices, map[string]string{
		"said":    "[Room {room}] *{from}*: {text}",
		"shouted": "!!{from}!!: {text}",
		// What one user alone reads begins like no public line.
		"told":      "[Private] {from}: {text}",
		"opened":    "!!system!!: {from} created room {room}, topic: {text}",
		"closed":    "!!system!!: Room {room}(topic: {text}) closed",
		"announced": "!!system!!: {text}",
		"muted":     "!!system!!: You are muted {terms} You can still read.",
		"unmuted":   "!!system!!: You are no longer muted.",
		"promoted":  `!!system!!: You are an operator now. Type "{/}help" to see what you can do.`,
		"demoted":   "!!system!!: You are no longer an operator.",
		"stopping":  "!!system!!: The server shuts down in {time}.",
		"stop off":  "!!system!!: The server does not shut down after all.",
		"came":      "!!system!!: {from} is online.",
		"mailed":    "!!system!!: {from} has left you a letter. To read it, type: {/}mail read {text}",
		"unsent":    "!!system!!: What you entered last was not sent: {text}",
		"went":      "!!system!!: {from} has left.",
		"emoted":    "[Room {room}] * {from} {text}",
		"apart": "!!system!!: The other machines cannot be reached. You can read, but not speak, until they are " +
			"back.",
		"reported":    "!!system!!: {from} reports {who}{why} To read it, type: {/}reports {number}",
		"together":    "!!system!!: The other machines can be reached again.",
		"lost":        "[Room {room}] {lines} on the way.",
		"lost shouts": "!!system!!: {lines} on the way.",
	}),
	Joins: [...]Template{
		Parse("[Room {room}] {from} and {second} joined."),
		Parse("[Room {room}] {from}, {second} and {third} joined."),
		Parse("[Room {room}] {from}, {second} and {others} others joined."),
	},
	Unknown: Parse("!!system!!: Something happened that this version of Parley has no words for."),
	Sentences: join(refusals, phrases, hints, answers,
		roomAnswers, roomRefusals, hookAnswers, hookRefusals, sessions, shell, accounts, reports, webAnswers),
	Help:     join(talkHelp, peopleHelp, accountHelp, roomsHelp, operatorsHelp),
	Topics:   topics,
	Settings: settingHelp,
	Units:    [...]Unit{{"w", "w"}, {"d", "d"}, {"h", "h"}, {"m", "m"}, {"s", "s"}},
	DateForm: "2006-01-02 15:04 MST",
	None:     "-",
	Whys:     whys,
}

func init() { English.Forms = englishForms(English) }

func parseAll(parts ...map[string]string) map[string]Template {
	templates := make(map[string]Template)
	for kind, sentence := range join(parts...) {
		templates[kind] = Parse(sentence)
	}
	return templates
}

// join returns all that is in parts. It panics if two have one code.
func join[V any](parts ...map[string]V) map[string]V {
	all := make(map[string]V)
	for _, part := range parts {
		for code, sentence := range part {
			if _, there := all[code]; there {
				panic("two sentences have the code " + code)
			}
			all[code] = sentence
		}
	}
	return all
}
