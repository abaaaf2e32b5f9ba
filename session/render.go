package session

import (
	"strconv"

	"parley/chat"
	"parley/words"
)

// A View is how one person sees events. It is comparable: an event is turned into rows once for all who share a view.
type View struct {
	// Width is how many columns a row may have; zero means that lines are never wrapped.
	Width int
	// Words has the sentences; nil means English.
	Words *words.Table
}

func (v View) words() *words.Table {
	if v.Words == nil {
		return words.English
	}
	return v.Words
}

// appendRows appends e as finished rows, each with its end.
func (v View) appendRows(b []byte, e *chat.Event) []byte {
	return appendLines(b, string(v.words().AppendEvent(nil, e.Kind.String(), e)), v.Width)
}

// joins returns how many events, from the first on, say that somebody came into the same room.
func joins(events []*chat.Event) (n int) {
	for n < len(events) && events[n].Kind == chat.Joined && events[n].Room == events[0].Room {
		n++
	}
	return n
}

// appendJoins appends one sentence for two or more joins of one room.
func appendJoins(b []byte, t *words.Table, joins []*chat.Event) []byte {
	return t.Joins[min(len(joins), 4)-2].Append(b, func(b []byte, gap string) []byte {
		switch gap {
		case "second":
			return joins[1].AppendField(b, "from")
		case "third":
			return joins[2].AppendField(b, "from")
		case "others":
			return strconv.AppendInt(b, int64(len(joins)-2), 10)
		}
		return joins[0].AppendField(b, gap)
	})
}
