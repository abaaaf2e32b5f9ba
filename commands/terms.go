package commands

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/chat"
)

// forever is the word for a time without end.
const forever = "forever"

// isTime reports whether word says how long something lasts.
func isTime(word string) bool {
	_, err := parseDuration(word)
	return err == nil || strings.EqualFold(word, forever)
}

// terms returns for how long and why somebody is punished, from the arguments time and reason. Zero means without end.
// What may have been meant as a time, but is not clear, is refused: as a part of the reason it would make a punishment
// endless. An operator who means it as a reason writes the time before it.
func terms(c *Call) (lasts time.Duration, reason chat.Text, err error) {
	word := c.Arg("time")
	words := strings.FieldsFunc(c.Arg("reason"), chat.Blank)
	if word == "" {
		if unclear := unclearTime(words); unclear != "" {
			return 0, reason, chat.ErrUnclearTime.With(unclear)
		}
	} else if !strings.EqualFold(word, forever) {
		if lasts, err = parseDuration(word); err != nil {
			return 0, reason, err
		}
		if len(words) > 0 && startsWithTime(words) != "" {
			return 0, reason, chat.ErrUnclearTime.With(word + " " + startsWithTime(words))
		}
	}
	return lasts, c.Text("reason"), nil
}

// unclearTime returns what in words may have been meant as a time, or "".
func unclearTime(words []string) string {
	if len(words) == 0 {
		return ""
	}
	first := bare(words[0])
	if first != "" && unicode.IsNumber([]rune(first)[0]) || isUnit(first) || slices.Contains(vague, first) {
		return words[0]
	}
	for _, prefix := range []string{"for", "p", "pt"} { // for2d; and ISO 8601 has P2D
		if rest, ok := strings.CutPrefix(first, prefix); ok && rest != "" && unicode.IsNumber([]rune(rest)[0]) {
			return words[0]
		}
	}
	for i := range words {
		if found := startsWithTime(words[i:]); found != "" {
			return found
		}
	}
	return ""
}

// startsWithTime returns the time that words begin with, as in "2d", "2days" or "two days"; "" if they do not.
func startsWithTime(words []string) string {
	first := bare(words[0])
	number := strings.TrimRightFunc(first, unicode.IsLetter)
	_, err := parseDuration(first)
	switch {
	case err == nil, number != "" && unicode.IsNumber([]rune(number)[0]) && isUnit(first[len(number):]):
		return words[0]
	case len(words) > 1 && isUnit(bare(words[1])) && (isNumber(first) || slices.Contains(counts, first)):
		return words[0] + " " + words[1]
	}
	return ""
}

// bare takes off word what is neither letter nor digit at its ends, and letter case.
func bare(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}))
}

func isNumber(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !unicode.IsNumber(r) && r != '.' && r != ',' && r != '-'
	}) < 0
}

func isUnit(word string) bool {
	return slices.Contains(units, strings.TrimSuffix(word, "s")) || word == "s"
}

var (
	units = strings.Fields(
		"sec second m min minute h hr hour d day w wk week mo mth month y yr year fortnight weekend")
	counts = strings.Fields("a an one two three four five six seven eight nine ten twelve twenty thirty half few " +
		"couple several")
	vague = strings.Fields("until till til today tonight tomorrow")
)
