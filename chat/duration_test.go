package chat

import (
	"testing"
	"time"

	"parley/words"
)

const day = 24 * time.Hour

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2*day - time.Millisecond: "2d", day + time.Minute: "1d1h", 2*time.Hour - time.Second: "2h",
		2*time.Minute + 1: "3m", 2 * time.Minute: "2m",
		119 * time.Second: "1m59s", 1: "1s",
	} {
		if got := words.English.Duration(roughly(d)); got != want {
			t.Errorf("roughly(%v) = %s, want %s", d, got, want)
		}
	}
}
