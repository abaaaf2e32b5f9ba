package settings

import (
	"fmt"
	"strings"
	"time"
)

// Quiet is the name under which is kept when a user reads no shouts and notices: nothing for never, On, or hours. The
// command of that name sets it, and no row of the table does.
const Quiet = "quiet"

// QuietJoins is the name under which is kept whether a user is told who comes into rooms and leaves them: nothing for
// as the form has it that things are shown in, On for never, or Off for at once. The same command sets it.
const QuietJoins = "quiet joins"

// Hold is the name under which is kept that what a user says waits, so that it can be taken back: nothing, or On. The
// command of that name sets it.
const Hold = "hold"

// ReadHours reads a part of the day such as 22:00-07:00 or 22-7. It returns false for what is none.
func ReadHours(word string) (value string, ok bool) {
	from, to, ok := hours(word)
	if !ok {
		return "", false
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60), true
}

// QuietAt reports whether value, kept under Quiet, keeps shouts and notices away at a moment that is told by the user's
// clock.
func QuietAt(value string, at time.Time) bool {
	if value == On {
		return true
	}
	from, to, ok := hours(value)
	minute := at.Hour()*60 + at.Minute()
	switch {
	case !ok:
		return false
	case from < to:
		return minute >= from && minute < to
	}
	return minute >= from || minute < to // over midnight
}

// hours reads two times of the day, in minutes from midnight, that are not the same.
func hours(word string) (from, to int, ok bool) {
	first, second, ok := strings.Cut(word, "-")
	if !ok {
		return 0, 0, false
	}
	from, ok1 := minuteOf(first)
	to, ok2 := minuteOf(second)
	return from, to, ok1 && ok2 && from != to
}

func minuteOf(word string) (minute int, ok bool) {
	if !strings.Contains(word, ":") {
		word += ":00"
	}
	t, err := time.Parse("15:04", word)
	return t.Hour()*60 + t.Minute(), err == nil
}
