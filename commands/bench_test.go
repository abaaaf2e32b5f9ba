package commands

import (
	"testing"

	"parley/chat"
)

// BenchmarkRun is what it takes to find a command, to read its arguments, to do it and to tell what came of it, for one
// who is alone in the room, so that to do it is little.
func BenchmarkRun(b *testing.B) {
	for _, bb := range []struct{ name, line string }{
		{"empty line", ""},
		{"say", "say 0 The lecture starts in five minutes."},
		{"say by prefix", "sa 0 The lecture starts in five minutes."},
		{"wrong arguments", "join"},
		{"no such command", "sya 0 The lecture starts in five minutes."},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := newStage(b, chat.GuestsChat)
			p := s.guest()
			ctx := b.Context()
			if err := s.registry.Run(ctx, p.call(), "start all"); err != nil {
				b.Fatal(err)
			}
			var unread []*chat.Event
			b.ReportAllocs()
			for b.Loop() {
				if err := s.registry.Run(ctx, p.call(), bb.line); err != nil && !chat.IsRefusal(err) {
					b.Fatal(err)
				}
				unread = p.me.TakeInto(unread)
			}
		})
	}
}
