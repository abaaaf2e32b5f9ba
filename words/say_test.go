package words

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

type testError struct{ *Phrase }

func (e testError) Error() string { return "for the log" }

func TestSentence(t *testing.T) {
	refusal := testError{Say("look alike", "b0b", "bob")}
	for err, want := range map[error]string{
		refusal:                            "The name b0b looks too much like that of user bob. Please choose another.",
		fmt.Errorf("at work: %w", refusal): "The name b0b looks too much like that of user bob. Please choose another.",
		errors.New("disk on fire"):         English.Say("broken"),
		testError{Say("no such code", 1)}:  English.Say("broken"),
	} {
		if got := English.Sentence(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if got, want := Say("look alike", "b0b", Say("never")).String(), "look alike: b0b never"; got != want {
		t.Errorf("the log says %q, want %q", got, want)
	}
}

func TestArguments(t *testing.T) {
	there := time.FixedZone("there", 3600)
	for _, tt := range []struct {
		arg  any
		want string
	}{
		{"%s%d%!", "%s%d%!"},
		{Terms{}, "until further notice."},
		{Terms{Reason: "Enough!"}, "until further notice: Enough!"},
		{Terms{Lasts: 36 * time.Hour, Reason: "spam. "}, "for 1d12h: spam."},
		{Reason(""), "."},
		{Reason("why?"), ": why?"},
		{time.Duration(0), "0s"},
		{-time.Hour, "0s"},
		{8*24*time.Hour + time.Second + time.Millisecond, "1w1d1s"},
		{Idle(0), "0s"},
		{Idle(59*time.Second + 999*time.Millisecond), "59s"},
		{Idle(12*time.Minute + 30*time.Second), "12m"},
		{Idle(3*time.Hour + 5*time.Minute), "3h5m"},
		{Idle(52*time.Hour + 7*time.Minute), "2d4h"},
		{Idle(24*time.Hour + time.Minute), "1d"},
		{Idle(8*24*time.Hour + 5*time.Hour), "1w1d"},
		{time.Date(2001, 2, 3, 0, 30, 59, 0, there), "2001-02-02 23:30 UTC"},
		{time.Time{}, "never"},
		{List{}, "-"},
		{List{"0", "1"}, "0, 1"},
		{All{"0"}, "0"},
		{All{"0", "1"}, "0 and 1"},
		{One{"0", "1", "2"}, "0, 1 or 2"},
		{Count(1, "user"), "1 user"},
		{Count(0, "room"), "0 rooms"},
		{Say("and others", All{"a", "b"}, 3), "a and b and 3 others"},
	} {
		if got := English.Say("counted", tt.arg); got != tt.want+":" {
			t.Errorf("%#v: %q, want %q", tt.arg, got, tt.want)
		}
	}
}
