package chattest

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/chat"
)

// TestDirectory tests that what open returns, empty and new at each call, keeps the promises of [chat.Directory].
func TestDirectory(t *testing.T, open func(t *testing.T) chat.Directory) {
	tests := []struct {
		name string
		run  func(t *testing.T, d chat.Directory)
	}{
		{"enter", enter},
		{"online", online},
		{"update", update},
		{"room numbers", roomNumbers},
		{"change room", changeRoom},
		{"snapshots", snapshots},
		{"rooms of", roomsOf},
		{"one of many enters", oneEnters},
		{"concurrent rooms", concurrentRooms},
		{"concurrent changes", concurrentChanges},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

func entry(name string) chat.Entry {
	return chat.Entry{ID: crand.Text(), User: user(name), Since: time.Now()}
}

func user(name string) chat.User { return chat.User{Name: name, ID: chat.FoldName(name)} }

// members reports whether the members of r are those called names, which are sorted.
func members(r chat.Room, names ...string) bool {
	var want []chat.User
	for _, name := range names {
		want = append(want, user(name))
	}
	return slices.Equal(slices.Collect(r.Members.All()), want)
}

// openRoom opens a room led by the first of names, with all of them in it.
func openRoom(t *testing.T, d chat.Directory, names ...string) chat.Room {
	t.Helper()
	r, err := d.OpenRoom(t.Context(), chat.Clean("topic of "+names[0]), user(names[0]))
	if err != nil {
		t.Fatalf("OpenRoom: %v", err)
	}
	for _, name := range names[1:] {
		if r, err = d.ChangeRoom(t.Context(), r.Number, joined(name)); err != nil {
			t.Fatalf("ChangeRoom: %v", err)
		}
	}
	return r
}

func joined(name string) chat.RoomChange { return chat.RoomChange{Kind: chat.Joined, User: user(name)} }

func left(name string) chat.RoomChange { return chat.RoomChange{Kind: chat.Left, User: user(name)} }

func enter(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	alice, again := entry("Alice"), entry("aLICE")
	if err := d.Enter(ctx, alice); err != nil {
		t.Fatalf("Enter: %v", err)
	}
	if err := d.Enter(ctx, again); !errors.Is(err, chat.ErrConflict) {
		t.Errorf("Enter of the same name in other letter case: %v, want ErrConflict", err)
	}
	for _, name := range []string{"Alice", "alice", "ALICE"} {
		if e, err := d.Find(ctx, name); err != nil || e.User != alice.User {
			t.Errorf("Find(%q) = %v, %v, want Alice", name, e, err)
		}
	}
	if _, err := d.Find(ctx, "a1ice"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Find of a look-alike: %v, want ErrNotFound", err)
	}
	// The entry that was refused is not there: to remove it changes nothing.
	if err := d.Quit(ctx, again); err != nil {
		t.Errorf("Quit of an entry that is not there: %v", err)
	}
	if _, err := d.Find(ctx, "alice"); err != nil {
		t.Errorf("Find after somebody else's Quit: %v", err)
	}
	if err := d.Quit(ctx, alice); err != nil {
		t.Errorf("Quit: %v", err)
	}
	if _, err := d.Find(ctx, "alice"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Find after Quit: %v, want ErrNotFound", err)
	}
	if err := d.Enter(ctx, again); err != nil {
		t.Errorf("Enter after Quit: %v", err)
	}
}

// isEntry reports whether two entries say the same. A directory need not keep the monotonic clock.
func isEntry(a, b chat.Entry) bool {
	if !a.Since.Equal(b.Since) || !a.LastInput.Equal(b.LastInput) {
		return false
	}
	a.Since, a.LastInput = b.Since, b.LastInput
	return a == b
}

func everyone(t *testing.T, d chat.Directory) (entries []chat.Entry) {
	t.Helper()
	for e, err := range d.Online(t.Context()) {
		if err != nil {
			t.Fatalf("Online: %v", err)
		}
		entries = append(entries, e)
	}
	return entries
}

func update(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	alice, bob := entry("Alice"), entry("bob")
	if err := d.Update(ctx, alice); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Update before Enter: %v, want ErrNotFound", err)
	}
	if err := errors.Join(d.Enter(ctx, alice), d.Enter(ctx, bob)); err != nil {
		t.Fatal(err)
	}
	read, err := d.Find(ctx, "alice")
	if err != nil || !isEntry(read, alice) {
		t.Errorf("Find = %+v, %v, want %+v", read, err, alice)
	}
	now := alice
	now.LastInput, now.Operator = alice.Since.Add(time.Minute), true
	now.Source, now.Info = netip.MustParseAddr("192.0.2.7"), chat.Clean("here")
	if err := d.Update(ctx, now); err != nil {
		t.Fatalf("Update: %v", err)
	}
	// What was read is a value: it stays.
	if !isEntry(read, alice) {
		t.Errorf("what was read has become %+v", read)
	}
	if e, err := d.Find(ctx, "ALICE"); err != nil || !isEntry(e, now) {
		t.Errorf("Find after Update = %+v, %v, want %+v", e, err, now)
	}
	if all := everyone(t, d); !slices.EqualFunc(all, []chat.Entry{now, bob}, isEntry) {
		t.Errorf("Online after Update = %+v", all)
	}
	// Who comes again is another entry: what is late of the one before changes nothing.
	again := entry("alice")
	if err := errors.Join(d.Quit(ctx, now), d.Enter(ctx, again)); err != nil {
		t.Fatal(err)
	}
	if err := d.Update(ctx, now); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Update of an entry that has gone: %v, want ErrNotFound", err)
	}
	if err := d.Quit(ctx, now); err != nil {
		t.Errorf("Quit of an entry that has gone: %v", err)
	}
	if e, err := d.Find(ctx, "alice"); err != nil || !isEntry(e, again) {
		t.Errorf("Find = %+v, %v, want %+v", e, err, again)
	}
}

