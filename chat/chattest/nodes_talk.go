package chattest

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/chat"
	"parley/chat/budget"
)

var nodeTalkTests = []nodeTest{
	{"tell", nodesTell},
	{"rooms", nodesRooms},
	{"blocks", nodesBlocks},
	{"silent blocks", nodesSilentBlocks},
	{"blocks that end", nodesBlocksEnd},
	{"one order", nodesOrder},
	{"who, status and idle", nodesWho},
	{"guests", nodesGuests},
	{"guesses", nodesGuesses},
	{"registrations", nodesRegistrations},
}

func nodesTell(h *house) {
	alice, bob := h.come(0, "Alice"), h.come(1, "bob")
	h.online("Alice", "bob")
	for _, g := range []*guy{alice, bob} {
		h.wantErr("tell to nobody", g.tell("nobody", "x"), chat.ErrNoUser)
		h.wantErr("tell of nothing", g.tell("alice", " "), chat.ErrNothingSaid)
	}
	to, err := bob.node.TellUser(h.Context(), bob.me, chat.User{Name: "aLiCe"}, chat.Clean("psst"))
	if err != nil || to.User.Name != "Alice" {
		h.Errorf("TellUser = %q, %v", to.User.Name, err)
	}
	alice.reads("[Private] bob: psst")
	h.must(alice.tell("bob", "what?"))
	bob.reads("[Private] Alice: what?")
	// Nobody is told that something reached a user who does not read it.
	big := strings.Repeat("x", 1000)
	for err = nil; err == nil; {
		err = alice.tell("bob", big)
	}
	h.wantErr("tell to a full mailbox", err, chat.ErrNotOnline)
	h.eventually("bob is sent away", func() bool { return bob.ended() != nil })
	h.wantErr("why he was sent away", bob.ended(), chat.ErrTooSlow)
	h.online("Alice")
	h.wantErr("tell to who is not online", alice.tell("bob", "x"), chat.ErrNotOnline)
}

func nodesRooms(h *house) {
	alice, bob, carol := h.come(0, "alice"), h.come(1, "bob"), h.come(2, "carol")
	room := alice.start(bob, carol)
	alice.reads("!!system!!: alice created room 0, topic: tea", "[Room 0] bob joined.", "[Room 0] carol joined.")
	bob.say(room, "hello")
	for _, g := range []*guy{alice, bob, carol} {
		g.until("[Room 0] *bob*: hello")
		g.drain()
	}
	_, err := bob.node.Leave(h.Context(), bob.me, room)
	h.must(err)
	carol.reads("[Room 0] bob left.")
	h.wantErr("say in a room that one has left",
		bob.node.SpeakIn(h.Context(), bob.me, room, chat.Said, chat.Clean("x")), chat.ErrNotMember)
	alice.quit()
	carol.reads("!!system!!: Room 0(topic: tea) closed")
	h.online("bob", "carol")
	bob.reads()
	if number := carol.start(); number != 1 {
		h.Errorf("the next room is number %d", number)
	}
}

func nodesBlocks(h *house) {
	alice, bob := h.come(0, "alice"), h.come(1, "bob")
	guest := h.guest(2, home)
	room := alice.start(bob, guest)
	h.eventually("bob is found", func() bool { return alice.tell("bob", "x") == nil })
	_, err := bob.node.BlockOn(h.Context(), bob.me, "alice", chat.BlockTerms{})
	h.must(err)
	bob.drain()
	h.wantErr("tell to who has blocked", alice.tell("bob", "x"), chat.ErrBlocked)
	alice.say(room, "hello")
	alice.shout("hello")
	guest.say(room, "me too")
	bob.reads("[Room 0] *guest*: me too")
	_, err = bob.node.BlockOn(h.Context(), bob.me, "guest", chat.BlockTerms{})
	h.must(err)
	guest.quit()
	h.online("alice", "bob")
	// The guest who comes again from there is the same one, on another node too.
	guest = h.guest(0, home)
	h.eventually("the guest is blocked", func() bool { return guest.tell("bob", "x") != nil })
	h.wantErr("tell by a guest who was blocked", guest.tell("bob", "x"), chat.ErrBlocked)
	if got := bob.me.Blocked(); !slices.Equal(got, []string{"alice", "guest"}) {
		h.Errorf("bob has blocked %q", got)
	}
}

