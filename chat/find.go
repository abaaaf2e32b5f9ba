package chat

import (
	"context"
	"slices"
	"strings"
)

// Find returns the lines of a place, of those that me may read again, that hold all words, in any letter case. If from
// is not empty they are by users of that name.
func (n *Node) Find(ctx context.Context, me *Presence, at Place, from string, words []string) ([]Line, error) {
	lines, err := n.Review(ctx, me, at)
	m := newMatch(from, words)
	return slices.DeleteFunc(lines, func(l Line) bool { return !m.fits(l.Event.From, l.Event.Text) }), err
}

// FindMail is Find in the letters that me may read. It returns ErrNoMailbox for a guest.
func (n *Node) FindMail(ctx context.Context, me *Presence, from string, words []string) ([]Letter, error) {
	letters, err := n.Mail(ctx, me)
	m := newMatch(from, words)
	return slices.DeleteFunc(letters, func(l Letter) bool { return !m.fits(l.From, l.Text) }), err
}

// A match is what somebody looks for.
type match struct {
	from  string // folded; empty is anybody
	words []string
}

func newMatch(from string, words []string) match {
	m := match{from: FoldName(from)}
	for _, w := range words {
		m.words = append(m.words, strings.ToLower(w))
	}
	return m
}

func (m match) fits(from User, said Text) bool {
	if m.from != "" && m.from != FoldName(from.Name) {
		return false
	}
	text := strings.ToLower(said.String())
	return !slices.ContainsFunc(m.words, func(w string) bool { return !strings.Contains(text, w) })
}
