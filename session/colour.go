package session

import (
	"strings"

	"parley/chat"
)

// paints are the colours that tell kinds of events apart, as parameters of SGR (ECMA-48, section 8.3.117). There are
// few, all of which can be read on dark and on light, and none says what the words do not say. They are for users who
// have set colours on: others see a highlight at most.
var paints = map[chat.Kind]string{
	chat.Told:      "35",
	chat.Opened:    "2",
	chat.Closed:    "2",
	chat.Joined:    "2",
	chat.Left:      "2",
	chat.Announced: "1",
	chat.Muted:     "1",
	chat.Unmuted:   "1",
	chat.Promoted:  "1",
	chat.Demoted:   "1",
	chat.Stopping:  "1",
	chat.StopOff:   "1",

	chat.JoinedMany: "2",
	chat.LeftMany:   "2",
	chat.Dropped:    "1",
	chat.Returned:   "2",
}

// highlight is how the reader's own name is shown where others write it: whatever the colours are, it is the other way
// round.
const highlight = "7"

// appendPainted appends rows, each with its end, in a colour, and with name highlighted in them, if not empty. No row
// leaves a colour behind.
func appendPainted(b []byte, rows, paint, name string) []byte {
	for row := range strings.SplitAfterSeq(rows, "\r\n") {
		text := strings.TrimSuffix(row, "\r\n")
		if text == "" {
			b = append(b, row...)
			continue
		}
		b = appendSGR(b, paint)
		b = appendHighlighted(b, text, paint, name)
		if paint != "" {
			b = appendSGR(b, "0")
		}
		b = append(b, row[len(text):]...)
	}
	return b
}

// appendHighlighted appends text, in which name is highlighted wherever it stands as a word.
func appendHighlighted(b []byte, text, paint, name string) []byte {
	for name != "" {
		at := chat.FindName(text, name)
		if at < 0 {
			break
		}
		b = append(b, text[:at]...)
		b = appendSGR(b, highlight)
		b = append(b, text[at:at+len(name)]...)
		b = appendSGR(b, "0")
		b = appendSGR(b, paint)
		text = text[at+len(name):]
	}
	return append(b, text...)
}

func appendSGR(b []byte, parameters string) []byte {
	if parameters == "" {
		return b
	}
	return append(append(append(b, "\x1b["...), parameters...), 'm')
}
