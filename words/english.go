package words

// A Table has the sentences of one language.
type Table struct {
	// Events are what users read of an event, by the name of its kind.
	Events map[string]Template
	// Joins are what they read of several who came into one room, one after the other: two, three, and more, of whom two are named.
	Joins [3]Template
	// Unknown is what they read of a kind that Events lacks.
	Unknown Template
}

// Event returns the sentence for a kind of event.
func (t *Table) Event(kind string) Template {
	if s, ok := t.Events[kind]; ok {
		return s
	}
	return t.Unknown
}

// English is the table of English. It is never changed.
var English = &Table{
	Events: parseAll(map[string]string{
		"said":    "[Room {room}] *{from}*: {text}",
		"shouted": "!!{from}!!: {text}",
		// What one user alone reads begins like no public line.
		"told":      "[Private] {from}: {text}",
		"opened":    "!!system!!: {from} created room {room}, topic: {text}",
		"closed":    "!!system!!: Room {room}(topic: {text}) closed",
		"joined":    "[Room {room}] {from} joined.",
		"left":      "[Room {room}] {from} left.",
		"announced": "!!system!!: {text}",
		"muted":     "!!system!!: You are muted{terms} You can still read.",
		"unmuted":   "!!system!!: You are no longer muted.",
		"promoted":  `!!system!!: You are an operator now. Type "help" to see what you can do.`,
		"demoted":   "!!system!!: You are no longer an operator.",
		"stopping":  "!!system!!: The server shuts down in {time}.",
		"stop off":  "!!system!!: The server does not shut down after all.",
	}),
	Joins: [...]Template{
		Parse("[Room {room}] {from} and {second} joined."),
		Parse("[Room {room}] {from}, {second} and {third} joined."),
		Parse("[Room {room}] {from}, {second} and {others} others joined."),
	},
	Unknown: Parse("!!system!!: Something happened that this version of Parley has no words for."),
}

func parseAll(sentences map[string]string) map[string]Template {
	templates := make(map[string]Template, len(sentences))
	for kind, sentence := range sentences {
		templates[kind] = Parse(sentence)
	}
	return templates
}