func online(t *testing.T, d chat.Directory) {
	if all := everyone(t, d); len(all) != 0 {
		t.Errorf("Online of an empty directory = %v", all)
	}
	entries := make(map[string]chat.Entry)
	come := func(names ...string) {
		for _, name := range names {
			entries[name] = entry(name)
			if err := d.Enter(t.Context(), entries[name]); err != nil {
				t.Fatalf("Enter(%q): %v", name, err)
			}
		}
	}
	come("bob", "Carol", "alice", "Bo", "bob2", "Dave")
	before := everyone(t, d)
	for _, name := range []string{"alice", "bob", "Dave"} {
		if err := d.Quit(t.Context(), entries[name]); err != nil {
			t.Fatalf("Quit(%q): %v", name, err)
		}
	}
	come("BOB", "aaron")
	after := everyone(t, d)
	for _, tt := range []struct {
		name    string
		entries []chat.Entry
		want    []string
	}{
		{"read before some left", before, []string{"alice", "Bo", "bob", "bob2", "Carol", "Dave"}},
		{"afterwards", after, []string{"aaron", "Bo", "BOB", "bob2", "Carol"}},
	} {
		var got []string
		for _, e := range tt.entries {
			got = append(got, e.User.Name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("Online, %s = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func roomNumbers(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	for want := range 3 {
		if r := openRoom(t, d, "alice"); r.Number != want {
			t.Errorf("room opened as number %d, want %d", r.Number, want)
		}
	}
	if r, err := d.ChangeRoom(ctx, 2, left("alice")); err != nil || r.Open() || r.Number != 2 {
		t.Errorf("ChangeRoom to a closed room = %+v, %v", r, err)
	}
	if _, err := d.Room(ctx, 2); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("Room that was closed: %v, want ErrNotFound", err)
	}
	if r := openRoom(t, d, "bob"); r.Number != 3 {
		t.Errorf("room opened as number %d after 2 was closed, want 3", r.Number)
	}
	rooms, err := d.Rooms(ctx)
	if err != nil {
		t.Fatalf("Rooms: %v", err)
	}
	var got []int
	for _, r := range rooms {
		got = append(got, r.Number)
	}
	if want := []int{0, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("Rooms = %v, want %v", got, want)
	}
}

func changeRoom(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	openRoom(t, d, "alice", "bob")
	for _, tt := range []struct {
		change chat.RoomChange
		want   error
	}{
		{joined("bob"), chat.ErrAlreadyMember},
		{joined("alice"), chat.ErrAlreadyMember},
		{left("carol"), chat.ErrNotMember},
	} {
		if _, err := d.ChangeRoom(ctx, 0, tt.change); !errors.Is(err, tt.want) {
			t.Errorf("ChangeRoom, %v: %v, want %v", tt.change, err, tt.want)
		}
	}
	if _, err := d.ChangeRoom(ctx, 0, chat.RoomChange{Kind: chat.Shouted, User: user("bob")}); err == nil {
		t.Error("ChangeRoom to what is no change of a room: no error")
	}
	r, err := d.Room(ctx, 0)
	if err != nil || !members(r, "alice", "bob") || r.Topic.String() != "topic of alice" || r.Leader != user("alice") {
		t.Errorf("Room after changes that failed = %+v, %v", r, err)
	}
	changed, err := d.ChangeRoom(ctx, 0, joined("carol"))
	if err != nil || !members(changed, "alice", "bob", "carol") {
		t.Errorf("ChangeRoom = %+v, %v", changed, err)
	}
	if r, err := d.Room(ctx, 0); err != nil || !members(r, "alice", "bob", "carol") {
		t.Errorf("Room after ChangeRoom = %+v, %v, want %+v", r, err, changed)
	}
	if _, err := d.ChangeRoom(ctx, 7, joined("bob")); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("ChangeRoom of no room: %v, want ErrNotFound", err)
	}
}

func snapshots(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	openRoom(t, d, "alice", "bob")
	r, err := d.Room(ctx, 0)
	rooms, err2 := d.Rooms(ctx)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, c := range []chat.RoomChange{joined("carol"), left("bob")} {
		if _, err := d.ChangeRoom(ctx, 0, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, old := range []chat.Room{r, rooms[0]} {
		if !members(old, "alice", "bob") {
			t.Errorf("what was read has changed: %+v", old)
		}
	}
}

func roomsOf(t *testing.T, d chat.Directory) {
	for i := range 9 {
		names := []string{"alice", "bob"}
		openRoom(t, d, names[:1+i%2]...)
	}
	for name, want := range map[string][]int{"alice": {0, 1, 2, 3, 4, 5, 6, 7, 8}, "bob": {1, 3, 5, 7}, "carol": nil} {
		rooms, err := d.RoomsOf(t.Context(), user(name))
		if err != nil {
			t.Fatalf("RoomsOf(%s): %v", name, err)
		}
		var got []int
		for _, r := range rooms {
			got = append(got, r.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("RoomsOf(%s) = %v, want %v", name, got, want)
		}
	}
}

// oneEnters lets many enter under one name at once.
func oneEnters(t *testing.T, d chat.Directory) {
	ctx := t.Context()
	for range 20 {
		entries := make([]chat.Entry, 8)
		errs := make([]error, len(entries))
		var wg sync.WaitGroup
		for i := range entries {
			entries[i] = entry("alice")
			wg.Go(func() { errs[i] = d.Enter(ctx, entries[i]) })
		}
		wg.Wait()
		entered := 0
		for i, err := range errs {
			switch {
			case err == nil:
				entered++
				if err := d.Quit(ctx, entries[i]); err != nil {
					t.Fatal(err)
				}
			case !errors.Is(err, chat.ErrConflict):
				t.Fatalf("Enter: %v", err)
			}
		}
		if entered != 1 {
			t.Fatalf("%d entered under one name", entered)
		}
	}
}

func concurrentRooms(t *testing.T, d chat.Directory) {
	const openers, each = 8, 25
	numbers := make([][]int, openers)
	var wg sync.WaitGroup
	for i := range openers {
		wg.Go(func() {
			for range each {
				r, err := d.OpenRoom(t.Context(), chat.Clean("topic"), user(fmt.Sprint("u", i)))
				if err != nil {
					t.Errorf("OpenRoom: %v", err)
					return
				}
				numbers[i] = append(numbers[i], r.Number)
			}
		})
	}
	wg.Wait()
	seen := make(map[int]bool)
	for _, mine := range numbers {
		if !slices.IsSorted(mine) {
			t.Errorf("numbers of one opener do not grow: %v", mine)
		}
		for _, number := range mine {
			if seen[number] {
				t.Errorf("number %d was given twice", number)
			}
			seen[number] = true
		}
	}
}

// concurrentChanges lets many come into a room, and leave it, at once: no change gets lost.
func concurrentChanges(t *testing.T, d chat.Directory) {
	const users, times = 8, 25
	openRoom(t, d, "leader")
	var wg sync.WaitGroup
	for i := range users {
		me := fmt.Sprint("u", i)
		wg.Go(func() {
			for n := range 2*times + 1 { // in, out, …, in
				change := joined(me)
				if n%2 == 1 {
					change = left(me)
				}
				// Refused if it is not as me had left it.
				if _, err := d.ChangeRoom(t.Context(), 0, change); err != nil {
					t.Error(err)
					return
				}
				if rand.N(4) == 0 {
					if _, err := d.RoomsOf(t.Context(), user(me)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	r, err := d.Room(t.Context(), 0)
	if err != nil || r.Members.Len() != users+1 {
		t.Errorf("Room = %+v, %v, want %d members", r, err, users+1)
	}
}
