package commands

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
)

// besides are the commands that can be run without a session.
var besides = []string{"who", "rooms", "status", "say", "tell", "mail", "unread", "help"}

// RunBeside is Run for one of the few commands that can be run without a session, and not by a word that the user has
// made. It returns ErrNotBeside for all others. A guest who has no session says nothing to anybody.
func (r *Registry) RunBeside(ctx context.Context, c *Call, line string) error {
	line = strings.TrimFunc(line, unicode.IsSpace)
	word, rest := nextWord(line)
	cmd, _ := r.knownTo(c.By).find(word)
	switch {
	case word == "", cmd == nil, !slices.Contains(besides, cmd.Name):
		return chat.ErrNotBeside.With(strings.Join(besides, ", "))
	case c.Me.User.Guest && cmd.Needs == Login:
		return refuseGuest(c, cmd)
	}
	return r.command(ctx, c, cmd.Name+" "+rest)
}
