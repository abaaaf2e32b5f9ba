package chat

import (
	"errors"
	"slices"
	"testing"
)

func testUser(name string) User { return User{Name: name, ID: skeleton(name)} }

func TestRoom(t *testing.T) {
	leader := testUser("Mona")
	r := newRoom(3, Clean("a topic"), leader)
	if !r.Open() || !r.Has(leader) || r.Has(testUser("bob")) {
		t.Errorf("new room: %+v", r)
	}
	for _, name := range []string{"zoe", "Bob", "alice", "Zed"} {
		before, had := r, slices.Collect(r.Members.All())
		var err error
		if r, err = r.join(testUser(name)); err != nil {
			t.Fatalf("join(%s): %v", name, err)
		}
		if !slices.Equal(slices.Collect(before.Members.All()), had) {
			t.Errorf("join(%s) changed the room as it was", name)
		}
	}
	if got, want := r.Names(), []string{"Mona", "alice", "Bob", "Zed", "zoe"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if again, err := r.join(testUser("Bob")); !errors.Is(err, ErrAlreadyMember) || again.Members.Len() != 5 || Sentence(err) != "You are already in Room 3." {
		t.Errorf("join twice: %v, %d members", err, again.Members.Len())
	}
	if _, err := r.leave(testUser("bobby")); !errors.Is(err, ErrNotMember) {
		t.Errorf("leave of somebody else: %v", err)
	}
	had := slices.Collect(r.Members.All())
	without, err := r.leave(testUser("Bob"))
	if err != nil || without.Has(testUser("Bob")) || without.Members.Len() != 4 || !without.Open() {
		t.Errorf("leave: %v, %+v", err, without)
	}
	closed, err := r.leave(leader)
	if err != nil || closed.Open() || closed.Number != 3 || closed.Topic != r.Topic {
		t.Errorf("the leader's leave: %v, %+v", err, closed)
	}
	if !slices.Equal(slices.Collect(r.Members.All()), had) {
		t.Error("leave changed the room as it was")
	}
	if (Room{}).Open() {
		t.Error("the zero Room is open")
	}
}

func TestEventLines(t *testing.T) {
	alice := User{Name: "alice"}
	r := newRoom(7, Clean("tea & 茶"), alice)
	tests := []struct {
		event *Event
		kind  Kind
		want  string
	}{
		{saidEvent(alice, 7, Clean("hello  there")), Said, "[Room 7] *alice*: hello  there"},
		{shoutedEvent(alice, Clean("hey")), Shouted, "!!alice!!: hey"},
		{toldEvent(alice, Clean("psst")), Told, "alice: psst"},
		{openedEvent(alice, r), Opened, "!!system!!: alice created room 7, topic: tea & 茶"},
		{closedEvent(alice, r), Closed, "!!system!!: Room 7(topic: tea & 茶) closed"},
		{joinedEvent(alice, 7), Joined, "[Room 7] alice joined."},
		{leftEvent(alice, 7), Left, "[Room 7] alice left."},
	}
	for _, tt := range tests {
		if tt.event.Line != tt.want || tt.event.Kind != tt.kind || tt.event.From != alice {
			t.Errorf("got %+v, want kind %d, %q", tt.event, tt.kind, tt.want)
		}
	}
}
