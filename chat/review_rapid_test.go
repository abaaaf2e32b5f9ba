package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A hearer is a user of whom the test knows what came.
type hearer struct {
	name  string
	node  *Node
	p     *Presence // nil while offline
	seat  *seat
	heard []*Event // since the user came
	// how many of heard came before the user came into a room, by its number
	since map[int]int
	was   map[int][]*Event // what was heard in rooms that were closed while the user was in them
	// whom the user blocks, by name: until when, the zero time for until that is ended, and whether silently
	blocks map[string]blocked
}

type blocked struct {
	until  time.Time
	silent bool
}

// blocking returns how the user blocks the one called name now.
func (h *hearer) blocking(name string) (b blocked, ok bool) {
	b, ok = h.blocks[name]
	if ok && !b.until.IsZero() && !time.Now().Before(b.until) {
		return blocked{}, false
	}
	return b, ok
}

// take reads what came, and forgets what was said in rooms that the user is no longer in. Nothing of it may be from
// somebody who was blocked when it was said: it is read before the clock moves.
func (h *hearer) take(t *rapid.T) {
	if h.p == nil {
		return
	}
	for _, e := range h.p.Take() {
		if _, blocked := h.blocking(e.From.Name); blocked && e.Kind != Closed {
			t.Fatalf("%s hears %s: %s %q", h.name, e.From.Name, e.Kind, e.Text)
		}
		if e.Kind == Closed {
			h.was[e.Room] = h.in(e.Room)
		}
		h.heard = append(h.heard, e)
	}
}

// in returns what was heard in a room since the user came into it.
func (h *hearer) in(room int) []*Event {
	var said []*Event
	for _, e := range h.heard[h.since[room]:] {
		if e.Room == room && (e.Kind == Said || e.Kind == Emoted) {
			said = append(said, e)
		}
	}
	return said
}

func (h *hearer) of(kinds ...Kind) []*Event {
	return slices.DeleteFunc(slices.Clone(h.heard), func(e *Event) bool { return !slices.Contains(kinds, e.Kind) })
}

// wants tests that lines are what was heard, but for what was said by those whom the user blocks now.
func (h *hearer) wants(t *rapid.T, what string, lines []Line, heard []*Event) {
	heard = slices.DeleteFunc(slices.Clone(heard), func(e *Event) bool {
		_, blocked := h.blocking(e.From.Name)
		return blocked
	})
	got := make([]*Event, len(lines))
	for i, l := range lines {
		got[i] = l.Event
	}
	if !slices.Equal(got, heard) {
		var want []string
		for _, e := range heard {
			want = append(want, e.Text.String())
		}
		t.Fatalf("%s reads of %s %q, and has heard %q", h.name, what, texts(lines), want)
	}
}

// A hall is a chat on two nodes, and its users.
type hall struct {
	ctx   context.Context
	nodes []*Node
	users []*hearer
	said  int
}

// TestReviewProperties lets users do what they like, in any order, on two nodes: nothing is heard over a block; what
// one may read again is what one has heard, no more and no less; and unread lines and pieces of them are part of that.
// Blocks end by themselves while the clock moves, and are silent or not.
func TestReviewProperties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { checkReview(bubbled{t}) })
}

// A bubbled is a test in a bubble, which knows no deadline.
type bubbled struct{ rapid.TB }

func checkReview(t rapid.TB) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHall(t)
		defer func() {
			for _, n := range h.nodes {
				n.Close()
			}
		}()
		t.Repeat(map[string]func(*rapid.T){
			"":    h.check,
			"say": h.say,
			"shout": func(t *rapid.T) {
				h.with(t, func(u *hearer) error { return u.node.Shout(h.ctx, u.p, h.line()) })
			},
			"tell": h.tell,
			"start": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					r, err := u.node.Start(h.ctx, u.p, Clean("tea"))
					if err == nil {
						u.take(t)
						u.since[r.Number] = len(u.heard)
					}
					return err
				})
			},
			"join": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					r, err := u.node.Join(h.ctx, u.p, h.room(t))
					if err == nil {
						u.take(t)
						u.since[r.Number] = len(u.heard)
					}
					return err
				})
			},
			"leave": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					_, err := u.node.Leave(h.ctx, u.p, h.room(t))
					return err
				})
			},
			"block": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					return h.block(t, u)
				})
			},
			"wait": func(t *rapid.T) {
				time.Sleep(time.Duration(rapid.IntRange(1, 3).Draw(t, "seconds")) * time.Second)
			},
			"unblock": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					whom := h.user(t, "whom").name
					_, err := u.node.Unblock(h.ctx, u.p, whom)
					if err == nil {
						delete(u.blocks, whom)
					}
					return err
				})
			},
			"next": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					return h.next(t, u)
				})
			},
			"quit": func(t *rapid.T) {
				u := h.user(t, "user")
				if u.p != nil {
					for _, r := range u.node.RoomsOf(u.p) {
						if r.Leader.ID == u.p.User.ID { // which closes
							u.was[r.Number] = u.in(r.Number)
						}
					}
					u.node.Quit(h.ctx, u.p, u.seat)
					u.take(t)
					u.p = nil
				}
			},
			"come": h.come,
		})
	})
}

func newHall(t *rapid.T) *hall {
	h := &hall{ctx: context.Background()}
	store := NewMemoryStore()
	for _, desk := range NewMemoryDesks("a", "b") {
		h.nodes = append(h.nodes, New(Options{Store: store, Desk: desk, Hash: cheap}))
	}
	for i, name := range []string{"alice", "bob", "carol"} {
		if err := h.nodes[0].Register(h.ctx, AtConsole(), name, secretOf(name)); err != nil {
			t.Fatal(err)
		}
		u := &hearer{name: name, was: make(map[int][]*Event), blocks: make(map[string]blocked)}
		h.users = append(h.users, u)
		h.enter(t, u, h.nodes[i%2])
	}
	return h
}

