package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

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
}

// take reads what came, and forgets what was said in rooms that the user is no longer in.
func (h *hearer) take() {
	if h.p == nil {
		return
	}
	for _, e := range h.p.Take() {
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
	heard = slices.DeleteFunc(slices.Clone(heard), func(e *Event) bool { return !h.p.hears(e.From) })
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
func TestReviewProperties(t *testing.T) {
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
						u.take()
						u.since[r.Number] = len(u.heard)
					}
					return err
				})
			},
			"join": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					r, err := u.node.Join(h.ctx, u.p, h.room(t))
					if err == nil {
						u.take()
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
					_, err := u.node.Block(h.ctx, u.p, h.user(t, "whom").name)
					return err
				})
			},
			"unblock": func(t *rapid.T) {
				h.with(t, func(u *hearer) error {
					_, err := u.node.Unblock(h.ctx, u.p, h.user(t, "whom").name)
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
					rooms, err := u.node.RoomsOf(h.ctx, u.p)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range rooms {
						if r.Leader.ID == u.p.User.ID { // which closes
							u.was[r.Number] = u.in(r.Number)
						}
					}
					u.node.Quit(h.ctx, u.p, u.seat)
					u.take()
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
		u := &hearer{name: name, was: make(map[int][]*Event)}
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
	u.take()
	s := new(seat)
	p, _, err := n.Enter(h.ctx, User{Name: u.name, ID: skeleton(u.name)}, s)
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
		u.take()
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
		blocked := to.p != nil && !to.p.hears(u.p.User)
		_, _, err := u.node.Tell(h.ctx, u.p, to.name, h.line())
		if blocked && !errors.Is(err, ErrBlocked) {
			t.Fatalf("%s tells something to %s, who blocks that: %v", u.name, to.name, err)
		}
		return err
	})
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
		u.take()
	}
	for _, u := range h.users {
		if u.p == nil {
			continue
		}
		h.checkPlace(t, u, Place{Kind: Tells}, u.of(Told))
		h.checkPlace(t, u, Place{Kind: Shouts}, u.of(Shouted))
		rooms, err := u.node.RoomsOf(h.ctx, u.p)
		if err != nil {
			t.Fatal(err)
		}
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
