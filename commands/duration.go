package commands

import (
	"strconv"
	"time"

	"parley/chat"
)

// durationUnits are the letters that a length of time is written with, from the largest.
var durationUnits = []struct {
	letter byte
	size   time.Duration
}{
	{'w', 7 * 24 * time.Hour},
	{'d', 24 * time.Hour},
	{'h', time.Hour},
	{'m', time.Minute},
	{'s', time.Second},
}

// parseDuration reads a length of time as people write it: 30m, 2h, 2d, 1w, or several units from the largest to the
// smallest, as in 1d12h. It is at least a second and at most [chat.MaxDuration]; for anything else parseDuration
// returns ErrBadDuration.
func parseDuration(word string) (time.Duration, error) {
	var d time.Duration
	units := durationUnits
	for rest := word; rest != ""; {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		count, err := strconv.ParseUint(rest[:digits], 10, 32)
		if err != nil || digits == len(rest) {
			return 0, chat.ErrBadDuration.With(word)
		}
		letter := rest[digits] | 0x20 // in lower case
		for len(units) > 0 && units[0].letter != letter {
			units = units[1:]
		}
		if len(units) == 0 || count > uint64((chat.MaxDuration-d)/units[0].size) {
			return 0, chat.ErrBadDuration.With(word)
		}
		d += time.Duration(count) * units[0].size
		units, rest = units[1:], rest[digits+1:]
	}
	if d == 0 {
		return 0, chat.ErrBadDuration.With(word)
	}
	return d, nil
}
