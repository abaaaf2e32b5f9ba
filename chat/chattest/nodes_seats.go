package chattest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"parley/chat"
)

var nodeSeatTests = []nodeTest{
	{"take over to and fro", takeOver},
	{"take over by several at once", takeOverAtOnce},
	{"take over while others speak", takeOverTalk},
	{"take over while leaving", takeOverLeaving},
	{"blocks go with the user", takeOverBlocks},
	{"held seat", heldSeat},
}

// takeOver logs in at another node, and back.
func takeOver(h *house) {
	ctx := h.Context()
	old, bob := h.come(0, "alice"), h.come(1, "bob")
	led, other := old.start(bob), bob.start(old)
	for range 3 {
		old.me.Entered()
	}
	old.until("!!system!!: bob created")
	h.must(bob.tell("alice", "read"))
	old.until("[Private] bob: read")
	old.drain()
	spoken := false // by her, in the room that she leads
	for _, node := range []int{2, 0, 1} {
		text := fmt.Sprint("unread ", node)
		h.must(bob.tell("alice", text))
		alice := h.login(node, "alice")
		if alice.me == old.me || alice.me.Lines() != 3 {
			h.Errorf("at node %d: %d lines", node, alice.me.Lines())
		}
		if last, ok := alice.me.LastRoom(); ok != spoken || last != led {
			h.Errorf("at node %d she has spoken in room %d, %v", node, last, ok)
		}
		h.wantErr("why the old connection ended", old.ended(), chat.ErrMoved)
		old.quit() // which is nobody's quitting any more
		if lines := old.drain(); len(lines) > 0 {
			h.Errorf("the old connection reads %q", lines)
		}
		alice.reads("[Private] bob: " + text)
		alice.say(led, "I lead")
		spoken = true
		bob.until("[Room 0] *alice*: I lead")
		bob.say(other, "yours?")
		alice.until("[Room 1] *bob*: yours?")
		h.must(bob.tell("alice", "still there?"))
		alice.until("[Private] bob: still there?")
		alice.drain()
		// What the old connection was about to do is not done, or is done for her.
		_, err := old.node.Start(ctx, old.me, chat.Clean("ghost"))
		h.wantErr("Start where she was", err, chat.ErrMoved)
		rooms := alice.node.RoomsOf(alice.me)
		if len(rooms) != 2 || rooms[0].Leader.Name != "alice" {
			h.Errorf("her rooms at node %d: %+v", node, rooms)
		}
		old = h.login(node, "alice") // on the same node, from another connection
		h.wantErr("why the connection before ended", alice.ended(), chat.ErrMoved)
		bob.drain()
	}
	h.online("alice", "bob")
	bob.drain()
	old.quit()
	bob.until("!!system!!: Room 0(topic: tea) closed")
	bob.until("[Room 1] alice left.")
	h.online("bob")
}

// takeOverAtOnce logs in at all nodes at once: one has the seat then, and what went with it.
func takeOverAtOnce(h *house) {
	bob := h.come(0, "bob")
	at := h.come(0, "alice")
	for range 3 {
		at.me.Entered()
	}
	for i := range 20 {
		at.drain()
		text := fmt.Sprint("unread ", i)
		h.must(bob.tell("alice", text))
		next := make([]*guy, len(h.nodes))
		var all sync.WaitGroup
		for node := range next {
			all.Go(func() {
				var err error
				if next[node], err = h.tryLogin(node, "alice", passwordOf("alice"), home); err != nil {
					h.Errorf("login at node %d: %v", node, err)
				}
			})
		}
		all.Wait()
		if h.Failed() {
			return
		}
		next = slices.DeleteFunc(next, func(g *guy) bool { return g.ended() != nil })
		if len(next) != 1 {
			h.Fatalf("%d have the seat", len(next))
		}
		at = next[0]
		if lines := at.me.Lines(); lines != 3 {
			h.Fatalf("round %d: she has entered %d lines, want 3", i, lines)
		}
		at.until("[Private] bob: " + text)
		h.online("alice", "bob")
	}
}

