package chat

import "time"

// MaxDuration is the longest time that anything may be imposed for, and ten years all but a few days: anything longer
// means for good.
const MaxDuration = 520 * 7 * 24 * time.Hour

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
