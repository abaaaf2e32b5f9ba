package chat

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// What is kept of what was said. See docs/operating.md.
const (
	// MaxLines is how many lines are kept of a room, or of what was shouted.
	MaxLines = 200
	// MaxPlaceBytes is how many bytes they may have.
	MaxPlaceBytes = 64 << 10
	// MaxPastBytes is how many bytes the lines of all rooms together may have, on one node.
	MaxPastBytes = 16 << 20
	// TranscriptTime is for how long what was said in a room may be read after the room was closed.
	TranscriptTime = 10 * time.Minute

	maxArrivals  = 512 // that are known of a place
	arrivalBytes = 40  // what one counts for
	maxClosed    = 1000
)

// pasts are what was said in the rooms, and to everyone, for those who were there. A line is kept once, however many
// have heard it. Safe for concurrent use; the zero value is empty.
type pasts struct {
	mu     sync.Mutex // guards all below
	last   uint64     // the order of the last line
	places map[Topic]*placePast
	bytes  int
	closed []Topic // of rooms that are closed, the first first
}

// A placePast is what was said in one place.
type placePast struct {
	ring
	// who has come since the oldest line that is kept, the latest last: they may read what was said after that. Who has
	// gone stands there too, which is forgotten first: then the user counts as one who heard nothing before.
	arrivals []arrival
	// of a room that is closed
	end  time.Time
	text Text
	were Members
}

// An arrival says that the user of that ID heard the lines from that one on, or no more.
type arrival struct {
	id    string
	order uint64
	gone  bool
}

func (p *placePast) size() int { return p.bytes + len(p.arrivals)*arrivalBytes }

func isRoom(t Topic) bool { return strings.HasPrefix(string(t), roomPrefix) }

// placeLocked returns the past of a topic, a new one if there is none. It is nil for a topic of which nothing is kept.
func (p *pasts) placeLocked(t Topic) *placePast {
	place := p.places[t]
	if place == nil && (t == Everyone || isRoom(t)) {
		if p.places == nil {
			p.places = make(map[Topic]*placePast)
		}
		place = new(placePast)
		p.places[t] = place
	}
	return place
}

// say keeps e, which is about to be heard in t. The caller sees to it that what is said in one topic comes in its
// order.
func (p *pasts) say(t Topic, e *Event) {
	if !e.Kind.kept() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	place := p.placeLocked(t)
	if place == nil || !place.end.IsZero() { // nobody hears it
		return
	}
	p.last++
	before := place.size()
	place.add(e, p.last, MaxLines, MaxPlaceBytes)
	place.forgetArrivals()
	p.bytes += place.size() - before
	p.shrinkLocked()
}

// tell notes who hears t from now on, or no more, because of what is told.
func (p *pasts) tell(t Telling) {
	if !isRoom(t.Topic) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	place := p.places[t.Topic]
	if t.Opens { // the room is opened: what was said before was in none
		if place != nil {
			p.forgetLocked(t.Topic)
		}
		return
	}
	if place == nil && !t.Ends {
		return // nothing was said: whoever comes hears all that will be
	}
	place = p.placeLocked(t.Topic)
	before := place.size()
	switch {
	case t.Ends:
		// Also of a room in which nothing was said: what comes too late is not kept.
		place.end, place.text, place.were = t.Event.At, t.Event.Text, t.Were
		p.closed = append(p.closed, t.Topic)
	case t.Comes != "" && t.Comes != t.Goes && len(place.lines) > 0:
		place.arrive(arrival{id: t.User.ID, order: p.last + 1})
	case t.Goes != "" && t.Comes != t.Goes && len(place.lines) > 0:
		place.arrive(arrival{t.User.ID, p.last + 1, true})
	}
	p.bytes += place.size() - before
	p.shrinkLocked()
}

