package session

import (
	"strconv"

	"parley/chat"
	"parley/words"
)

// A View is how one person sees events. It is comparable: an event is turned into rows once for all who share a view.
// What belongs to one reader alone is not in it.
type View struct {
	// Width is how many columns a row may have; zero means that lines are never wrapped.
	Width int
	// Words has the sentences.
	Words *words.Table
	// Colour says that there are colours; only with Paint are they more than a highlight.
	Colour, Paint bool
	// Stamps say when things happened.
	Stamps stamps
	// Links says that there are links; Messages that what is said is told by GMCP too.
	Links, Messages bool

	charset charset // that rows are in
}

// stamps are what stands in front of a line.
type stamps uint8

const (
	stampNone  stamps = iota
	stampShort        // the time of day
	stampFull         // the date too
)

// appendRows appends e as finished rows, each with its end. name is that of a reader who is mentioned in it, or empty.
func (v View) appendRows(b []byte, e *chat.Event, name string) []byte {
	line := v.stamp(b, e)
	if name != "" {
		line = append(line, v.Words.Mention...)
	}
	line = v.Words.AppendEvent(line, e.Kind.String(), e)
	return v.finish(line[:len(b)], string(line[len(b):]), e.Kind, name)
}

// stamp begins a line about e.
func (v View) stamp(line []byte, e *chat.Event) []byte {
	if v.Stamps == stampNone {
		return line
	}
	return v.Words.Stamp(line, e.At, v.Stamps == stampFull)
}

// finish appends line, which tells of an event of that kind, as rows.
func (v View) finish(b []byte, line string, kind chat.Kind, name string) []byte {
	text, name := v.charset.fit(line), v.charset.fit(name)
	paint := ""
	if v.Paint {
		paint = paints[kind]
	}
	if (!v.Colour || paint == "" && name == "") && !v.Links {
		return appendLines(b, text, v.Width)
	}
	rows := string(appendLines(nil, text, v.Width))
	if v.Colour && (paint != "" || name != "") {
		rows = string(appendPainted(nil, rows, paint, name))
	}
	if v.Links {
		return appendLinked(b, rows, text)
	}
	return append(b, rows...)
}

// joins returns how many events, from the first on, say that somebody came into the same room.
func joins(events []*chat.Event) (n int) {
	for n < len(events) && events[n].Kind == chat.Joined && events[n].Room == events[0].Room {
		n++
	}
	return n
}

// appendJoins appends one sentence for two or more joins of one room, as rows.
func (v View) appendJoins(b []byte, joins []*chat.Event) []byte {
	line := v.stamp(b, joins[len(joins)-1])
	line = v.Words.Joins[min(len(joins), 4)-2].Append(line, func(b []byte, gap string) []byte {
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
	return v.finish(line[:len(b)], string(line[len(b):]), chat.Joined, "")
}
