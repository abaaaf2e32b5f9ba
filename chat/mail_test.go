package chat

import (
	"errors"
	"fmt"
	"testing"
)

// TestMailIsBounded tests that a box is filled by no one user, and never beyond its end; what is deleted makes room.
func TestMailIsBounded(t *testing.T) {
	n := newTestNode(t, Options{})
	bob, _ := come(t, n, "bob")
	sent := 0
	for i := range MaxMail/maxMailOfOne + 1 {
		p, _ := come(t, n, fmt.Sprintf("sender%c", 'a'+i))
		var err error
		for range maxMailOfOne + 1 {
			if _, err = n.SendMail(t.Context(), p, "BOB", Clean("hello")); err != nil {
				break
			}
			sent++
		}
		if want := ErrMuchMail; sent < MaxMail {
			wantErr(t, err, want)
		}
	}
	if sent != MaxMail {
		t.Errorf("%d letters went into a box for %d", sent, MaxMail)
	}
	last, _ := come(t, n, "last")
	_, err := n.SendMail(t.Context(), last, "bob", Clean("hello"))
	wantErr(t, err, ErrMailFull)
	if _, err := n.DeleteMail(t.Context(), bob, 7); err != nil {
		t.Fatal(err)
	}
	_, err = n.SendMail(t.Context(), last, "bob", Clean("hello"))
	must(t, err)
	letters, err := n.Mail(t.Context(), bob)
	must(t, err)
	if got := letters[len(letters)-1]; got.Number != MaxMail+1 || got.From.Name != "last" {
		t.Errorf("the last letter is %+v", got)
	}
}

// TestMailOfAnother tests that letters go with the account: another one of that name does not read them, not even one
// that was on its way while the account was deleted.
func TestMailOfAnother(t *testing.T) {
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	must(t, n.Register(t.Context(), AtConsole(), "bob", "quicksand"))
	_, err := n.SendMail(t.Context(), alice, "bob", Clean("a secret"))
	must(t, err)
	before := mustAccount(t, n, "bob")
	must(t, n.DeleteAccount(t.Context(), AtConsole(), "bob"))
	if _, err := n.store.Get(t.Context(), mailBucket, "bob"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the letters are still there: %v", err)
	}
	_, err = n.putLetter(t.Context(), before, Letter{From: alice.User, Text: Clean("another secret")}, true)
	must(t, err)
	bob, _ := come(t, n, "bob")
	letters, err := n.Mail(t.Context(), bob)
	must(t, err)
	if len(letters) != 0 {
		t.Errorf("the new bob reads %+v", letters)
	}
	if _, err := n.SendMail(t.Context(), alice, "bob", Clean("hello")); err != nil {
		t.Errorf("the new bob gets none: %v", err)
	}
}
