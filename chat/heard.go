package chat

import (
	"math"
	"slices"
	"sync"
	"time"
)

// What is kept of what one user alone was told. See docs/operating.md.
const (
	// MaxTells is how many lines are kept that one user was told.
	MaxTells = 100
	// MaxTellBytes is how many bytes they may have.
	MaxTellBytes = 32 << 10
	// MaxAllTellBytes is how many bytes those of all users may have, on one node, beside one line for each user.
	MaxAllTellBytes = 32 << 20

	maxSilences = 64
)

// A heard is what one user may read again that is nobody else's, and what the user is not to read of what others may.
type heard struct {
	mu       sync.Mutex // guards all below
	told     ring       // what others told the user alone
	silences []Silence
	floor    uint64 // the order of the last line of those that the user may not read at all
	marks    []Mark // how far the user has read, the latest last
	over     bool   // the user is gone
}

// Heard is that, as data: it goes with a user who moves to another node.
type Heard struct {
	// Told are the lines that are kept of what others told the user alone, and Count is how many there have been.
	Told     []Line    `json:"told,omitempty"`
	Count    int       `json:"count,omitempty"`
	Silences []Silence `json:"silences,omitempty"`
	// Floor is the Order of the last line of those that the user may not read at all.
	Floor uint64 `json:"floor,omitempty"`
	Marks []Mark `json:"marks,omitempty"`
}

