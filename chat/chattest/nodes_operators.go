package chattest

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/chat"
)

var nodeOperatorTests = []nodeTest{
	{"kick", nodesKick},
	{"ban", nodesBan},
	{"mute", nodesMute},
	{"mute a guest", nodesMuteGuest},
	{"disable and delete", nodesDisable},
	{"role", nodesRole},
	{"the last operator", nodesLastOperator},
	{"password", nodesPassword},
	{"announce and shut down", nodesShutdown},
	{"the audit log is one", nodesAudit},
}

func nodesKick(h *house) {
	op, bob, carol := h.operator(0, "oscar"), h.come(1, "bob"), h.come(2, "carol")
	room := bob.start(carol)
	h.online("bob", "carol", "oscar")
	carol.drain()
	ended, err := op.node.Kick(h.Context(), op.by(), "BOB", chat.Clean("enough"))
	if err != nil || !slices.Equal(ended.Users, []string{"bob"}) {
		h.Errorf("Kick = %+v, %v", ended, err)
	}
	h.wantErr("why bob's session ended", bob.ended(), chat.ErrKicked)
	h.wantErr("tell to who was kicked", op.tell("bob", "x"), chat.ErrNotOnline)
	carol.reads("!!system!!: Room 0(topic: tea) closed")
	h.online("carol", "oscar")
	_, err = op.node.Kick(h.Context(), op.by(), "bob", chat.Text{})
	h.wantErr("Kick of who is not online", err, chat.ErrNotOnline)
	_, err = carol.node.Join(h.Context(), carol.me, room)
	h.wantErr("Join of a room that was closed", err, chat.ErrNoRoom)
	h.login(2, "bob") // who may come again at once
}

func nodesBan(h *house) {
	op, bob := h.operator(0, "oscar"), h.come(1, "bob")
	away := netip.MustParseAddr("203.0.113.5")
	guests := []*guy{
		h.guest(0, away), h.guest(1, away), h.guest(2, away), h.guest(2, netip.MustParseAddr("203.0.113.77")),
	}
	h.online("bob", "guest", "guest2", "guest3", "guest4", "oscar")
	if _, err := op.node.Ban(h.Context(), op.by(), chat.BanTarget{Name: "bob"}, 0,
		chat.Clean("spam")); err != nil {
		h.Fatal(err)
	}
	h.wantErr("why bob's session ended", bob.ended(), chat.ErrBanned)
	address := chat.BanTarget{Addr: netip.MustParseAddr("203.0.113.5")}
	b, err := op.node.Ban(h.Context(), op.by(), address, time.Hour, chat.Text{})
	if err != nil || !slices.Equal(slices.Sorted(slices.Values(b.Ended.Users)), []string{"guest", "guest2", "guest3"}) {
		h.Errorf("Ban = %+v, %v", b, err)
	}
	for _, g := range guests[:3] {
		h.wantErr("why a guest's session ended", g.ended(), chat.ErrAddressBanned)
	}
	if guests[3].ended() != nil {
		h.Errorf("somebody else is sent away: %v", guests[3].ended())
	}
	for i, n := range h.nodes {
		_, err := h.tryLogin(i, "bob", passwordOf("bob"), home)
		h.wantErr("login of who is banned", err, chat.ErrBanned)
		h.wantErr("a connection from there", n.MayConnect(h.Context(), away), chat.ErrAddressBanned)
		if bans, err := n.Bans(h.Context()); err != nil || len(bans) != 2 || bans[1].Reason.String() != "spam" {
			h.Errorf("bans at node %d: %+v, %v", i, bans, err)
		}
	}
	if _, err := h.nodes[2].Unban(h.Context(), op.by(), chat.BanTarget{Name: "bob"}); err != nil {
		h.Error(err)
	}
	h.login(1, "bob")
}

