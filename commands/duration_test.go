package commands

import (
	"errors"
	"testing"
	"time"

	"parley/chat"
	"parley/words"
)

const day = 24 * time.Hour

func TestDuration(t *testing.T) {
	for word, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "2h": 2 * time.Hour, "2d": 2 * day, "1w": 7 * day, "1s": time.Second,
		"1d12h":      36 * time.Hour,
		"1w2d3h4m5s": 9*day + 3*time.Hour + 4*time.Minute + 5*time.Second, "0w30m": 30 * time.Minute,
		"2H": 2 * time.Hour, "90m": 90 * time.Minute,
		"520w": chat.MaxDuration, "519w7d": chat.MaxDuration, "007d": 7 * day,
	} {
		if got, err := parseDuration(word); err != nil || got != want {
			t.Errorf("parseDuration(%q) = %v, %v, want %v", word, got, err, want)
		}
	}
	for _, word := range []string{
		"", "0", "0s", "0w0s", "m", "5", "h2", "-2h", "+2h", "2 h", "2h ", "1.5h", "2x", "2hh", "30m2h", "2h2h", "521w",
		"520w1s", "519w7d1s", "99999999999999999999s",
		"4294967295w", "٣h", "2ｈ", "forever", "2h\x00", "1e3s",
	} {
		if _, err := parseDuration(word); !errors.Is(err, chat.ErrBadDuration) {
			t.Errorf("parseDuration(%q): %v", word, err)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", -time.Hour: "0s", 999 * time.Millisecond: "0s", 90 * time.Minute: "1h30m", 7 * day: "1w",
		9 * day: "1w2d", 61500 * time.Millisecond: "1m1s",
	} {
		if got := words.English.Duration(d); got != want {
			t.Errorf("words.English.Duration(%v) = %s, want %s", d, got, want)
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, word := range []string{"30m", "2h", "2d", "1w", "1w2d3h4m5s", "520w", "519w6d23h59m59s", "0s", "90m", "1d1d",
		"", "18446744073709551616w"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		d, err := parseDuration(word)
		if err != nil {
			return
		}
		if d < time.Second || d > chat.MaxDuration {
			t.Fatalf("parseDuration(%q) = %v", word, d)
		}
		written := words.English.Duration(d)
		if again, err := parseDuration(written); again != d || err != nil {
			t.Fatalf("%q is %v, written %q, read again %v, %v", word, d, written, again, err)
		}
		if again := words.English.Duration(d); again != written {
			t.Fatalf("%v is written %q and %q", d, written, again)
		}
	})
}
