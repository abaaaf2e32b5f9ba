package chat

import (
	"maps"
	"slices"
	"time"
)

// A block is one user's refusal to hear another.
type block struct {
	Name string `json:"name"`
	ID   string `json:"id"` // see User.ID
	// Until is when it ends by itself; zero means never. It keeps away what is said before that.
	Until time.Time `json:"until,omitzero"`
	// Silent says that whoever is meant is to notice nothing.
	Silent bool `json:"silent,omitempty"`
}

// over reports whether b has ended by that time.
func (b block) over(at time.Time) bool { return !b.Until.IsZero() && !at.Before(b.Until) }

// blocks are those of one user, by the ID that each means. They are never changed once somebody may read them. One that
// is over may still be among them: what was said before its end is not heard, however late it comes.
type blocks map[string]block

// of returns the block that means from, who says something at that time to the user of the ID owner. One that means
// from alone comes before that of all guests.
func (all blocks) of(from User, owner string, at time.Time) (b block, blocked bool) {
	if len(all) == 0 {
		return block{}, false
	}
	for _, id := range [...]string{from.ID, from.Origin, AllGuests} {
		if b, blocked = all[id]; blocked && meant(id, from, owner) && !b.over(at) {
			return b, true
		}
	}
	return block{}, false
}

// meant reports whether a block of that ID, by the user of the ID owner, means from.
func meant(id string, from User, owner string) bool {
	return id == from.ID || id == from.Origin && id != "" || id == AllGuests && from.Guest && from.ID != owner
}

// inForce returns those that are not over.
func (all blocks) inForce(now time.Time) blocks {
	left := maps.Clone(all)
	if left == nil {
		left = make(blocks)
	}
	maps.DeleteFunc(left, func(_ string, b block) bool { return b.over(now) })
	return left
}

// noticed returns the IDs of those who may notice that they are blocked.
func (all blocks) noticed(now time.Time) (ids []string) {
	for id, b := range all {
		if !b.Silent && !b.over(now) {
			ids = append(ids, id)
		}
	}
	return ids
}

// blocksNow returns whom the user has blocked. They must not be changed.
func (p *Presence) blocksNow() blocks { return p.wishesNow().blocks }

// hears reports whether the user does not block from now.
func (p *Presence) hears(from User) bool {
	all := p.blocksNow()
	if len(all) == 0 {
		return true
	}
	_, blocked := all.of(from, p.User.ID, time.Now())
	return !blocked
}

// leavesOut reports whether e is from somebody whom the user blocked when it was said. What becomes of a room is told
// all the same: it is about the user's own membership. So is that a room is about to be closed, but to its leader that
// is no news.
func (p *Presence) leavesOut(e *Event) bool {
	if e.Kind == Dropped || e.Kind == Returned {
		return e.From.ID == p.User.ID
	}
	all := p.blocksNow()
	if len(all) == 0 || e.Kind.rules() {
		return false
	}
	_, blocked := all.of(e.From, p.User.ID, e.At)
	return blocked
}

// skips reports whether e, which the user did hear, is from somebody whom the user has blocked meanwhile.
func (p *Presence) skips(e *Event) bool { return p.leavesOut(e) && !p.hears(e.From) }

// A Block is one user's refusal to hear another, as that user may know it.
type Block struct {
	// Name is that of the other one.
	Name string
	// Left is how much longer it lasts, rounded up. Zero means until the user ends it.
	Left time.Duration
	// Silent says that the other one notices nothing.
	Silent bool
}

// Blocks returns those of the user, sorted by name; those of guests who are long gone too.
func (p *Presence) Blocks() []Block {
	now := time.Now()
	var all []Block
	for _, b := range p.blocksNow().inForce(now) {
		shown := Block{Name: b.Name, Silent: b.Silent}
		if !b.Until.IsZero() {
			shown.Left = roughly(b.Until.Sub(now))
		}
		all = append(all, shown)
	}
	slices.SortFunc(all, func(a, b Block) int { return compareNames(a.Name, b.Name) })
	return all
}

// Blocked returns the names of those whom the user has blocked, sorted; guests who are long gone too.
func (p *Presence) Blocked() []string { return p.blockedAmong(func(string) bool { return true }) }

func (p *Presence) blockedAmong(known func(id string) bool) []string {
	var names []string
	for id, b := range p.blocksNow().inForce(time.Now()) {
		if known(id) {
			names = append(names, b.Name)
		}
	}
	slices.SortFunc(names, compareNames)
	return slices.Compact(names)
}
