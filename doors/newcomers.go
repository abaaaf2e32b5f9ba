package doors

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// How many connections that are not logged in a Gate lets in.
const (
	// There are places for maxNew connections that are not logged in. When all are taken, the oldest that has sent
	// nothing makes room. Of those that have sent something so many are let in for certain as dropFrom says; then
	// dropRate per cent are refused, and more the more there are. Chance makes that some of those who mean it get in,
	// however many do not.
	dropFrom = 64
	dropRate = 30
	maxNew   = 256

	// Those from sources that are known have so many places of their own. So a crowd that was here comes back at once,
	// also while others attack. Who comes when these places are taken is one of the others.
	maxKnown = 4096

	// A source of which a silent connection made room has nobody else make room for so long: those who come again at
	// once must not push out those who come for the first time.
	madeRoomTime = time.Minute
)

// knows reports whether source is known. The caller must not hold the gate's lock.
func (g *Gate) knows(source netip.Addr) bool { return g.Known != nil && g.Known(source) }

// strangersLocked returns how many are not logged in and have no place among those who are known.
func (g *Gate) strangersLocked() int { return g.stats.New - g.stats.Known }

// addNewLocked counts p among those who are not logged in, or takes it out of them: n is 1 or -1.
func (g *Gate) addNewLocked(p *Pass, n int) {
	g.sources[p.key].new += n
	g.stats.New += n
	if p.known {
		g.stats.Known += n
	}
}

// silentLocked counts p, which has sent nothing, among those who are not logged in. expel sends away who makes room for
// it.
func (g *Gate) silentLocked(p *Pass, now time.Time) (expel func(error)) {
	if !p.known && g.strangersLocked() >= maxNew {
		expel = g.makeRoomLocked(now)
	}
	g.addNewLocked(p, 1)
	if p.heard = false; !p.known {
		p.silent = g.silent.PushBack(p)
	}
	return expel
}

// dropLocked decides whether a connection is refused because too many others that have sent something are not logged
// in.
func (g *Gate) dropLocked() bool {
	roll := g.roll
	if roll == nil {
		roll = func() int { return rand.IntN(100) }
	}
	return roll() < dropChance(g.strangersLocked()-g.silent.Len())
}

// dropChance returns of how many connections in a hundred one is to be refused while so many others have sent something
// and are not logged in.
func dropChance(others int) int {
	switch {
	case others < dropFrom:
		return 0
	case others >= maxNew:
		return 100
	}
	return dropRate + (100-dropRate)*(others-dropFrom)/(maxNew-dropFrom)
}

// makeRoomLocked takes the oldest that has sent nothing out of the count, and returns what sends it away. There is one,
// or dropLocked would have refused who comes.
func (g *Gate) makeRoomLocked(now time.Time) (expel func(error)) {
	oldest := g.silent.Front()
	if oldest == nil {
		return nil
	}
	p := oldest.Value.(*Pass)
	g.loggedInLocked(p) // it counts for its source until it has left
	g.sources[p.key].madeRoom = now.Add(madeRoomTime)
	p.expelled = true
	g.stats.MadeRoom++
	return p.expel
}

// heardLocked notes that p has sent something.
func (g *Gate) heardLocked(p *Pass) {
	p.heard = true
	if p.silent != nil {
		g.silent.Remove(p.silent)
		p.silent = nil
	}
}

// loggedInLocked takes p out of those that are not logged in.
func (g *Gate) loggedInLocked(p *Pass) {
	g.waitsLocked(p, true)
	if p.state == isWaiting {
		p.state = isLoggedIn
	}
}

// waitsLocked takes p out of the count of those that are not logged in, and puts it there again.
func (g *Gate) waitsLocked(p *Pass, waits bool) {
	switch {
	case p.exempt:
	case waits && p.state == isNew:
		p.state = isWaiting
		g.heardLocked(p)
		g.addNewLocked(p, -1)
	case !waits && p.state == isWaiting:
		p.state = isNew
		g.addNewLocked(p, 1)
	}
}
