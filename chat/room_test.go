package chat

import (
	"errors"
	"slices"
	"testing"
	"time"

	"parley/words"
)

func testUser(name string) User { return User{Name: name, ID: skeleton(name)} }

func TestRoom(t *testing.T) {
	leader := testUser("Mona")
	r := Room{Number: 3, Topic: Clean("a topic"), Leader: leader, Members: MembersOf(leader)}
	if !r.Open() || !r.Has(leader) || r.Has(testUser("bob")) {
		t.Errorf("new room: %+v", r)
	}
	for _, name := range []string{"zoe", "Bob", "alice", "Zed"} {
		before, had := r, slices.Collect(r.Members.All())
		var err error
		if r, err = r.join(RoomChange{User: testUser(name)}); err != nil {
			t.Fatalf("join(%s): %v", name, err)
		}
		if !slices.Equal(slices.Collect(before.Members.All()), had) {
			t.Errorf("join(%s) changed the room as it was", name)
		}
	}
	if got, want := r.Names(), []string{"Mona", "alice", "Bob", "Zed", "zoe"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if again, err := r.join(RoomChange{User: testUser("Bob")}); !errors.Is(err, ErrAlreadyMember) ||
		again.Members.Len() != 5 ||
		words.English.Sentence(err) != "You are already in Room 3." {
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
	if same, err := r.After(RoomChange{Kind: Said, User: leader}); err == nil || IsRefusal(err) ||
		same.Members.Len() != r.Members.Len() {
		t.Errorf("After what changes no room: %v", err)
	}
	if (Room{}).Open() {
		t.Error("the zero Room is open")
	}
}

// sentence is what a user reads of e.
func sentence(e *Event) string {
	return string(words.English.AppendEvent(nil, e.Kind.String(), e))
}

func TestEventSentences(t *testing.T) {
	alice := User{Name: "alice"}
	now := time.Now()
	tea := Clean("tea & 茶")
	tests := []struct {
		event *Event
		want  string
	}{
		{newEvent(Said, alice, 7, Clean("hello  {from}")), "[Room 7] *alice*: hello  {from}"},
		{newEvent(Shouted, alice, 0, Clean("hey")), "!!alice!!: hey"},
		{newEvent(Told, alice, 0, Clean("psst")), "[Private] alice: psst"},
		{newEvent(Opened, alice, 7, tea), "!!system!!: alice created room 7, topic: tea & 茶"},
		{newEvent(Closed, alice, 7, tea), "!!system!!: Room 7(topic: tea & 茶) closed"},
		{newEvent(Joined, alice, 7, Text{}), "[Room 7] alice joined."},
		{newEvent(Left, alice, 7, Text{}), "[Room 7] alice left."},
		{newEvent(Announced, User{}, 0, tea), "!!system!!: tea & 茶"},
		{&Event{Kind: Muted}, "!!system!!: You are muted until further notice. You can still read."},
		{&Event{Kind: Muted, At: now, Until: now.Add(2 * time.Hour), Text: Clean("spam")},
			"!!system!!: You are muted for 2h: spam. You can still read."},
		{newEvent(Unmuted, User{}, 0, Text{}), "!!system!!: You are no longer muted."},
		{newEvent(Promoted, User{}, 0, Text{}), `!!system!!: You are an operator now. Type "help" to see what you ` +
			`can do.`},
		{newEvent(Demoted, User{}, 0, Text{}), "!!system!!: You are no longer an operator."},
		{&Event{Kind: Stopping, At: now, Until: now.Add(time.Minute)}, "!!system!!: The server shuts down in 1m."},
		{newEvent(StopOff, User{}, 0, Text{}), "!!system!!: The server does not shut down after all."},
		{newEvent(Emoted, User{Name: "alice"}, 3, Clean("waves")), "[Room 3] * alice waves"},
	}
	for _, tt := range tests {
		if got := sentence(tt.event); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.event.Kind, got, tt.want)
		}
	}
	for _, k := range allKinds() {
		if _, ok := words.English.Events[k.String()]; !ok {
			t.Errorf("%v has no sentence", k)
		}
	}
	if len(words.English.Events) != len(allKinds()) {
		t.Errorf("%d sentences for %d kinds of events", len(words.English.Events), len(allKinds()))
	}
}

// allKinds returns all kinds of events.
func allKinds() []Kind {
	var all []Kind
	for k := Said; int(k) < len(eventKinds); k++ {
		all = append(all, k)
	}
	return all
}