func (p *placePast) arrive(a arrival) {
	p.arrivals = append(p.arrivals, a)
	if len(p.arrivals) <= maxArrivals {
		return
	}
	p.arrivals = slices.DeleteFunc(p.arrivals, func(a arrival) bool { return a.gone })
	if len(p.arrivals) > maxArrivals {
		p.dropArrivals()
	}
}

// dropArrivals forgets the older half of the arrivals, and the lines that those did not hear.
func (p *placePast) dropArrivals() {
	heard := p.arrivals[len(p.arrivals)/2].order
	unheard := 0
	for unheard < len(p.lines) && p.lines[unheard].Order < heard {
		unheard++
	}
	p.drop(unheard)
	p.forgetArrivals()
}

// forgetArrivals forgets who has come before the oldest line that is kept.
func (p *placePast) forgetArrivals() {
	n := 0
	for n < len(p.arrivals) && (len(p.lines) == 0 || p.arrivals[n].order <= p.lines[0].Order) {
		n++
	}
	p.arrivals = slices.Delete(p.arrivals, 0, n)
}

// shrinkLocked keeps the whole within its bounds: the largest gives up its older half.
func (p *pasts) shrinkLocked() {
	for p.bytes > MaxPastBytes {
		var largest *placePast
		for _, place := range p.places {
			if largest == nil || place.size() > largest.size() {
				largest = place
			}
		}
		before := largest.size()
		largest.drop((len(largest.lines) + 1) / 2)
		largest.forgetArrivals()
		p.bytes += largest.size() - before
	}
	for len(p.closed) > 0 {
		t := p.closed[0]
		if len(p.closed) <= maxClosed && time.Since(p.places[t].end) < TranscriptTime {
			break
		}
		p.closed = p.closed[1:]
		p.forgetLocked(t)
	}
}

func (p *pasts) forgetLocked(t Topic) {
	p.bytes -= p.places[t].size()
	delete(p.places, t)
}

// skip forgets everything, and goes on after the line of that order.
func (p *pasts) skip(last uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places, p.closed, p.bytes, p.last = nil, nil, 0, last
}

// said returns the order of the last line.
func (p *pasts) said() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// of returns what u may read of t, if u is there, or, of a room that is closed, was there at the end. Of a closed room
// that u was not in, or of which nothing is kept any more, it returns ErrNotFound.
func (p *pasts) of(t Topic, u User) (Past, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shrinkLocked()
	place := p.places[t]
	if place == nil {
		return Past{}, nil
	}
	if !place.end.IsZero() && !place.were.had(u) {
		return Past{}, ErrNotFound
	}
	var since uint64
	for _, a := range slices.Backward(place.arrivals) {
		if a.id == u.ID && !a.gone {
			since = a.order
			break
		}
	}
	return Past{Lines: place.from(since), Topic: place.text, Closed: place.end}, nil
}

// heard returns all lines that are kept and that u has heard, oldest first, also in rooms that u has left since. rooms
// are those that u is in.
func (p *pasts) heard(u User, rooms []Room) []Line {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shrinkLocked()
	in := map[Topic]bool{Everyone: true}
	for _, r := range rooms {
		in[RoomTopic(r.Number)] = true
	}
	var lines []Line
	for t, place := range p.places {
		there := in[t]
		if !place.end.IsZero() {
			there = place.were.had(u)
		}
		lines = append(lines, place.heard(u, there)...)
	}
	inOrder(lines)
	return lines
}

// heard returns the lines that u has heard, who is there now, or was at the end, or not.
func (p *placePast) heard(u User, there bool) (lines []Line) {
	from, hears := uint64(0), true // until it is known when u came, or went
	for _, a := range p.arrivals {
		switch {
		case a.id != u.ID:
		case !a.gone:
			from, hears = a.order, true
		case hears:
			lines, hears = append(lines, p.between(from, a.order)...), false
		}
	}
	if hears && there {
		lines = append(lines, p.from(from)...)
	}
	return lines
}

// between returns the lines of that order, and those after it that come before to.
func (p *placePast) between(from, to uint64) []Line {
	lines := p.from(from)
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Order >= to })
}
