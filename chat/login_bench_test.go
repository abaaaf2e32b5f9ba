package chat

import (
	"fmt"
	"testing"

	"parley/chat/passwd"
	"parley/settings"
)

// BenchmarkLogin is a login and a quitting: by a password, which costs what it costs users, and by something that costs
// nothing, such as a key for SSH. Plain is an account that has nothing but its name; full one that has all that an
// account may have: letters, aliases, and every setting.
func BenchmarkLogin(b *testing.B) {
	for _, full := range []bool{false, true} {
		n := newTestNode(b, Options{Hash: passwd.Params{Memory: 19 * 1024}, Guests: GuestsChat})
		register(b, n, "alice")
		if full {
			fill(b, n)
		}
		login := func(b *testing.B, enter func(s *seat) (*Presence, Welcome, error)) {
			b.ReportAllocs()
			for b.Loop() {
				s := new(seat)
				p, w, err := enter(s)
				if err != nil || full != (w.Mail == MaxMail) {
					b.Fatalf("%+v, %v", w, err)
				}
				n.Quit(b.Context(), p, s)
			}
		}
		name := map[bool]string{false: "plain", true: "full"}[full]
		b.Run("password/"+name, func(b *testing.B) {
			login(b, func(s *seat) (*Presence, Welcome, error) {
				return n.Login(b.Context(), "alice", secretOf("alice"), s)
			})
		})
		b.Run("key/"+name, func(b *testing.B) {
			a, err := n.account(b.Context(), "alice")
			must(b, err)
			login(b, func(s *seat) (*Presence, Welcome, error) { return n.Enter(b.Context(), a.user(), s) })
		})
	}
}

// fill lets alice have all that an account may have. A few others write the letters.
func fill(b *testing.B, n *Node) {
	ctx := b.Context()
	login := func(name string) (*Presence, *seat) {
		s := new(seat)
		p, _, err := n.Login(ctx, name, secretOf(name), s)
		must(b, err)
		return p, s
	}
	writers := []string{"bob", "carol", "dave", "erin", "fred"}
	register(b, n, writers...)
	for _, name := range writers {
		writer, s := login(name)
		for i := range MaxMail / len(writers) {
			text := Clean(fmt.Sprintf("Letter %d: the lecture starts in five minutes.", i))
			_, err := n.SendMail(ctx, writer, "alice", text)
			must(b, err)
		}
		n.Quit(ctx, writer, s)
	}
	alice, s := login("alice")
	for i := range MaxAliases {
		must(b, n.SetAlias(ctx, alice, fmt.Sprintf("hi%c", 'a'+i), Clean("say 0 hello, everyone $*")))
	}
	for _, set := range settings.Table {
		must(b, n.Set(ctx, alice, settings.Values{set.Name: set.Values[len(set.Values)-1]}))
	}
	must(b, n.Set(ctx, alice, settings.Values{settings.Quiet: "22:00-07:00"}))
	n.Quit(ctx, alice, s)
}
