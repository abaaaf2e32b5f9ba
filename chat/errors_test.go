package chat

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/words"
)

func TestRefusal(t *testing.T) {
	err := ErrNoUser.With("bob")
	if want := `User bob does not exist. Type "who" to see who is online.`; words.English.Sentence(err) != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, ErrNoUser) || errors.Is(err, ErrNotOnline) || errors.Is(err, ErrNoUser.With("bob")) {
		t.Error("errors.Is finds the wrong kind")
	}
	wrapped := fmt.Errorf("at work: %w", err)
	if !IsRefusal(wrapped) || words.English.Sentence(wrapped) != words.English.Sentence(err) {
		t.Errorf("Sentence of a wrapped refusal = %q", words.English.Sentence(wrapped))
	}
	if !IsRefusal(ErrLogin) || words.English.Sentence(ErrLogin) != "Login error (username/password do not match)" {
		t.Errorf("words.English.Sentence(ErrLogin) = %q", words.English.Sentence(ErrLogin))
	}
	for _, broken := range []error{errors.New("disk on fire"), ErrNotFound, ErrConflict} {
		if want := "Sorry, that did not work. It has been logged."; IsRefusal(broken) ||
			words.English.Sentence(broken) != want {
			t.Errorf("words.English.Sentence(%v) = %q, want %q", broken, words.English.Sentence(broken), want)
		}
	}
}

func TestRefusalsAreClean(t *testing.T) {
	hostile := "bo\x1b[2Jb\r\n\u202e\u009b\u2028\xff"
	for _, kind := range []*Refusal{ErrNoUser, ErrNotOnline, ErrBlocked, ErrAlreadyBlocked, ErrNotBlocked, ErrNoRoom,
		ErrReservedName, ErrNameTaken, ErrUsage, ErrGuest} {
		got := words.English.Sentence(kind.With(hostile))
		if Clean(got).String() != got {
			t.Errorf("%q carries what a text could not", got)
		}
		if !strings.Contains(got, "bo\uFFFD[2Jb\uFFFD") {
			t.Errorf("%q has not the name in it", got)
		}
	}
	if got, want := words.English.Sentence(ErrUnknownCommand.With("\x1bx",
		`Type "help".`)), `Unsupported command: "�x". Type "help".`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := fmt.Sprintf("%v, %v",
		ErrLogin, ErrLookAlike.With("bob", "b0b")), "login, look alike: bob b0b"; got != want {
		t.Errorf("the log says %q, want %q", got, want)
	}
	if got, want := words.English.Sentence(ErrNotMember.With(3,
		3)), `You are not in Room 3. Type "join 3" to join it.`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// A name is never read as a format.
	if got := words.English.Sentence(ErrNoUser.With("%s%d%!")); !strings.HasPrefix(got, "User %s%d%! does") {
		t.Errorf("got %q", got)
	}
}
