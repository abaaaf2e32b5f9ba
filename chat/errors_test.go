package chat

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestRefusal(t *testing.T) {
	err := ErrNoUser.With("bob")
	if want := `User bob does not exist. Type "who" to see who is online.`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, ErrNoUser) || errors.Is(err, ErrNotOnline) || errors.Is(err, ErrNoUser.With("bob")) {
		t.Error("errors.Is finds the wrong kind")
	}
	wrapped := fmt.Errorf("at work: %w", err)
	if !IsRefusal(wrapped) || Sentence(wrapped) != err.Error() {
		t.Errorf("Sentence of a wrapped refusal = %q", Sentence(wrapped))
	}
	if !IsRefusal(ErrLogin) || Sentence(ErrLogin) != "Login error (username/password do not match)" {
		t.Errorf("Sentence(ErrLogin) = %q", Sentence(ErrLogin))
	}
	for _, broken := range []error{errors.New("disk on fire"), ErrNotFound, ErrConflict} {
		if want := "Sorry, that did not work. It has been logged."; IsRefusal(broken) || Sentence(broken) != want {
			t.Errorf("Sentence(%v) = %q, want %q", broken, Sentence(broken), want)
		}
	}
}

func TestRefusalsAreClean(t *testing.T) {
	hostile := "bo\x1b[2Jb\r\n\u202e\u009b\u2028\xff"
	for _, kind := range []*Refusal{ErrNoUser, ErrNotOnline, ErrBlocked, ErrAlreadyBlocked, ErrNotBlocked, ErrNoRoom, ErrReservedName, ErrNameTaken, ErrUsage, ErrGuest} {
		got := Sentence(kind.With(hostile))
		if Clean(got).String() != got {
			t.Errorf("%q carries what a text could not", got)
		}
		if !strings.Contains(got, "bo\uFFFD[2Jb\uFFFD") {
			t.Errorf("%q has not the name in it", got)
		}
	}
	if got, want := Sentence(ErrUnknownCommand.With("\x1bx", ` Type "help".`)), `Unsupported command: "�x". Type "help".`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Sentence(ErrNotMember.With(3, 3)), `You are not in Room 3. Type "join 3" to join it.`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// A name is never read as a format.
	if got := Sentence(ErrNoUser.With("%s%d%!")); !strings.HasPrefix(got, "User %s%d%! does") {
		t.Errorf("got %q", got)
	}
}
