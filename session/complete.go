package session

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
)

// completions is how often a session may look for what fits: it takes a look at all who are online. What is asked more
// often rings the bell.
const (
	completionsBurst = 40
	completionsEvery = 100 * time.Millisecond
)

// complete continues the word before the cursor as far as that is certain, and shows what is possible if it is not. Of
// the words that fit only those count that also end as the word does, if the cursor is inside of one.
func (s *Session) complete(ctx context.Context) {
	rare := s.rare()
	if now := time.Now(); rare.completed.Before(now) {
		rare.completed = now
	}
	if time.Until(rare.completed) >= completionsBurst*completionsEvery {
		s.out = append(s.out, '\a')
		return
	}
	rare.completed = rare.completed.Add(completionsEvery)

	text, cursor := s.lines.Line()
	end := cursor
	if i := strings.IndexFunc(text[cursor:], unicode.IsSpace); i >= 0 {
		end += i
	} else {
		end = len(text)
	}
	from, words := s.server.Commands.Complete(ctx, s.call(), text[:cursor])
	if from == cursor {
		end = cursor // a word in front of another
	}
	tail := text[cursor:end]
	words = slices.DeleteFunc(words, func(w string) bool {
		return len(w) < cursor-from+len(tail) || !strings.EqualFold(w[len(w)-len(tail):], tail)
	})
	switch {
	case len(words) == 0:
		return
	case len(words) == 1:
		word := words[0] + " "
		s.lines.SetLine(text[:from]+word+strings.TrimPrefix(text[end:], " "), from+len(word))
		return
	case tail == "" && len(commonPrefix(words)) > cursor-from:
		word := commonPrefix(words)
		s.lines.SetLine(text[:from]+word+text[cursor:], from+len(word))
		return
	}
	if rare.listed == text {
		return // once is enough until more is typed
	}
	rare.listed = text
	const most = 100
	if len(words) > most {
		words = append(words[:most:most], "…")
	}
	s.print(strings.Join(words, " "))
}

// commonPrefix returns what all words start with, in any letter case.
func commonPrefix(words []string) string {
	prefix := words[0]
	for _, w := range words[1:] {
		n := 0
		for n < len(prefix) && n < len(w) && strings.EqualFold(prefix[n:n+1], w[n:n+1]) {
			n++
		}
		prefix = prefix[:n]
	}
	return prefix
}