// nodesSilentBlocks tests that who is blocked silently is answered like others, from another node too.
func nodesSilentBlocks(h *house) {
	alice, bob, carol := h.come(0, "alice"), h.come(1, "bob"), h.come(2, "carol")
	h.online("alice", "bob", "carol")
	_, err := alice.node.BlockOn(h.Context(), alice.me, "bob", chat.BlockTerms{Silent: true})
	h.must(err)
	for _, g := range []*guy{bob, carol} {
		h.must(g.tell("alice", g.me.User.Name))
		h.wantErr("tell of nothing", g.tell("alice", " "), chat.ErrNothingSaid)
		for range 10 {
			_, err = g.node.SendMail(h.Context(), g.me, "alice", chat.Clean("hello"))
			h.must(err)
		}
		_, err = g.node.SendMail(h.Context(), g.me, "alice", chat.Clean("too much"))
		h.wantErr("the eleventh letter", err, chat.ErrMuchMail)
		g.shout(g.me.User.Name)
		g.drain()
	}
	for _, line := range alice.until("!!carol!!: carol") {
		if strings.Contains(line, "bob") {
			h.Errorf("alice reads %q", line)
		}
	}
	lines, err := alice.node.Review(h.Context(), alice.me, chat.Place{})
	h.must(err)
	if len(lines) != 2 {
		h.Errorf("alice may read %d lines again, of carol's two", len(lines))
	}
	letters, err := alice.node.Mail(h.Context(), alice.me)
	h.must(err)
	if len(letters) != 10 {
		h.Errorf("alice has %d letters", len(letters))
	}
}

// nodesBlocksEnd tests that a block that ends by itself keeps away what is said before its end alone, wherever its user
// is by then.
func nodesBlocksEnd(h *house) {
	alice, bob := h.come(0, "alice"), h.come(1, "bob")
	room := alice.start(bob)
	_, err := alice.node.BlockOn(h.Context(), alice.me, "bob", chat.BlockTerms{Lasts: 2 * time.Second})
	h.must(err)
	h.wantErr("tell to who has blocked", bob.tell("alice", "x"), chat.ErrBlocked)
	bob.say(room, "before")
	h.eventually("the block is over", func() bool { return bob.tell("alice", "private") == nil })
	bob.say(room, "after")
	for _, line := range alice.until("[Room 0] *bob*: after") {
		if strings.Contains(line, "before") {
			h.Errorf("alice reads %q", line)
		}
	}
	now := h.login(2, "alice")
	lines, err := now.node.Review(h.Context(), now.me, chat.Place{Kind: chat.InRoom, Room: room})
	h.must(err)
	if len(lines) != 1 || lines[0].Event.Text.String() != "after" {
		h.Errorf("alice may read %d lines again", len(lines))
	}
	if all := now.me.Blocks(); len(all) != 0 {
		h.Errorf("alice blocks %v", all)
	}
}

