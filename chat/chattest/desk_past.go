package chattest

import (
	"errors"
	"slices"

	"parley/chat"
)

var pastTests = []deskTest{
	{"what was said", whatWasSaid},
	{"what was said in a closed room", saidInClosed},
}

// past returns what u may read of topic at d.
func past(h *hall, d chat.Desk, topic chat.Topic, u chat.User) []string {
	p, err := d.Past(topic, u)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		h.Fatal(err)
	}
	var lines []string
	for i, l := range p.Lines {
		if i > 0 && (l.Order <= p.Lines[i-1].Order || l.Number != p.Lines[i-1].Number+1) {
			h.Errorf("line %d of order %d comes before %d of %d", p.Lines[i-1].Number, p.Lines[i-1].Order, l.Number,
				l.Order)
		}
		lines = append(lines, l.Event.Text.String())
	}
	return lines
}

// wantPast tests what u may read of topic, on all nodes: the same everywhere.
func wantPast(h *hall, topic chat.Topic, u chat.User, want ...string) {
	h.Helper()
	var got []string
	for _, d := range h.views {
		h.eventually("the same past", func() bool {
			got = past(h, d, topic, u)
			return slices.Equal(got, want)
		})
	}
}

// wantHeard tests what u has heard, on all nodes: the same everywhere.
func wantHeard(h *hall, u chat.User, want ...string) {
	h.Helper()
	for _, d := range h.views {
		h.eventually("the same heard", func() bool {
			lines := d.Heard(u)
			var got []string
			for _, l := range lines {
				got = append(got, l.Event.Text.String())
			}
			return slices.Equal(got, want)
		})
	}
}

func whatWasSaid(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open()
	topic := chat.RoomTopic(number)
	wantPast(h, topic, alice.entry.User)
	alice.say(topic, "one")
	alice.until("one") // before bob comes by another node
	bob.join(number)
	bob.say(topic, "two")
	alice.until("two")
	_, err := bob.change(number, chat.Left)
	h.must(err)
	alice.until("left bob")
	alice.say(topic, "three")
	alice.until("three")
	bob.join(number)
	alice.say(chat.Everyone, "to all")
	carol.until("to all")
	alice.say(topic, "four")
	wantPast(h, topic, alice.entry.User, "one", "two", "three", "four")
	wantPast(h, topic, bob.entry.User, "four")
	wantPast(h, chat.Everyone, carol.entry.User, "to all")
	wantHeard(h, alice.entry.User, "one", "two", "three", "to all", "four")
	wantHeard(h, bob.entry.User, "two", "to all", "four") // three while bob was not there
	wantHeard(h, carol.entry.User, "to all")
	wantPast(h, chat.UserTopic(carol.entry.User), carol.entry.User)
	said := alice.desk.Said()
	for _, d := range h.views {
		h.eventually("the same order", func() bool { return d.Said() == said })
	}
}

func saidInClosed(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open(carol)
	topic := chat.RoomTopic(number)
	alice.say(topic, "one")
	carol.until("one")
	bob.join(number)
	alice.say(topic, "two")
	carol.until("two")
	_, err := carol.change(number, chat.Left)
	h.must(err)
	alice.until("left carol")
	_, err = alice.change(number, chat.Left)
	h.must(err)
	bob.until("closed alice")
	alice.say(topic, "too late")
	alice.say(chat.Everyone, "end")
	carol.until("end")
	wantPast(h, topic, alice.entry.User, "one", "two")
	wantPast(h, topic, bob.entry.User, "two")
	wantHeard(h, bob.entry.User, "two", "end")
	wantHeard(h, carol.entry.User, "one", "two", "end")
	other := bob.entry.User
	other.ID = "somebody else"
	for _, d := range h.views {
		for _, u := range []chat.User{carol.entry.User, other} {
			h.eventually("not found", func() bool {
				_, err := d.Past(topic, u)
				return errors.Is(err, chat.ErrNotFound)
			})
		}
		p, err := d.Past(topic, bob.entry.User)
		if err != nil || p.Closed.IsZero() || p.Topic.String() != "topic of alice" {
			h.Errorf("closed at %v, topic %q, %v", p.Closed, p.Topic, err)
		}
	}
}