func nodesMute(h *house) {
	op, bob, carol := h.operator(0, "oscar"), h.come(1, "bob"), h.come(2, "carol")
	room := bob.start(carol)
	h.online("bob", "carol", "oscar")
	if _, err := op.node.Mute(h.Context(), op.by(), "bob", time.Hour, chat.Clean("caps")); err != nil {
		h.Fatal(err)
	}
	bob.until("!!system!!: You are muted for 1h: caps. You can still read.")
	h.wantErr("say while muted", bob.node.SpeakIn(h.Context(), bob.me, room, chat.Said, chat.Clean("x")), chat.ErrMuted)
	for i, n := range h.nodes {
		h.eventually("the topic is hidden", func() bool {
			rooms := n.Rooms(h.Context())
			return len(rooms) == 1 && rooms[0].Topic == chat.HiddenTopic
		})
		if mutes, err := n.Mutes(h.Context()); err != nil || len(mutes) != 1 || mutes[0].Left() <= 59*time.Minute {
			h.Errorf("mutes at node %d: %+v, %v", i, mutes, err)
		}
	}
	// Who logs in elsewhere is muted there too.
	bob = h.login(2, "bob")
	h.wantErr("shout while muted", bob.tryShout("x"), chat.ErrMuted)
	carol.drain()
	bob.quit()
	carol.reads("!!system!!: Room 0(topic: -) closed")
	bob = h.login(0, "bob")
	if _, err := h.nodes[1].Unmute(h.Context(), op.by(), "bob"); err != nil {
		h.Error(err)
	}
	bob.until("!!system!!: You are no longer muted.")
	bob.shout("free")
}

// nodesMuteGuest mutes a guest, who comes again on another node, and one who sits beside a muted account.
func nodesMuteGuest(h *house) {
	op := h.operator(0, "oscar")
	away, shared := netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("203.0.113.6")
	g := h.guest(1, away)
	h.online("guest", "oscar")
	if _, err := op.node.Mute(h.Context(), op.by(), "guest", 0, chat.Text{}); err != nil {
		h.Fatal(err)
	}
	h.wantErr("shout of a muted guest", g.tryShout("x"), chat.ErrMuted)
	g.quit()
	h.online("oscar")
	g = h.guest(2, away)
	h.wantErr("shout of who comes again", g.tryShout("x"), chat.ErrMuted)
	bob := h.come(0, "bob")
	bob.quit()
	bob, err := h.tryLogin(0, "bob", passwordOf("bob"), shared)
	h.must(err)
	if _, err := op.node.Mute(h.Context(), op.by(), "bob", 0, chat.Text{}); err != nil {
		h.Fatal(err)
	}
	beside := h.guest(1, shared)
	h.wantErr("shout of a guest beside", beside.tryShout("x"), chat.ErrMuted)
	bob.quit()
	beside.quit()
	again := h.guest(2, shared)
	h.wantErr("shout of a guest afterwards", again.tryShout("x"), chat.ErrMuted)
}

func nodesDisable(h *house) {
	op, bob, carol := h.operator(0, "oscar"), h.come(1, "bob"), h.come(2, "carol")
	h.online("bob", "carol", "oscar")
	h.must(op.node.Disable(h.Context(), op.by(), "bob"))
	h.wantErr("why bob's session ended", bob.ended(), chat.ErrDisabled)
	h.must(op.node.DeleteAccount(h.Context(), op.by(), "carol"))
	h.wantErr("why carol's session ended", carol.ended(), chat.ErrDeleted)
	h.online("oscar")
	for i := range h.nodes {
		for _, name := range []string{"bob", "carol"} {
			_, err := h.tryLogin(i, name, passwordOf(name), home)
			h.wantErr("login of "+name, err, chat.ErrLogin)
		}
	}
	h.must(h.nodes[2].Enable(h.Context(), op.by(), "bob"))
	h.login(1, "bob")
}

func nodesRole(h *house) {
	op, bob := h.operator(0, "oscar"), h.come(1, "bob")
	h.online("bob", "oscar")
	h.must(op.node.Promote(h.Context(), op.by(), "bob"))
	if !bob.me.Operator() {
		h.Error("bob is no operator when Promote has returned")
	}
	bob.until("!!system!!: You are an operator now.")
	h.must(bob.node.Announce(h.Context(), bob.by(), chat.Clean("it is me")))
	h.must(bob.node.Demote(h.Context(), bob.by(), "oscar"))
	if op.me.Operator() {
		h.Error("op is an operator when Demote has returned")
	}
	op.until("!!system!!: You are no longer an operator.")
	h.wantErr("what a user who was demoted may", op.node.Announce(h.Context(), op.by(), chat.Clean("x")),
		chat.ErrOperatorsOnly)
}