// nodesOrder lets all shout and speak at once: all hear that in one order, and each of one's own line at once.
func nodesOrder(h *house) {
	const lines = 60
	guys := []*guy{h.come(0, "alice"), h.come(1, "bob"), h.come(2, "carol")}
	room := guys[0].start(guys[1:]...)
	for _, g := range guys {
		g.until("!!system!!: alice created")
	}
	var wg sync.WaitGroup
	for i, g := range guys {
		wg.Go(func() {
			for n := range lines {
				text := fmt.Sprint("line ", numbered(i, n))
				if n%2 == 0 {
					g.say(room, text)
				} else {
					g.shout(text)
				}
				g.look()
				if !slices.ContainsFunc(g.read, func(line string) bool { return strings.HasSuffix(line, text) }) {
					h.Errorf("%s does not read %q at once", g.me.User.Name, text)
				}
			}
		})
	}
	wg.Wait()
	guys[0].shout("end")
	spoken := func(g *guy, begin string) []string {
		return slices.DeleteFunc(slices.Clone(g.until("!!alice!!: end")), func(line string) bool {
			return !strings.HasPrefix(line, begin) || !strings.Contains(line, "line ")
		})
	}
	for _, begin := range []string{"[Room", "!!"} {
		first := spoken(guys[0], begin)
		if len(first) != len(guys)*lines/2 {
			h.Errorf("%d lines were heard, want %d", len(first), len(guys)*lines/2)
		}
		for _, g := range guys[1:] {
			if got := spoken(g, begin); !slices.Equal(got, first) {
				h.Errorf("%s heard another order than alice:\n%q\n%q", g.me.User.Name, got, first)
			}
		}
	}
}

func nodesWho(h *house) {
	ctx := h.Context()
	alice, bob := h.come(0, "alice"), h.come(1, "bob")
	h.online("alice", "bob")
	room := bob.start()
	time.Sleep(50 * time.Millisecond)
	alice.me.Entered()
	for _, n := range h.nodes {
		entries, err := n.Online(ctx)
		if err != nil || len(entries) != 2 || entries[0].LastInput.Sub(entries[1].LastInput) < 40*time.Millisecond {
			h.Errorf("online are %+v, %v", entries, err)
		}
		h.eventually("bob's room is seen", func() bool {
			s, err := n.Status(ctx, alice.me, "bob")
			h.must(err)
			return s.Online && slices.Equal(s.Rooms, []string{strconv.Itoa(room)}) && s.Idle >= 50*time.Millisecond
		})
		accounts, err := n.Accounts(ctx)
		if err != nil || len(accounts) != 2 || !accounts[0].Online || !accounts[1].Online {
			h.Errorf("accounts are %+v, %v", accounts, err)
		}
	}
}

func nodesGuests(h *house) {
	var names []string
	var guests []*guy
	for i := range 7 {
		guests = append(guests, h.guest(i%3, home))
		names = append(names, guests[i].me.User.Name)
	}
	want := []string{"guest", "guest2", "guest3", "guest4", "guest5", "guest6", "guest7"}
	if !slices.Equal(names, want) {
		h.Errorf("guests are called %q", names)
	}
	guests[1].quit()
	guests[3].quit()
	if name := h.guest(2, home).me.User.Name; name != "guest2" {
		h.Errorf("the next guest is called %s", name)
	}
}

func nodesGuesses(h *house) {
	h.must(h.nodes[0].RegisterInvited(h.Context(), chat.AtConsole(), "", "alice", passwordOf("alice")))
	from := netip.MustParseAddr("203.0.113.5")
	for i := range budget.PerPair + 4 {
		want := chat.ErrLogin
		if i >= budget.PerPair {
			want = chat.ErrManyTries
		}
		_, err := h.tryLogin(i%3, "alice", "guess", from)
		h.wantErr(fmt.Sprint("guess ", i), err, want)
	}
	// A right password costs nothing, on whichever node.
	for i := range 2 * budget.PerPair {
		g, err := h.tryLogin(i%3, "alice", passwordOf("alice"), home)
		h.must(err)
		g.quit()
	}
}

func nodesRegistrations(h *house) {
	for i := range budget.RegistrationsPerSource + 2 {
		g := h.guest(i%3, home)
		err := g.node.RegisterInvited(h.Context(), g.by(), "", fmt.Sprint("user", i), "open sesame")
		if i < budget.RegistrationsPerSource {
			h.must(err)
		} else {
			h.wantErr("one account too many", err, chat.ErrTooManyRegistered)
		}
	}
}
