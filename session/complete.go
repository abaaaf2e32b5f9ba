package session

import (
	"context"
	"strings"
)

// complete continues the word before the cursor as far as that is certain, and shows what is possible if it is not.
func (s *Session) complete(ctx context.Context) {
	text, cursor := s.editor.Line()
	from, words := s.server.Commands.Complete(ctx, s.call(""), text[:cursor])
	if len(words) == 0 {
		return
	}
	word := commonPrefix(words)
	if len(words) == 1 {
		word += " "
	}
	if len(word) > cursor-from || len(words) == 1 {
		s.editor.SetLine(text[:from]+word+strings.TrimPrefix(text[cursor:], " "), from+len(word))
		return
	}
	if s.listed == text {
		return // once is enough until more is typed
	}
	s.listed = text
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
