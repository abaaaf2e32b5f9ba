package chattest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/chat"
)

var nodeDrainTests = []nodeTest{
	{"drain", drain},
	{"drain while they come back", drainRace},
	{"drain after a shutdown that was called off", drainCalledOff},
}

// drainCalledOff stops a node after all nodes were to stop, and then were not.
func drainCalledOff(h *house) {
	ctx := h.Context()
	h.come(0, "alice")
	h.must(h.nodes[1].ShutdownAll(ctx, chat.AtConsole(), time.Hour))
	h.callsOff(1, chat.AtConsole())
	if h.nodes[0].Suspend(ctx); !h.nodes[0].Suspended() {
		h.Error("no seats are kept")
	}
}

// drain stops a node: its seats go to others, with all that belongs to them.
func drain(h *house) {
	ctx := h.Context()
	alice, bob, carol := h.come(0, "alice"), h.come(1, "bob"), h.come(0, "carol")
	room := alice.start(carol, bob)
	guest := h.guest(0, home)
	bob.drain()
	carol.until("[Room 0] bob joined.")
	carol.drain()
	for range 3 {
		carol.me.Entered()
	}
	h.must(bob.tell("carol", "unread"))
	h.nodes[2].Suspend(ctx) // which takes none in
	h.nodes[0].Suspend(ctx)
	carol.node.PutDown(ctx, carol.me, carol, chat.Unfinished{Line: "say 0 hel", Cursor: 3})
	for _, g := range []*guy{alice, carol} {
		g.node.Lose(ctx, g.me, g)
	}
	guest.quit()
	if moved, left := h.nodes[0].Drain(ctx); moved != 2 || left != 0 {
		h.Errorf("Drain = %d, %d", moved, left)
	}
	bob.reads("[Room 0] alice's connection was lost; the room closes in 2:00.")
	h.online("alice", "bob", "carol")
	entries, err := h.nodes[0].Online(ctx)
	h.must(err)
	for _, e := range entries { // bob is the second
		if e.Node != entries[1].Node || (e.Held == nil) != (e.User.Name == "bob") {
			h.Errorf("%s is at node %q, held: %+v", e.User.Name, e.Node, e.Held)
		}
	}
	h.must(bob.tell("carol", "still there?"))
	bob.say(room, "hello")
	bob.drain()

	again := h.login(2, "carol")
	again.until("[Room 0] *bob*: hello")
	lines := again.drain()
	if want := []string{"[Private] bob: unread", "[Room 0] alice's connection was lost; the room closes in 2:00.",
		"[Private] bob: still there?", "[Room 0] *bob*: hello"}; !slices.Equal(lines, want) {
		h.Errorf("carol reads %q", lines)
	}
	u := again.me.TakeUnfinished()
	if u == nil || u.Line != "say 0 hel" || again.me.Lines() != 3 {
		h.Errorf("carol was in the middle of %+v, after %d lines", u, again.me.Lines())
	}
	h.login(1, "alice")
	bob.reads("[Room 0] alice is back.")
	rooms := h.nodes[1].Rooms(ctx)
	if len(rooms) != 1 || rooms[0].Leader.Name != "alice" || len(rooms[0].Names()) != 3 {
		h.Errorf("Rooms = %+v", rooms)
	}
	if moved, left := h.nodes[0].Drain(ctx); moved+left != 0 {
		h.Errorf("Drain of an empty node = %d, %d", moved, left)
	}
}

// drainRace has users log in elsewhere while their seats are being moved: each has one seat then, with a connection.
func drainRace(h *house) {
	ctx := h.Context()
	const users = 12
	var lost []*guy
	for i := range users {
		lost = append(lost, h.come(0, fmt.Sprintf("user%02d", i)))
	}
	led := lost[0].start(lost[1:]...)
	h.nodes[0].Suspend(ctx)
	var all sync.WaitGroup
	back := make([]*guy, users)
	for i, g := range lost {
		g.node.Lose(ctx, g.me, g)
		all.Go(func() { // until the user is back
			for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
				var err error
				back[i], err = h.tryLogin(1+i%2, g.me.User.Name, passwordOf(g.me.User.Name), home)
				if err == nil {
					return
				}
				if !errors.Is(err, chat.ErrBusy) {
					h.Error(err)
				}
			}
		})
	}
	h.nodes[0].Drain(ctx)
	all.Wait()
	h.eventually("all are online with a connection", func() bool { // which another node may hear a moment later
		entries, err := h.nodes[1].Online(ctx)
		h.must(err)
		return len(entries) == users && !slices.ContainsFunc(entries, func(e chat.Entry) bool { return e.Held != nil })
	})
	for _, g := range back {
		g.drain()
	}
	back[0].say(led, "all here?")
	for _, g := range back {
		g.until("[Room 0] *user00*: all here?")
		if g.ended() != nil {
			h.Errorf("%s was ended: %v", g.me.User.Name, g.ended())
		}
	}
}
