package session

import (
	"parley/chat"
	"parley/words"
)

// A View is how one person sees events. It is comparable: an event is turned into rows once for all who share a view.
type View struct {
	// Width is how many columns a row may have; zero means that lines are never wrapped.
	Width int
}

// appendRows appends e as finished rows, each with its end.
func (v View) appendRows(b []byte, e *chat.Event) []byte {
	return appendLines(b, string(appendEvent(nil, words.English, e)), v.Width)
}

// appendEvent appends e as the sentence that the table t has for it.
func appendEvent(b []byte, t *words.Table, e *chat.Event) []byte {
	return t.Event(e.Kind.String()).Append(b, e.AppendField)
}
