package chat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A crowdPlay is two ledgers that are to be the same, with room 0 and users who come into it and leave it.
type crowdPlay struct {
	t          *testing.T
	one, other *Ledger
	now        time.Duration
	later      []*Op
}

func newCrowdPlay(t *testing.T, users, members int) *crowdPlay {
	p := &crowdPlay{t: t, one: NewLedger(), other: NewLedger()}
	for i := range users {
		p.do(&Op{Kind: OpEnter, Entry: &Entry{ID: fmt.Sprint("e", i), Node: "a", User: crowdUser(i)}})
	}
	leader := crowdUser(0)
	p.do(&Op{Kind: OpOpenRoom, Text: Clean("tea"), User: &leader})
	for i := range members - 1 {
		p.move(i+1, Joined)
	}
	return p
}

func crowdUser(i int) User { return User{Name: fmt.Sprint("u", i), ID: fmt.Sprint("u", i)} }

// do does o and returns what is told of it, as short lines.
func (p *crowdPlay) do(o *Op) string {
	p.t.Helper()
	out, there := p.one.Apply(o, p.now), p.other.Apply(new(travelled(p.t, *o)), p.now)
	must(p.t, out.Err)
	if !sameOutcome(p.t, out, there) {
		p.t.Fatalf("%s came to %+v, and there to %+v", o.Kind, out, there)
	}
	var told []string
	for _, t := range out.Told {
		switch {
		case t.Later != nil:
			p.later = append(p.later, t.Later)
			told = append(told, "later")
		case t.Event != nil:
			told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s", t.Event.Kind, t.Event.From.Name)))
			if t.Event.Count > 0 {
				told[len(told)-1] += fmt.Sprint(" ", t.Event.Count)
			}
		}
	}
	return strings.Join(told, ", ")
}

func (p *crowdPlay) move(user int, kind Kind) string {
	p.t.Helper()
	return p.do(&Op{Kind: OpChangeRoom, Change: &RoomChange{Kind: kind, User: crowdUser(user), At: anyTime.Add(p.now)}})
}

func (p *crowdPlay) want(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s: told is %q, want %q", what, got, want)
	}
}

func TestCrowdIsCounted(t *testing.T) {
	p := newCrowdPlay(t, 130, CrowdSize)
	p.want("into a room of 100", p.move(100, Joined), "joined u100")
	p.want("into one of 101", p.move(101, Joined), "joined u101")
	p.want("a moment later", p.move(102, Joined), "later")
	p.want("and one more", p.move(103, Joined), "")
	p.want("who was counted goes", p.move(102, Left), "")
	p.want("who was known goes", p.move(5, Left), "")
	p.want("and is back", p.move(5, Joined), "")
	p.want("two others go", p.move(6, Left)+p.move(7, Left), "")
	p.now += CrowdTime
	p.other = restored(t, p.other)
	p.want("a second later", p.do(p.later[0]), "joined u103, left many 2")
	p.want("once more", p.do(p.later[0]), "")
	p.want("at once after that", p.move(104, Joined), "later")
	p.want("and more", p.move(105, Joined), "")
	p.now += CrowdTime
	p.want("one comes a second later", p.move(106, Joined), "joined many 3")
	p.want("the operation comes too late", p.do(p.later[1]), "")
	p.want("one is counted again", p.move(107, Joined), "later")
	p.want("what was for those before", p.do(p.later[1]), "")
	p.want("who is counted goes", p.move(107, Left), "")
	p.now += CrowdTime
	p.want("nobody is left to tell of", p.do(p.later[2]), "")
	p.want("one alone", p.move(107, Joined), "joined u107")
	p.want("one more", p.move(108, Joined), "later")
	p.want("another node dies", p.do(&Op{Kind: OpGone, Node: "b"}), "later")
	p.want("the leader goes", p.move(0, Left), "closed u0")
	p.want("the room is closed", p.do(p.later[3])+p.do(p.later[4]), "")
	wantSameLedger(t, p.one, p.other)
	if len(p.one.tallies) > 0 {
		t.Errorf("of a closed room is known %v", p.one.tallies)
	}
}

// TestOneselfIsNotTold tests that who is told of alone, a little later, does not hear it.
func TestOneselfIsNotTold(t *testing.T) {
	p := newCrowdPlay(t, 110, 105)
	p.now += CrowdTime
	p.move(105, Joined)
	p.move(106, Joined)
	told := p.one.Apply(p.later[len(p.later)-1], p.now).Told
	if len(told) != 1 || told[0].Event.From != crowdUser(106) || told[0].Goes != "e106" || told[0].Comes != "e106" {
		t.Errorf("told is %+v", told)
	}
}

// TestCrowdsAlike tests with many random moves that ledgers count alike, and that what is told adds up to who is there.
func TestCrowdsAlike(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(2, seed))
		p := newCrowdPlay(t, 140, 90)
		told := strings.Repeat("joined x, ", 89)
		p.later = nil
		for step := range 600 {
			user := 1 + random.IntN(139)
			kind := Joined
			if r, err := p.one.Room(0); err != nil || r.Has(crowdUser(user)) {
				kind = Left
				if random.IntN(3) > 0 {
					continue // most stay
				}
			}
			p.now += time.Duration(random.IntN(400)) * time.Millisecond
			told += p.move(user, kind) + ", "
			for len(p.later) > 0 && random.IntN(3) == 0 {
				told += p.do(p.later[0]) + ", "
				p.later = slices.Delete(p.later, 0, 1)
			}
			if step%100 == 50 {
				p.other = restored(t, p.other)
			}
		}
		for _, o := range p.later {
			told += p.do(o) + ", "
		}
		wantSameLedger(t, p.one, p.other)
		r, err := p.one.Room(0)
		must(t, err)
		if n := 1 + added(told); n != r.Members.Len() || !strings.Contains(told, "many") {
			t.Errorf("seed %d: %d are in the room, and %d by what was told", seed, r.Members.Len(), n)
		}
	}
}

// added returns how many more are there by what was told.
func added(told string) (n int) {
	for _, line := range strings.Split(told, ", ") {
		var kind string
		count := 1
		if rest, many := strings.CutPrefix(line, "joined many "); many {
			kind = "joined"
			_, _ = fmt.Sscan(rest, &count)
		} else if rest, many := strings.CutPrefix(line, "left many "); many {
			kind = "left"
			_, _ = fmt.Sscan(rest, &count)
		} else {
			kind, _, _ = strings.Cut(line, " ")
		}
		switch kind {
		case "joined":
			n += count
		case "left":
			n -= count
		}
	}
	return n
}