// nodesLastOperator lets two operators on two nodes demote each other: one is refused.
func nodesLastOperator(h *house) {
	a, b := h.operator(0, "anna"), h.operator(1, "bert")
	h.online("anna", "bert")
	for range 10 {
		errs := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() { errs[0] = a.node.Demote(h.Context(), a.by(), "bert") })
		wg.Go(func() { errs[1] = b.node.Demote(h.Context(), b.by(), "anna") })
		wg.Wait()
		refused := 0
		for _, err := range errs {
			switch {
			case errors.Is(err, chat.ErrOperatorsOnly), errors.Is(err, chat.ErrLastOperator):
				refused++
			case err != nil:
				h.Fatal(err)
			}
		}
		if refused != 1 {
			h.Fatalf("%d of two are refused: %v", refused, errs)
		}
		for _, name := range []string{"anna", "bert"} {
			if err := h.nodes[2].Promote(h.Context(), chat.AtConsole(), name); err != nil &&
				!errors.Is(err, chat.ErrIsOperator) {
				h.Fatal(err)
			}
		}
	}
}

func nodesPassword(h *house) {
	op, bob := h.operator(0, "oscar"), h.come(1, "bob")
	h.must(op.node.SetPassword(h.Context(), op.by(), "bob", "new sesame"))
	for i := range h.nodes {
		_, err := h.tryLogin(i, "bob", passwordOf("bob"), home)
		h.wantErr("login with the old password", err, chat.ErrLogin)
	}
	if bob.ended() != nil {
		h.Errorf("bob's session ended: %v", bob.ended())
	}
	if _, err := h.tryLogin(2, "bob", "new sesame", home); err != nil {
		h.Errorf("login with the new password: %v", err)
	}
}

func nodesShutdown(h *house) {
	ctx := h.Context()
	op, bob := h.operator(0, "oscar"), h.come(1, "bob")
	h.online("bob", "oscar")
	h.must(op.node.Announce(ctx, op.by(), chat.Clean("soon")))
	bob.reads("!!system!!: soon")
	h.must(op.node.ShutdownAll(ctx, op.by(), time.Hour))
	bob.reads("!!system!!: The server shuts down in 1h.")
	h.callsOff(2, op.by())
	bob.reads("!!system!!: The server does not shut down after all.")
	_, err := op.node.CancelShutdown(ctx, op.by())
	h.wantErr("to cancel it twice", err, chat.ErrNoShutdown)
	// One node alone: only those hear it who are on it.
	op.drain()
	h.must(op.node.ShutdownIn(ctx, op.by(), time.Hour))
	op.reads("!!system!!: The server shuts down in 1h.")
	bob.drain()
	h.callsOff(2, op.by(), "a")
	op.reads("!!system!!: The server does not shut down after all.")
	h.must(op.node.ShutdownIn(ctx, op.by(), time.Second))
	select {
	case i := <-h.stopped:
		if i != 0 {
			h.Errorf("node %d stops", i)
		}
	case <-time.After(patience):
		h.Fatal("the node does not stop")
	}
	h.must(op.node.ShutdownAll(ctx, op.by(), time.Second))
	var stopped []int
	for range h.nodes {
		select {
		case i := <-h.stopped:
			stopped = append(stopped, i)
		case <-time.After(patience):
			h.Fatalf("only the nodes %v stop", stopped)
		}
	}
	if slices.Sort(stopped); !slices.Equal(stopped, []int{0, 1, 2}) {
		h.Errorf("the nodes %v stop", stopped)
	}
	bob.reads("!!system!!: The server shuts down in 1s.")
}

// callsOff calls a shutdown off at the node of that number, which is told where, if not there too.
func (h *house) callsOff(node int, by chat.Actor, elsewhere ...string) {
	h.Helper()
	got, err := h.nodes[node].CancelShutdown(h.Context(), by)
	if h.must(err); !slices.Equal(got, elsewhere) {
		h.Errorf("called off at %v, want %v", got, elsewhere)
	}
}

func nodesAudit(h *house) {
	for round := range 8 {
		for i, n := range h.nodes {
			h.must(n.Announce(h.Context(), chat.AtConsole(), chat.Clean(numbered(i, round))))
		}
	}
	deeds, err := h.nodes[1].Audit(h.Context(), 0)
	h.must(err)
	var got, want []string
	for i, d := range deeds {
		got, want = append(got, d.Reason.String()), append(want, numbered(i%3, i/3))
	}
	if len(deeds) != 24 || !slices.Equal(got, want) {
		h.Errorf("the audit log has %s", strings.Join(got, " "))
	}
}
