package chat

import (
	"cmp"
	"slices"
	"time"
)

// A Line is something that was said, as it is kept for those who were there.
type Line struct {
	// Number counts the lines of one place from 1: a room's since it was opened, those told to one user since that user
	// came, what was shouted since the server started. A line keeps its number.
	Number int `json:"number"`
	// Event is what was said.
	Event *Event `json:"event"`

	// Order puts lines of different places in the order in which they were said. Of two lines of one place the later
	// one has the higher.
	Order uint64 `json:"order"`
}

// lineOverhead is what a line takes in memory beside its text and its speaker's name, in bytes.
const lineOverhead = 192

// size is what a line counts for where lines are kept, in bytes.
func (l Line) size() int { return len(l.Event.Text.s) + len(l.Event.From.Name) + lineOverhead }

// inOrder sorts lines of several places in the order in which they were said.
func inOrder(lines []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.Order, b.Order) })
}

// A ring keeps the last lines of one place.
type ring struct {
	lines []Line
	said  int // how many there have been
	bytes int // of lines
}

// add keeps one more line, and as many of those before as are bounded by most and maxBytes. It returns by how much it
// has grown.
func (r *ring) add(e *Event, order uint64, most, maxBytes int) (bytes int) {
	before := r.bytes
	r.said++
	l := Line{Number: r.said, Event: e, Order: order}
	r.bytes += l.size()
	r.lines = append(r.lines, l)
	for len(r.lines) > 1 && (len(r.lines) > most || r.bytes > maxBytes) {
		r.drop(1)
	}
	return r.bytes - before
}

// drop forgets the n oldest lines.
func (r *ring) drop(n int) {
	for _, l := range r.lines[:n] {
		r.bytes -= l.size()
	}
	clear(r.lines[:n]) // what was said there is kept by nobody
	r.lines = r.lines[n:]
}

// from returns the lines from that place in the order on.
func (r *ring) from(order uint64) []Line {
	i, _ := slices.BinarySearchFunc(r.lines, order, func(l Line, order uint64) int {
		return cmp.Compare(l.Order, order)
	})
	return slices.Clone(r.lines[i:])
}

// A Past is what one user may read again of a place.
type Past struct {
	// Lines are what was said since the user came, oldest first, as far as it is kept.
	Lines []Line
	// Topic is that of a room that is closed.
	Topic Text
	// Closed is when the room was closed; zero if it is open, or the place is no room.
	Closed time.Time
}
