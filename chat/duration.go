package chat

import (
	"strconv"
	"time"
)

// MaxDuration is the longest time that anything may be imposed for, and ten years all but a few days: anything longer
// means for good.
const MaxDuration = 520 * 7 * 24 * time.Hour

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

// ParseDuration reads a length of time as people write it: 30m, 2h, 2d, 1w, or several units from the largest to the
// smallest, as in 1d12h. It is at least a second and at most [MaxDuration]; for anything else ParseDuration returns
// ErrBadDuration.
func ParseDuration(word string) (time.Duration, error) {
	var d time.Duration
	units := durationUnits
	for rest := word; rest != ""; {
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		count, err := strconv.ParseUint(rest[:digits], 10, 32)
		if err != nil || digits == len(rest) {
			return 0, ErrBadDuration.With(word)
		}
		for len(units) > 0 && units[0].letter != lower(rest[digits]) {
			units = units[1:]
		}
		if len(units) == 0 || count > uint64((MaxDuration-d)/units[0].size) {
			return 0, ErrBadDuration.With(word)
		}
		d += time.Duration(count) * units[0].size
		units, rest = units[1:], rest[digits+1:]
	}
	if d == 0 {
		return 0, ErrBadDuration.With(word)
	}
	return d, nil
}

// roughly rounds what is left of a time up to what people care for, so that two days are still "2d" a moment after they
// began.
func roughly(d time.Duration) time.Duration {
	step := time.Second
	switch {
	case d > 24*time.Hour:
		step = time.Hour
	case d > 2*time.Minute:
		step = time.Minute
	}
	return (d + step - 1).Truncate(step)
}
