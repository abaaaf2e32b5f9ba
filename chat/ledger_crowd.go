package chat

import "time"

// In a room with many members not everybody who comes or goes is told of by name: of thousands who come at once each
// would be told to thousands. Who is in it is known at once all the same.
const (
	// CrowdSize is how many members a room may have in which everybody who comes or goes is told of at once, by name.
	CrowdSize = 100
	// CrowdTime is how long in a larger one nobody else must have been told of for that. A user who comes or goes
	// sooner is counted, and told of together with others.
	CrowdTime = time.Second
)

// A tally is what is known of a room with many members beside who they are.
type tally struct {
	// Told is the ledger's time when it was told last who came or went.
	Told time.Duration `json:"told"`
	// Known are who was in the room as far as was told; nobody while nothing is counted.
	Known Members `json:"known"`
	// Joined and Left are how many have come and gone since, but for those who have done both.
	Joined int `json:"joined,omitempty"`
	Left   int `json:"left,omitempty"`
}

// counting reports whether who comes or goes is counted, until that is told.
func (c tally) counting() bool { return c.Known.Len() > 0 }

// count counts who has come, or gone.
func (c *tally) count(kind Kind, u User) {
	known := c.Known.had(u)
	switch {
	case kind == Joined && known:
		c.Left-- // and is back
	case kind == Joined:
		c.Joined++
	case known:
		c.Left++
	default:
		c.Joined-- // and is gone again
	}
}

// removeCountedLocked takes u, who is told of by name, out of what is counted in the room of that number.
func (l *Ledger) removeCountedLocked(number int, u User) {
	c, crowded := l.tallies[number]
	if !crowded || !c.counting() {
		return
	}
	if c.Known.had(u) {
		c.Known, _ = c.Known.without(u)
	} else {
		c.Joined--
	}
	l.tallies[number] = c
}

// crowdLocked makes of t, by which was has changed, what is told if it was a room with many members.
func (l *Ledger) crowdLocked(t Telling, was Room, now time.Duration) []Telling {
	c, crowded := l.tallies[was.Number]
	switch {
	case !c.counting() && was.Members.Len() <= CrowdSize:
		delete(l.tallies, was.Number)
		return []Telling{t}
	case !c.counting() && (!crowded || now-c.Told >= CrowdTime):
		l.tallies[was.Number] = tally{Told: now}
		return []Telling{t}
	case !c.counting():
		c.Known = was.Members
		t.Later = tellCounted(was.Number, c)
	}
	e := t.Event
	t.Event = nil
	c.count(e.Kind, t.User)
	l.tallies[was.Number] = c
	if now-c.Told < CrowdTime {
		return []Telling{t}
	}
	return append([]Telling{t}, l.tellCountedLocked(was.Number, e.At, now)...)
}

// tellCounted returns the operation that tells whom c counts.
func tellCounted(number int, c tally) *Op {
	return &Op{Kind: OpTellCounted, Number: number, Since: c.Told}
}

func (l *Ledger) tellCountedLocked(number int, at time.Time, now time.Duration) (told []Telling) {
	i, ok := l.findLocked(number)
	if !ok {
		return nil
	}
	c, members := l.tallies[number], l.rooms[i].Members
	tell := func(e *Event) { told = append(told, Telling{Topic: RoomTopic(number), User: e.From, Event: e}) }
	switch {
	case c.Joined == 1:
		tell(&Event{Kind: Joined, At: at, From: members.notIn(c.Known), Room: number})
		id := l.onlineLocked(told[0].User) // of the one who is not to hear it
		told[0].Goes, told[0].Comes = id, id
	case c.Joined > 1:
		tell(&Event{Kind: JoinedMany, At: at, Room: number, Count: c.Joined})
	}
	switch {
	case c.Left == 1:
		tell(&Event{Kind: Left, At: at, From: c.Known.notIn(members), Room: number})
	case c.Left > 1:
		tell(&Event{Kind: LeftMany, At: at, Room: number, Count: c.Left})
	}
	c = tally{Told: c.Told}
	if len(told) > 0 {
		c.Told = now
	}
	l.tallies[number] = c
	return told
}

// countedLocked asks again that those who are counted be told of: the node that was to see to it may be dead.
func (l *Ledger) countedLocked() (asked []Telling) {
	for _, r := range l.rooms {
		if c := l.tallies[r.Number]; c.counting() {
			asked = append(asked, Telling{Topic: RoomTopic(r.Number), Later: tellCounted(r.Number, c)})
		}
	}
	return asked
}
