package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Terms are for how long something holds, and why. They end a sentence: "for 2d: spam."
type Terms struct {
	// Lasts is how much longer it holds. Zero means until somebody ends it.
	Lasts time.Duration
	// Reason may be empty.
	Reason string
}

// A Reason ends a sentence: ": spam." It may be empty.
type Reason string

// Terms returns terms as the end of a sentence.
func (t *Table) Terms(terms Terms) string {
	if terms.Lasts == 0 {
		return t.Say("until further notice", Reason(terms.Reason))
	}
	return t.Say("for so long", terms.Lasts, Reason(terms.Reason))
}

// because ends a sentence with a reason, if there is one.
func because(reason string) string {
	why := strings.TrimRight(reason, ". ")
	switch {
	case why == "":
		return "."
	case strings.ContainsAny(why[len(why)-1:], "!?"):
		return ": " + why
	}
	return ": " + why + "."
}

// unitSizes are the units that a length of time is written with, from the largest: see Table.Units.
var unitSizes = [...]time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second}

// Duration writes a length of time in whole units: 1w, 2d12h. What is less than a second is left out; of zero or less
// it makes "0s".
func (t *Table) Duration(d time.Duration) string {
	var b []byte
	for i, size := range unitSizes {
		if count := d / size; count > 0 {
			b = t.Units[i].append(b, int64(count))
			d -= count * size
		}
	}
	if len(b) == 0 {
		b = t.Units[len(t.Units)-1].append(b, 0)
	}
	return string(b)
}

// Countdown writes a length of time as a clock that runs down shows it: 2:00, 1:00:00. Those who hear it read it in
// words.
func (t *Table) Countdown(d time.Duration) string {
	if t.Heard {
		return t.Duration(d)
	}
	d = max(0, d)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, minutes, seconds)
	}
	return fmt.Sprintf("%d:%02d", minutes, seconds)
}

// append appends so many of the unit, behind others if there are some.
func (u Unit) append(b []byte, count int64) []byte {
	if len(b) > 0 && strings.HasPrefix(u.Many, " ") {
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, count, 10)
	if count == 1 {
		return append(b, u.One...)
	}
	return append(b, u.Many...)
}

// Idle is a time that is over, and is written in its two largest units: "3h5m". The second is nobody's business after a
// minute.
type Idle time.Duration

// Idle writes d.
func (t *Table) Idle(d Idle) string { return t.Duration(time.Duration(d).Truncate(d.step())) }

func (d Idle) step() time.Duration {
	switch d := time.Duration(d); {
	case d >= 7*24*time.Hour:
		return 24 * time.Hour
	case d >= 24*time.Hour:
		return time.Hour
	case d >= time.Minute:
		return time.Minute
	}
	return time.Second
}

// Date writes a moment to the minute, by the clock of t.Zone.
func (t *Table) Date(at time.Time) string {
	if at.IsZero() {
		return t.Say("never")
	}
	return t.clock(at).Format(t.DateForm)
}

// A Second is a moment that is written to the second.
type Second time.Time

// Second writes a moment to the second, by the clock of t.Zone.
func (t *Table) Second(at Second) string {
	return t.clock(time.Time(at)).Format(strings.Replace(t.DateForm, "15:04", "15:04:05", 1))
}

// clock returns at by the clock of t.Zone.
func (t *Table) clock(at time.Time) time.Time {
	if t.Zone == nil {
		return at.UTC()
	}
	return at.In(t.Zone)
}

// Stamp writes when something happened, for the front of a line: the time of day, or with the date if full is set.
func (t *Table) Stamp(b []byte, at time.Time, full bool) []byte {
	switch {
	case full && t.Heard:
		return append(append(b, t.Second(Second(at))...), ": "...)
	case full:
		return t.clock(at).AppendFormat(b, "2006-01-02 15:04:05 ")
	}
	return t.clock(at).AppendFormat(b, "15:04 ")
}