// takeOverTalk lets alice move all the time while others speak to her: she reads all, once and in order.
func takeOverTalk(h *house) {
	const lines = 150
	at := h.come(0, "alice")
	speakers := []*guy{h.come(1, "bob"), h.come(2, "carol")}
	room := at.start(speakers...)
	h.online("alice", "bob", "carol")
	var wg sync.WaitGroup
	for i, s := range speakers {
		wg.Go(func() {
			for n := range lines {
				text := "line " + numbered(i, n) + "."
				switch n % 3 {
				case 0:
					s.say(room, text)
				case 1:
					s.shout(text)
				default:
					if err := s.tell("alice", text); err != nil {
						h.Errorf("tell: %v", err)
					}
				}
				s.drain()
			}
		})
	}
	var read []string
	for i := range 30 {
		next := h.login(i%3, "alice")
		if i%3 != 0 { // what one connection has read no other one reads
			next.look()
		}
		if at.me != next.me {
			at.look()
		}
		read = append(read, at.drain()...)
		at = next
	}
	wg.Wait()
	speakers[0].shout("end")
	at.until("!!bob!!: end")
	read = append(read, at.drain()...)
	next := []int{0, 0}
	for _, line := range read {
		_, line, spoken := strings.Cut(line, "line ")
		if !spoken {
			continue
		}
		var i, n int
		if _, err := fmt.Sscanf(line, "%d:%d.", &i, &n); err != nil || n != next[i] {
			h.Fatalf("she reads line %d of speaker %d after line %d (%v)", n, i, next[i]-1, err)
		}
		next[i]++
	}
	if !slices.Equal(next, []int{lines, lines}) {
		h.Errorf("she reads %v lines, want %d each", next, lines)
	}
}

// takeOverLeaving logs in elsewhere while the one who was there quits or is kicked.
func takeOverLeaving(h *house) {
	h.come(0, "alice").quit()
	for round := range 60 {
		old := h.login(round%3, "alice")
		var wg sync.WaitGroup
		wg.Go(func() {
			if round%2 == 0 {
				old.quit()
			} else if _, err := h.nodes[0].Kick(h.Context(), chat.AtConsole(), "alice",
				chat.Text{}); err != nil && !errors.Is(err, chat.ErrNotOnline) {
				h.Errorf("Kick: %v", err)
			}
		})
		now := h.login((round+1)%3, "alice")
		wg.Wait()
		if now.ended() == nil {
			now.shout("here I am")
			now.until("!!alice!!: here I am")
			h.online("alice")
		}
		now.quit()
		old.quit()
		h.online()
	}
}

// takeOverBlocks lets alice block somebody on one node while she logs in at another one.
func takeOverBlocks(h *house) {
	h.come(0, "alice").quit()
	const others = 20
	for i := range others {
		name := fmt.Sprint("user", i)
		h.must(h.nodes[0].RegisterInvited(h.Context(), chat.AtConsole(), "", name, passwordOf(name)))
	}
	old := h.login(0, "alice")
	for i := range others {
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := old.node.BlockOn(h.Context(), old.me, fmt.Sprint("user", i), chat.BlockTerms{}); err != nil {
				h.Errorf("Block: %v", err)
			}
		})
		now := h.login((i+1)%3, "alice")
		wg.Wait()
		if got := now.me.Blocked(); len(got) != i+1 {
			h.Fatalf("after %d blocks she has blocked %q", i+1, got)
		}
		old = now
	}
}

// heldSeat lets a connection be lost, and has the user come back at each node.
func heldSeat(h *house) {
	ctx := h.Context()
	alice, bob := h.come(0, "alice"), h.come(1, "bob")
	room := alice.start(bob)
	for node := range h.nodes {
		alice.drain()
		bob.drain()
		line := fmt.Sprint("half-typed ", node)
		alice.node.PutDown(ctx, alice.me, alice, chat.Unfinished{Line: line, Talk: &chat.Target{Room: room}})
		alice.node.Lose(ctx, alice.me, alice)
		bob.until("[Room 0] alice's connection was lost; the room closes in 2:00.")
		h.must(bob.tell("alice", "hello?"))
		h.online("alice", "bob")
		alice = h.login(node, "alice")
		alice.until("[Private] bob: hello?")
		bob.until("[Room 0] alice is back.")
		u := alice.me.TakeUnfinished()
		if u == nil || u.Line != line || u.Talk == nil || u.Talk.Room != room {
			h.Errorf("at node %d she goes on with %+v", node, u)
		}
		alice.say(room, "I lead")
		bob.until("[Room 0] *alice*: I lead")
		h.eventually("her seat is held no more", func() bool { // the node may be late
			e, err := h.nodes[2].Online(ctx)
			return err == nil && e[0].Held == nil
		})
	}
	// A line that comes after the seat.
	before := alice
	alice = h.login(0, "alice")
	before.node.PutDown(ctx, before.me, before, chat.Unfinished{Line: "late"})
	var u *chat.Unfinished
	h.eventually("the line comes after the seat", func() bool {
		u = alice.me.TakeUnfinished()
		return u != nil
	})
	if u.Line != "late" {
		h.Errorf("she goes on with %+v", u)
	}
}