// A Silence says that a user has not heard those who are meant by the ID, as in a block: from the line on whose Order
// comes after From, to that of To; zero if the block goes on, or nobody has looked since it ended. Of a block that has
// ended by itself only what was said before Until was not heard; the zero Until is any time.
type Silence struct {
	ID    string    `json:"id"`
	From  uint64    `json:"from"`
	To    uint64    `json:"to,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// has reports whether l is one of the lines that were not heard, if its speaker is the one who is meant.
func (s Silence) has(l Line) bool {
	return l.Event.Kind != Told && l.Order > s.From && l.Order <= s.To &&
		(s.Until.IsZero() || l.Event.At.Before(s.Until))
}

// heardNow returns what p has heard, a new one if there is none.
func (p *Presence) heardNow() *heard {
	if h := p.heard.Load(); h != nil {
		return h
	}
	p.heard.CompareAndSwap(nil, new(heard))
	return p.heard.Load()
}

// keepTold keeps e, which the user alone is told, if it is a line, and no mere notice. What is kept of all users is
// bounded: of a user who is told more than fits, the oldest is lost.
func (p *Presence) keepTold(e *Event) {
	if !e.Kind.kept() {
		return
	}
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	p.addToldLocked(h, e, p.node.desk.Said())
}

func (p *Presence) addToldLocked(h *heard, e *Event, order uint64) {
	all := &p.node.toldBytes
	all.Add(int64(h.told.add(e, order, MaxTells, MaxTellBytes)))
	for all.Load() > MaxAllTellBytes && len(h.told.lines) > 1 {
		all.Add(-int64(h.told.lines[0].size()))
		h.told.drop(1)
	}
}

// forgetHeard ends that, and returns what was kept.
func (p *Presence) forgetHeard() Heard {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := Heard{Told: h.told.lines, Count: h.told.said, Silences: h.silences, Floor: h.floor,
		Marks: slices.Clone(h.marks)}
	p.node.toldBytes.Add(-int64(h.told.bytes))
	h.told, h.silences, h.over = ring{}, nil, true
	return kept
}

// takeHeard takes what was kept on another node. What the user was told here meanwhile came after that.
func (p *Presence) takeHeard(kept Heard) {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	newer := h.told.lines
	p.node.toldBytes.Add(-int64(h.told.bytes))
	h.told = ring{said: kept.Count - len(kept.Told)}
	for _, l := range slices.Concat(kept.Told, newer) {
		if l.Event != nil {
			p.addToldLocked(h, l.Event, l.Order)
		}
	}
	h.silences = append(kept.Silences, h.silences...)
	h.floor = max(h.floor, kept.Floor)
	h.marks = kept.Marks
}

// toldCount returns how many lines the user alone has been told.
func (p *Presence) toldCount() int {
	h := p.heard.Load()
	if h == nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told.said
}

// toldLines returns the lines that the user alone was told.
func (p *Presence) toldLines() []Line {
	h := p.heard.Load()
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.told.lines)
}

// replaceWishes makes w what the user has set, and notes from when to when somebody is blocked. The caller has p's
// turn.
func (p *Presence) replaceWishes(w *wishes) {
	before, all, said, now := p.blocksNow(), w.blocks, p.node.desk.Said(), time.Now()
	for id, b := range all {
		if b.Until.Equal(before[id].Until) { // which goes by the clock that nobody sets, if it was made here
			b.Until = before[id].Until
			all[id] = b
		}
	}
	// A block that has ended by itself may give way to a new one of the same user.
	anew := func(id string) bool { return before[id].over(now) && !all[id].Until.Equal(before[id].Until) }
	for id := range before {
		if anew(id) {
			p.endSilence(id, said, before[id].Until)
		}
	}
	for id := range all {
		if _, blocked := before[id]; !blocked || anew(id) {
			p.noteSilence(Silence{ID: id, From: said})
		}
	}
	if len(w.blocks)+len(w.watched)+len(w.aliases)+len(w.settings) == 0 { // as of most users
		w = nil
	}
	p.wishes.Store(w)
	said = p.node.desk.Said()
	for id := range before {
		if _, blocked := all[id]; !blocked && !anew(id) {
			p.endSilence(id, said, time.Time{})
		}
	}
}

func (p *Presence) noteSilence(s Silence) {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noteSilenceLocked(s)
}

func (h *heard) noteSilenceLocked(s Silence) {
	h.silences = append(h.silences, s)
	if len(h.silences) > maxSilences { // nobody knows any more who was not heard until then
		h.floor = max(h.floor, h.silences[0].To)
		h.silences = slices.Delete(h.silences, 0, 1)
	}
}

// endSilence notes that the silence of that ID ends, or that it has ended at until. If nobody has seen it begin, it
// began before all lines.
func (p *Presence) endSilence(id string, to uint64, until time.Time) {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.begunLocked(id)
	h.silences = slices.DeleteFunc(h.silences, func(begun Silence) bool { return begun == s })
	if s.To, s.Until = to, until; s.To > s.From { // else nothing was said
		h.noteSilenceLocked(s)
	}
}

// begunLocked returns the silence of that ID that goes on.
func (h *heard) begunLocked(id string) Silence {
	for _, s := range h.silences {
		if s.ID == id && s.To == 0 {
			return s
		}
	}
	return Silence{ID: id}
}

// missed reports whether there was somebody whom the user did not hear.
func (p *Presence) missed() bool {
	h := p.heard.Load()
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.floor > 0 || len(h.silences) > 0
}

// hideBefore makes the user read nothing again that was said before the user came.
func (p *Presence) hideBefore() {
	h := p.heardNow()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.floor = max(h.floor, p.came.Load())
}

// mayRead returns those of lines that the user has heard, and of whose speakers the user blocks nobody now.
func (p *Presence) mayRead(lines []Line) []Line {
	silences, floor := p.unheard()
	return slices.DeleteFunc(lines, func(l Line) bool {
		return !p.hears(l.Event.From) || p.notHeard(l, silences, floor)
	})
}

// notHeard reports whether the user has not heard l: it was said before floor, or in one of silences.
func (p *Presence) notHeard(l Line, silences []Silence, floor uint64) bool {
	return l.Order <= floor && l.Event.Kind != Told || slices.ContainsFunc(silences, func(s Silence) bool {
		return meant(s.ID, l.Event.From, p.User.ID) && s.has(l)
	})
}

// unheard returns what the user has not heard, because of blocks that were ended, that have ended by themselves, or
// that go on.
func (p *Presence) unheard() (silences []Silence, floor uint64) {
	h := p.heard.Load()
	if h == nil {
		h = new(heard)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	silences = slices.Clone(h.silences)
	for _, b := range p.blocksNow() {
		s := h.begunLocked(b.ID)
		s.To, s.Until = math.MaxUint64, b.Until
		silences = append(silences, s)
	}
	return silences, h.floor
}
