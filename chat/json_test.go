package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"parley/chat/budget"
	"parley/words"
)

// travelled returns what v is after it was sent from one node to another.
func travelled[T any](t testing.TB, v T) (got T) {
	t.Helper()
	data, err := json.Marshal(v)
	must(t, err)
	// What a newer Parley adds is ignored.
	if len(data) > 2 && data[0] == '{' {
		data = append([]byte(`{"later":{"is":["ignored"]},`), data[1:]...)
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return got
}

// wantSame tests that v is the same after it was sent from one node to another.
func wantSame[T any](t testing.TB, v T) {
	t.Helper()
	if got := travelled(t, v); !reflect.DeepEqual(got, v) {
		t.Errorf("%#v has become %#v", v, got)
	}
}

var (
	anyTime  = time.Date(2001, 2, 3, 4, 5, 6, 7, time.UTC)
	anyUser  = User{Name: "alice", ID: "alice", Origin: "guest#1"}
	anyGuest = User{Name: "guest2", ID: "guest#2", Guest: true}
	anyEntry = Entry{ID: "1", Node: "a", User: anyUser, Since: anyTime, LastInput: anyTime.Add(time.Hour),
		Source: netip.MustParseAddr("2001:db8::1"), Operator: true, Muted: true, Info: Clean("here \u263a")}
)

func TestJSON(t *testing.T) {
	wantSame(t, User{})
	wantSame(t, anyUser)
	wantSame(t, anyGuest)
	wantSame(t, Clean("\"a\" <b> & \u263a"))
	wantSame(t, Entry{})
	wantSame(t, anyEntry)
	wantSame(t, Room{Number: 7, Topic: Clean("tea"), Leader: anyUser, Members: MembersOf(anyUser, anyGuest)})
	wantSame(t, RoomChange{Kind: Left, User: anyGuest, At: anyTime, Muted: true})
	for _, k := range allKinds() {
		wantSame(t, &Event{Kind: k, At: anyTime, From: anyGuest, Room: 3, Text: Clean("x"), Until: anyTime, Count: 2})
	}
	refusal, _ := errors.AsType[*Refusal](ErrNoUser.With("bob"))
	sanction := &Sanction{Target: "bob", User: "bob", By: "alice", Reason: Clean("spam"), Made: anyTime, Until: anyTime}
	event := &Event{Kind: Told, At: anyTime, From: anyUser, Text: Clean("psst")}
	order := Order{Kind: Expel, User: anyUser, Entry: "1", Event: event, Network: netip.MustParsePrefix("192.0.2.0/24"),
		Reason: refusal, Operator: true, Table: "bans", Key: "bob", Sanction: sanction, Lasts: time.Hour, Node: "a"}
	wantSame(t, order)
	wantSame(t, Order{Kind: "of a newer Parley"})
	room := 0
	wantSame(t, Answer{Verdict: Full, Idle: time.Minute,
		Ended: Ended{Users: []string{"a", "b"}, Operators: []string{"b"}},
		Seat:  &Seat{Lines: 3, Unread: []*Event{event, event}, Teller: anyUser, Target: anyGuest, Room: &room},
		Idles: map[string]time.Duration{"1": time.Second}})
	wantSame(t, Answer{})
	source := netip.MustParseAddr("192.0.2.7")
	wantSame(t, Op{
		Kind: OpChangeRoom, Node: "a", At: anyTime, Entry: &anyEntry, User: &anyUser, Text: Clean("tea"), Number: 3,
		Change: &RoomChange{Kind: Joined, User: anyUser, At: anyTime}, Topic: RoomTopic(3), Event: event, To: "b",
		Order: &order, Guess: &budget.Guess{Account: "alice", Source: source, Known: true}, Source: source,
		Turn: Turn{"1", "a"},
	})
}

// TestNewerJSON tests what becomes of what only a newer Parley knows.
func TestNewerJSON(t *testing.T) {
	var e Event
	must(t, json.Unmarshal([]byte(`{"kind":"sung","at":"2001-02-03T04:05:06Z","tune":"x"}`), &e))
	if e.Kind.String() != "other" || e.Kind == 0 {
		t.Errorf("a kind that nobody knows is %d, %s", e.Kind, e.Kind)
	}
	var r Refusal
	must(t, json.Unmarshal([]byte(`{"code":"too early","args":[{"moon":3},{"text":"x"}]}`), &r))
	if r.Code() != "too early" || !slices.Equal(r.Args(), []any{"", "x"}) {
		t.Errorf("a refusal that nobody knows is %v", &r)
	}
	if got, want := words.English.Sentence(&r), words.English.Say("broken"); got != want {
		t.Errorf("the user reads %q, want %q", got, want)
	}
	if out := NewLedger().Apply(&Op{Kind: "sing"}, 0); out.Err == nil {
		t.Error("an operation that nobody knows is done")
	}
}

// TestRefusalJSON tests that a refusal says the same on another node, and is of the same kind there.
func TestRefusalJSON(t *testing.T) {
	for _, err := range []error{
		ErrLogin,
		ErrNoUser.With("bob"),
		ErrNotMember.With(3, 3),
		ErrBanned.With(words.Terms{Lasts: time.Hour, Reason: "spam"}),
		ErrBanned.With(words.Terms{}),
		ErrKicked.With(words.Reason("")),
		ErrKicked.With(words.Reason("enough")),
		ErrManyTries.With(time.Minute),
		ErrOneself.With(words.Say("kick")),
		ErrBadName.With(words.Say("name long", MaxName)),
		ErrWhichRoom.With(words.All{"1", "2"}, "x"),
		ErrManyRooms.With(words.List{"1", "2"}, words.One{"1", "2"}),
		ErrUnclearTime.With(anyTime),
		ErrUnclearTime.With(words.Idle(time.Hour)),
		ErrUnclearTime.With(ErrNoUser.With("bob")),
		ErrUnknownCommand.With("x", ""),
	} {
		refusal, _ := errors.AsType[*Refusal](err)
		got := travelled(t, refusal)
		if sentence, want := words.English.Sentence(got), words.English.Sentence(err); sentence != want {
			t.Errorf("%v: there it reads %q, here %q", err, sentence, want)
		}
		kind := refusal.kind
		if kind == nil {
			kind = refusal
		}
		if !errors.Is(got, kind) || errors.Is(got, ErrStopped) {
			t.Errorf("%v is of another kind there", err)
		}
	}
}

// FuzzJSON feeds what another node may send: it is refused, or the same after it was sent on. No refusal carries what a
// Text could not.
func FuzzJSON(f *testing.F) {
	for _, v := range []any{
		anyEntry, &Event{Kind: Told, At: anyTime, From: anyUser, Text: Clean("psst")},
		Room{Number: 7, Topic: Clean("tea"), Leader: anyUser, Members: MembersOf(anyUser, anyGuest)},
		Order{Kind: Expel, User: anyUser, Reason: ErrNoUser, Network: netip.MustParsePrefix("192.0.2.0/24")},
		Answer{Seat: &Seat{Lines: 3}}, ErrBanned.With(words.Terms{Lasts: time.Hour, Reason: "spam"}),
		Op{Kind: OpEnter, Entry: &anyEntry}, NewLedger(),
	} {
		data, err := json.Marshal(v)
		must(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{
			new(Entry), new(Event), new(Room), new(Order), new(Answer), new(Refusal), new(Op), NewLedger(),
		} {
			if json.Unmarshal(data, v) != nil {
				continue
			}
			once, err := json.Marshal(v)
			if err != nil {
				continue // a year that JSON cannot write
			}
			again := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if _, ok := v.(*Ledger); ok {
				again = NewLedger()
			}
			if err := json.Unmarshal(once, again); err != nil {
				t.Fatalf("%T: %s: %v", v, once, err)
			}
			if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%T: %s has become %s, %v", v, once, twice, err)
			}
			if r, ok := v.(*Refusal); ok {
				if s := fmt.Sprint(r.Args()...); Clean(s).String() != s {
					t.Fatalf("%s carries %q", data, s)
				}
			}
			if o, ok := v.(*Op); ok {
				l := NewLedger()
				_ = l.Apply(o, 0)
				_ = l.Apply(o, 1)
			}
		}
	})
}