// come brings a user in who is offline, or to the other node.
func (h *hall) come(t *rapid.T) {
	h.enter(t, h.user(t, "user"), h.nodes[rapid.IntRange(0, 1).Draw(t, "node")])
}

func (h *hall) enter(t *rapid.T, u *hearer, n *Node) {
	u.take(t)
	s := new(seat)
	p, _, err := n.Enter(h.ctx, User{Name: u.name, ID: skeleton(u.name)}, s)
	if errors.Is(err, ErrTakenOften) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if u.p == nil {
		u.heard, u.since = nil, make(map[int]int)
	}
	u.node, u.p, u.seat = n, p, s
}

// with lets a user do something who is online. A refusal is an answer like others.
func (h *hall) with(t *rapid.T, do func(u *hearer) error) {
	u := h.user(t, "user")
	if u.p == nil {
		return
	}
	if err := do(u); err != nil && !IsRefusal(err) {
		t.Fatal(err)
	}
	for _, u := range h.users {
		u.take(t)
	}
}

func (h *hall) user(t *rapid.T, label string) *hearer {
	return h.users[rapid.IntRange(0, len(h.users)-1).Draw(t, label)]
}

func (h *hall) line() Text {
	h.said++
	return Clean(fmt.Sprint("line ", h.said))
}

func (h *hall) room(t *rapid.T) int { return rapid.IntRange(0, 3).Draw(t, "room") }

func (h *hall) say(t *rapid.T) {
	h.with(t, func(u *hearer) error { return u.node.Say(h.ctx, u.p, h.room(t), h.line()) })
}

func (h *hall) tell(t *rapid.T) {
	h.with(t, func(u *hearer) error {
		to := h.user(t, "to")
		b, blocks := to.blocking(u.name)
		_, _, err := u.node.Tell(h.ctx, u.p, to.name, h.line())
		if told := blocks && !b.silent; to.p != nil && errors.Is(err, ErrBlocked) != told {
			t.Fatalf("%s tells something to %s, who blocks that: %t, silently: %t. It returned %v", u.name, to.name,
				blocks, b.silent, err)
		}
		return err
	})
}

// block blocks somebody, for a while or without end, silently or not.
func (h *hall) block(t *rapid.T, u *hearer) error {
	terms := BlockTerms{Lasts: time.Duration(rapid.IntRange(0, 4).Draw(t, "lasts")) * time.Second,
		Silent: rapid.Bool().Draw(t, "silent")}
	whom := h.user(t, "whom").name
	_, err := u.node.BlockOn(h.ctx, u.p, whom, terms)
	if err != nil {
		return err
	}
	b := blocked{silent: terms.Silent}
	if terms.Lasts > 0 {
		b.until = time.Now().Add(terms.Lasts)
	}
	u.blocks[whom] = b
	return nil
}

// next reads on: what is shown was heard, and the rest is what was unread but for that.
func (h *hall) next(t *rapid.T, u *hearer) error {
	before, err := u.node.Unread(h.ctx, u.p)
	if err != nil {
		return err
	}
	next, left, err := u.node.Next(h.ctx, u.p, 2)
	if err != nil {
		return err
	}
	var all, now []*Event
	for _, b := range before {
		for _, l := range b.Lines {
			all = append(all, l.Event)
		}
	}
	for _, b := range append([]Unread{next}, left...) {
		for _, l := range b.Lines {
			now = append(now, l.Event)
		}
	}
	if !slices.Equal(all, now) {
		t.Fatalf("%s had %d unread lines, and has read %d, with %d left", u.name, len(all), len(next.Lines),
			len(now)-len(next.Lines))
	}
	return nil
}

// check tests what everybody may read.
func (h *hall) check(t *rapid.T) {
	for _, u := range h.users {
		u.take(t)
	}
	for _, u := range h.users {
		if u.p == nil {
			continue
		}
		h.checkPlace(t, u, Place{Kind: Tells}, u.of(Told))
		h.checkPlace(t, u, Place{Kind: Shouts}, u.of(Shouted))
		rooms := u.node.RoomsOf(u.p)
		for number := range 4 {
			if slices.ContainsFunc(rooms, func(r Room) bool { return r.Number == number }) {
				h.checkPlace(t, u, Place{Kind: InRoom, Room: number}, u.in(number))
				continue
			}
			lines, err := u.node.Review(h.ctx, u.p, Place{Kind: InRoom, Room: number})
			if !IsRefusal(err) || len(lines) > 0 {
				t.Fatalf("%s reviews Room %d, and is not in it: %q, %v", u.name, number, texts(lines), err)
			}
			h.checkTranscript(t, u, number)
		}
	}
}

func (h *hall) checkPlace(t *rapid.T, u *hearer, at Place, heard []*Event) {
	lines, err := u.node.Review(h.ctx, u.p, at)
	if err != nil {
		t.Fatal(err)
	}
	u.wants(t, at.String(), lines, heard)
	found, err := u.node.Find(h.ctx, u.p, at, "", []string{"LINE"})
	if err != nil || !slices.Equal(texts(found), texts(lines)) {
		t.Fatalf("%s finds %q in %s, %v", u.name, texts(found), at, err)
	}
}

// checkTranscript tests that a transcript has what was heard in the room, if there is one. Who has ended a block since,
// left and come again reads none of it.
func (h *hall) checkTranscript(t *rapid.T, u *hearer, number int) {
	past, err := u.node.Transcript(h.ctx, u.p, number)
	if err != nil || len(past.Lines) == 0 {
		return
	}
	u.wants(t, fmt.Sprint("the transcript of room ", number), past.Lines, u.was[number])
}
