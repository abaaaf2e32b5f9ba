package chat

import (
	"errors"
	"net/netip"
	"testing"

	"golang.org/x/text/unicode/norm"

	"parley/words"
)

// newPasswords are passwords that somebody wants to have, for an account called name.
var newPasswords = []struct {
	name, password string
	least          int
	want           string // "" if it is taken
}{
	{"alice", "s3cret", 0, ""},
	{"alice", "abcd", 0, ""},
	{"alice", "ab", 2, ""},
	{"alice", "schön", 0, ""},
	{"alice", "", 0, "A password must have at least one character."},
	{"alice", "abc", 0, "A password must have at least 4 characters."},
	{"alice", "ab", 3, "A password must have at least 3 characters."},
	{"alice", "abcdefghijk", 12, "A password must have at least 12 characters."},
	{"alice", "x", 1, "A password cannot be a single character, even repeated."},
	{"alice", "zzzzzzzz", 0, "A password cannot be a single character, even repeated."},
	{"alice", "Alice", 0, "A password cannot be the user name, or nearly the same."},
	{"alice", "alice123", 0, "A password cannot be the user name, or nearly the same."},
	{"alice", "p\xe4\xf6\xfcword", 0, words.English.Sentence(ErrPasswordEncoding)},
	{"alice", "p\ufffd\ufffdword", 0, words.English.Sentence(ErrPasswordEncoding)},
	{"alice", "pass\tword", 0, words.English.Sentence(ErrPasswordCharacter)},
	{"alice", "pass\u200bword", 0, words.English.Sentence(ErrPasswordCharacter)},
}

// TestNewPasswords tests that every path that sets a password has the same rules, and that a refusal leaves nothing
// behind.
func TestNewPasswords(t *testing.T) {
	ctx := t.Context()
	const longEnough = "a long and winding road"
	for _, tt := range newPasswords {
		n := newTestNode(t, Options{PasswordMin: tt.least})
		g, _ := guest(t, n)
		must(t, n.Register(ctx, AtConsole(), "bob", longEnough))
		for path, set := range map[string]func() error{
			"register":     func() error { return n.Register(ctx, By(g), tt.name, tt.password) },
			"user add":     func() error { return n.AddUser(ctx, AtConsole(), tt.name+"-2", tt.password) },
			"user passwd":  func() error { return n.SetPassword(ctx, AtConsole(), "bob", tt.password) },
			"may have one": func() error { return n.CheckPassword(tt.name, tt.password) },
		} {
			if path == "user passwd" && tt.want == words.English.Sentence(ErrPasswordIsName) {
				continue // it is not Bob's name
			}
			err := set()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || words.English.Sentence(err) != tt.want ||
				!IsRefusal(err)) {
				t.Errorf("%s with %+q: %v, want %q", path, tt.password, err, tt.want)
			}
		}
		has, err := n.HasAccount(ctx, tt.name)
		must(t, err)
		if has != (tt.want == "") {
			t.Errorf("%+q: there is an account: %v", tt.password, has)
		}
		if tt.want != "" {
			must(t, tryLogin(t, n, "bob", longEnough, "127.0.0.1"))
		}
	}
}

// TestPasswordsTyped tests that what is set one way can be typed another way, and that nothing else is the same
// password.
func TestPasswordsTyped(t *testing.T) {
	for _, tt := range []struct {
		name, set, typed string
		want             error
	}{
		{"the same", "open sesame", "open sesame", nil},
		{"letter case", "open sesame", "Open sesame", ErrLogin},
		{"composed", "schön", norm.NFD.String("schön"), nil},
		{"not composed", norm.NFD.String("schön"), "schön", nil},
		{"a no-break blank", "open\u00a0sesame", "open sesame", nil},
		{"a blank for it", "open sesame", "open\u00a0sesame", nil},
		{"a full-width blank", "密码\u3000密码", "密码 密码", nil},
		{"a blank at the end", "sesame ", "sesame", ErrLogin},
		{"full-width letters", "ＡＢＣＤ", "ABCD", ErrLogin},
		{"Latin-1", "päöüword", "p\xe4\xf6\xfcword", ErrPasswordEncoding},
		{"Latin-1 that has become something", "päöüword", "p\ufffd\ufffd\ufffdword", ErrPasswordEncoding},
		{"what no password has", "open sesame", "open\tsesame", ErrLogin},
		{"nothing", "open sesame", "", ErrLogin},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newTestNode(t, Options{})
			must(t, n.Register(t.Context(), AtConsole(), "alice", tt.set))
			if err := tryLogin(t, n, "alice", tt.typed, "127.0.0.1"); err != tt.want && !errors.Is(err, tt.want) {
				t.Errorf("typed %+q: %v, want %v", tt.typed, err, tt.want)
			}
		})
	}
}

// TestOlderPasswords tests that a password which was hashed before there was passwd.Prepare still opens its account,
// and is then hashed as one would today, if one would.
func TestOlderPasswords(t *testing.T) {
	ctx := t.Context()
	for _, tt := range []struct {
		name, hashed, typed, then string
	}{
		{"no-break blank", "open\u00a0sesame", "open\u00a0sesame", "open sesame"},
		{"short", "x", "x", "x"},
		{"the name", "alice", "alice", "alice"},
		{"an emoji of several characters", "❤\ufe0f❤\ufe0f", "❤\ufe0f❤\ufe0f", "❤\ufe0f❤\ufe0f"},
		{"letters with marks", "schön", norm.NFD.String("schön"), "schön"},
		{"a tab", "open\tsesame", "open\tsesame", "open\tsesame"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newTestNode(t, Options{})
			register(t, n, "alice")
			hash, err := n.hasher.Hash(ctx, netip.Addr{}, tt.hashed)
			must(t, err)
			_, err = n.changeAccount(ctx, "alice", func(a *account) error {
				a.Hash = hash
				return nil
			})
			must(t, err)
			must(t, tryLogin(t, n, "alice", tt.typed, "127.0.0.1"))
			must(t, tryLogin(t, n, "alice", tt.then, "127.0.0.1"))
			must(t, tryLogin(t, n, "alice", tt.typed, "127.0.0.1"))
			wantErr(t, tryLogin(t, n, "alice", tt.typed+"!", "127.0.0.1"), ErrLogin)
		})
	}
}

// TestReservedNameKept tests that an account goes on whose name nobody could register any more.
func TestReservedNameKept(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	hash, err := n.hasher.Hash(ctx, netip.Addr{}, secretOf("Admin"))
	must(t, err)
	_, err = n.createAccount(ctx, &account{Name: "Admin", Hash: hash})
	must(t, err)
	p, _ := login(t, n, "Admin")
	if p.User.Name != "Admin" {
		t.Errorf("logged in as %s", p.User.Name)
	}
	must(t, n.SetPassword(ctx, AtConsole(), "admin", "open sesame"))
	wantErr(t, n.Register(ctx, AtConsole(), "admin", "open sesame"), ErrReservedName)
}
