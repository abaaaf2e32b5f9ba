package words

import "strings"

// A Template is a sentence with named gaps, such as "[Room {room}] *{from}*: {text}". The zero Template is an empty
// sentence.
type Template struct {
	parts []part
}

// A part is literal text and the gap that follows it, if there is one.
type part struct{ literal, gap string }

// Parse makes a template of a sentence. A brace that is not closed is literal text.
func Parse(sentence string) Template {
	var t Template
	for sentence != "" {
		literal, rest, open := strings.Cut(sentence, "{")
		gap, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			t.parts = append(t.parts, part{literal: sentence})
			break
		}
		t.parts = append(t.parts, part{literal, gap})
		sentence = after
	}
	return t
}

// Append appends the sentence to b. fill appends what belongs into the gap of the given name.
func (t Template) Append(b []byte, fill func(b []byte, gap string) []byte) []byte {
	for _, p := range t.parts {
		b = append(b, p.literal...)
		if p.gap != "" {
			b = fill(b, p.gap)
		}
	}
	return b
}

// String returns the sentence that t was made of.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.literal)
		if p.gap != "" {
			b.WriteString("{" + p.gap + "}")
		}
	}
	return b.String()
}
