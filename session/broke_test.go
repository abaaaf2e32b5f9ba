package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"parley/chat"
	stored "parley/chat/record"
	"parley/commands"
)

// TestBrokeLogged tests which failures of a command are errors in the log: neither a refusal nor that of a store which
// has said there already that it takes nothing.
func TestBrokeLogged(t *testing.T) {
	for _, tt := range []struct {
		err    error
		says   string
		logged bool
	}{
		{errors.New("oops"), "that did not work", true},
		{chat.ErrNoUser.With("bob"), "bob does not exist", false},
		{fmt.Errorf("write: %w", chat.ErrDiskFull), "the disk is full", false},
		{stored.ErrDiskReadOnly, "the disk is read-only", false},
		{stored.ErrBehind, "Sorry", false},
		{stored.ErrForgotten, "Sorry", false},
		{stored.ErrUnreachable, "could not be saved", true},
		{stored.ErrMaybeSaved, "may", true},
	} {
		inside(t, func(t *testing.T) {
			h := newHouse(t, commands.Command{Name: "break", Usage: "break", Pace: commands.Unpaced,
				Needs: commands.Nothing, Run: func(context.Context, *commands.Call) error { return tt.err }})
			var log bytes.Buffer
			h.server.Log = slog.New(slog.NewTextHandler(&log, nil))
			g := h.guest()
			g.types("break\n")
			h.sees(g, tt.says)
			if got := strings.Contains(log.String(), "level=ERROR"); got != tt.logged {
				t.Errorf("%v: an error in the log: %t, want %t", tt.err, got, tt.logged)
			}
		})
	}
}
