package rawconn

import "time"

// A Pace is how fast something may come: Burst bytes at once, and Rate bytes in each second after that. Both are more
// than zero.
type Pace struct{ Burst, Rate int }

// takes returns how long the pace allows n bytes to take.
func (p Pace) takes(n int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(p.Rate)
}

// A Meter says when more may come at its pace, which has to be set. It belongs to one goroutine at a time.
type Meter struct {
	Pace
	free time.Time // when all that has come has taken its time; zero if nothing has
}

// Took says that n bytes have come.
func (m *Meter) Took(n int) {
	if n <= 0 {
		return
	}
	if now := time.Now(); m.free.Before(now) {
		m.free = now
	}
	m.free = m.free.Add(m.takes(n))
}

// Back says that n of the bytes that have come do not count after all.
func (m *Meter) Back(n int) { m.free = m.free.Add(-m.takes(n)) }

// Held returns for how long nothing more may come.
func (m *Meter) Held() time.Duration {
	return max(0, max(0, time.Until(m.free))-m.takes(m.Burst)) // free may be so long ago that there is no Duration
}
