package chattest

import (
	"slices"
	"sync"
	"time"

	"parley/chat"
)

var governTests = []deskTest{
	{"a room is governed", roomGoverned},
	{"a deputy leads", deputyLeads},
	{"both who may lead go at once", bothGo},
	{"kick while speaking", kickWhileSpeaking},
	{"who may speak", whoMaySpeak},
	{"hooks", hooks},
	{"standing rooms", standingRooms},
	{"who is gone is forgotten", forgotten},
}

// governs changes a room as its user, whom the change is about.
func (e *ear) governs(number int, kind chat.Kind, whom *ear) (chat.Room, error) {
	c := chat.RoomChange{Kind: kind, User: e.entry.User, At: time.Now()}
	if whom != nil {
		c.Whom = whom.entry.User
	}
	return e.desk.ChangeRoom(e.hall.Context(), number, c)
}

// speak says a line in a room.
func (e *ear) speak(number int, line string) error {
	return e.desk.Speak(e.hall.Context(), number, &chat.Event{Kind: chat.Said, At: time.Now(), From: e.entry.User,
		Room: number, Text: chat.Clean(line)})
}

func roomGoverned(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open(bob)
	for _, e := range ears {
		e.settled()
		e.forget()
	}
	_, err := bob.governs(number, chat.Locked, nil)
	h.wantErr("a member locks", err, chat.ErrNotGoverning)
	_, err = alice.governs(number, chat.Led, carol)
	h.wantErr("the room is handed over to who is elsewhere", err, chat.ErrNotThere)
	_, err = alice.governs(number, chat.Locked, nil)
	h.must(err)
	h.everywhere("it is locked", func(d chat.Desk) bool { return room(h, d, number).Locked })
	_, err = carol.change(number, chat.Joined)
	h.wantErr("who is not invited joins", err, chat.ErrRoomLocked)
	_, err = alice.governs(number, chat.Invited, carol)
	h.must(err)
	carol.until("invited alice")
	carol.join(number)
	_, err = alice.governs(number, chat.Removed, carol)
	h.must(err)
	h.everywhere("carol is out", func(d chat.Desk) bool { return members(room(h, d, number), "alice", "bob") })
	carol.until("removed you alice")
	bob.until("removed alice")
	carol.wants("invited alice", "removed you alice")
	bob.wants("locked alice", "joined carol", "removed alice")
	h.wantErr("who is out speaks", carol.speak(number, "hello?"), chat.ErrNotMember)
}

func deputyLeads(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open(bob, carol)
	_, err := alice.governs(number, chat.Deputed, carol)
	h.must(err)
	_, err = alice.governs(number, chat.Deputed, bob)
	h.must(err)
	h.must(alice.quit())
	h.everywhere("carol leads", func(d chat.Desk) bool {
		r := room(h, d, number)
		return r.Leader == carol.entry.User && members(r, "bob", "carol") && len(r.Deputies) == 1
	})
	bob.until("led alice")
	if lines := bob.settled(); !slices.Equal(lines[len(lines)-2:], []string{"left alice", "led alice"}) {
		h.Errorf("bob heard %q", lines)
	}
	_, err = bob.governs(number, chat.Led, bob)
	h.wantErr("a deputy hands over", err, chat.ErrNotLeading)
}

// bothGo lets the leader and the only deputy go at once: whoever goes first, the room is closed in the end, and who
// stays is told so once.
func bothGo(h *hall) {
	for range 20 {
		ears := h.enter("alice", "bob", "carol")
		alice, bob, carol := ears[0], ears[1], ears[2]
		number := alice.open(bob, carol)
		_, err := alice.governs(number, chat.Deputed, bob)
		h.must(err)
		var wg sync.WaitGroup
		for _, e := range []*ear{alice, bob} {
			wg.Go(func() {
				if err := e.quit(); err != nil {
					h.Error(err)
				}
			})
		}
		wg.Wait()
		h.everywhere("the room is closed", func(d chat.Desk) bool { return !room(h, d, number).Open() })
		closed := 0
		for _, line := range carol.settled() {
			if line == "closed alice" || line == "closed bob" {
				closed++
			}
		}
		if closed != 1 {
			h.Errorf("carol was told %d times that the room closed: %q", closed, carol.lines())
		}
		h.must(carol.quit())
	}
}

// kickWhileSpeaking removes a user who speaks as fast as can be: nobody hears a line of hers behind the removal, she
// hears nothing of the room behind it, and what was refused nobody has heard.
func kickWhileSpeaking(h *hall) {
	ears := h.enter("alice", "bob", "mallory")
	alice, bob, mallory := ears[0], ears[1], ears[2]
	number := alice.open(bob, mallory)
	said := 0
	var wg sync.WaitGroup
	begun := make(chan bool)
	wg.Go(func() {
		for range 5000 {
			if mallory.speak(number, "spam") != nil {
				return
			}
			if said++; said == 10 {
				close(begun)
			}
		}
	})
	<-begun
	_, err := alice.governs(number, chat.Removed, mallory)
	h.must(err)
	wg.Wait()
	h.must(alice.speak(number, "peace"))
	for _, e := range []*ear{alice, bob} {
		lines := e.until("peace")
		i := slices.Index(lines, "removed alice")
		if i < 0 || slices.Contains(lines[i:], "spam") {
			h.Errorf("%s heard her behind the removal", e.entry.User.Name)
		}
		heard := slices.DeleteFunc(lines[:max(i, 0)], func(l string) bool { return l != "spam" })
		if len(heard) != said {
			h.Errorf("%s heard %d of %d lines", e.entry.User.Name, len(heard), said)
		}
	}
	mallory.until("removed you alice")
	if lines := mallory.settled(); lines[len(lines)-1] != "removed you alice" || slices.Contains(lines, "peace") {
		h.Errorf("she who is out heard %q", lines[max(0, len(lines)-3):])
	}
}

func whoMaySpeak(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open(bob, carol)
	h.wantErr("in no room", alice.speak(number+1, "x"), chat.ErrNotFound)
	change := func(kind chat.Kind, every, lasts time.Duration) {
		h.Helper()
		_, err := alice.desk.ChangeRoom(h.Context(), number, chat.RoomChange{Kind: kind, User: alice.entry.User,
			At: time.Now(), Every: every, Lasts: lasts})
		h.must(err)
	}
	change(chat.Slowed, time.Hour, time.Hour)
	h.must(bob.speak(number, "one"))
	h.wantErr("too soon", bob.speak(number, "two"), chat.ErrRoomSlow)
	h.must(carol.speak(number, "three"))
	h.must(alice.speak(number, "four"))
	h.must(alice.speak(number, "five"))
	change(chat.SlowOff, 0, 0)
	h.must(bob.speak(number, "six"))
	change(chat.Calmed, 0, time.Hour)
	h.wantErr("in a calm room", bob.speak(number, "seven"), chat.ErrRoomCalm)
	change(chat.CalmOff, 0, 0)
	h.must(bob.desk.Calm(h.Context(), time.Hour))
	h.wantErr("on a calm server", bob.speak(number, "eight"), chat.ErrRoomCalm)
	h.everywhere("it is calm", func(d chat.Desk) bool { return d.CalmLeft() > 50*time.Minute })
	bob.entry.Operator = true
	h.must(bob.desk.Update(h.Context(), bob.entry))
	h.must(bob.speak(number, "nine"))
	h.must(bob.desk.Calm(h.Context(), 0))
	h.wantErr("the calm ends twice", bob.desk.Calm(h.Context(), 0), chat.ErrServerNotCalm)
	h.must(carol.speak(number, "ten"))
	lines := slices.DeleteFunc(alice.until("ten"), func(line string) bool { return len(line) > 5 })
	if want := []string{"one", "three", "four", "five", "six", "nine", "ten"}; !slices.Equal(lines, want) {
		h.Errorf("alice heard %q, want %q", lines, want)
	}
}

// hooks lets programs speak in a room: where it is, once it is made, and until it ends.
func hooks(h *hall) {
	ears := h.enter("alice", "bob")
	alice, bob := ears[0], ears[1]
	number := alice.open(bob)
	change := func(e *ear, kind chat.Kind, key string, which int) error {
		_, err := e.desk.ChangeRoom(h.Context(), number, chat.RoomChange{Kind: kind, User: e.entry.User,
			At: time.Now(), Key: key, Which: which})
		return err
	}
	speak := func(e *ear, key, text string) error {
		return e.desk.SpeakByHook(h.Context(), number, key, &chat.Event{Kind: chat.Said, At: time.Now(),
			From: chat.HookUser, Room: number, Text: chat.Clean(text)})
	}
	h.wantErr("no hook", speak(bob, "key", "one"), chat.ErrNotFound)
	h.wantErr("a hook of a member's", change(bob, chat.Hooked, "key", 0), chat.ErrNotLeading)
	h.must(change(alice, chat.Hooked, "key", 0))
	h.everywhere("the hook is there", func(d chat.Desk) bool { return len(room(h, d, number).Hooks) == 1 })
	h.wantErr("another key", speak(bob, "kez", "two"), chat.ErrNotFound)
	for range chat.HookLines {
		h.must(speak(bob, "key", "three"))
	}
	h.wantErr("too fast", speak(alice, "key", "four"), chat.ErrHookPace)
	for range chat.MaxHooks - 1 {
		h.must(change(alice, chat.Hooked, "other", 0))
	}
	h.wantErr("one too many", change(alice, chat.Hooked, "last", 0), chat.ErrTooManyHooks)
	h.wantErr("no such number", change(alice, chat.Unhooked, "", chat.MaxHooks+1), chat.ErrNoHook)
	h.must(change(alice, chat.Unhooked, "", 1))
	h.wantErr("an end", speak(alice, "key", "five"), chat.ErrNotFound)
	h.must(change(alice, chat.Unhooked, "", 0))
	h.wantErr("no hooks", change(alice, chat.Unhooked, "", 0), chat.ErrNoHooks)
	h.must(alice.speak(number, "six"))
	heard := 0
	for _, line := range bob.until("six") {
		if line == "three" {
			heard++
		}
	}
	if heard != chat.HookLines {
		h.Errorf("bob heard %d of %d lines", heard, chat.HookLines)
	}
}

// forgotten lets a room forget an account: who has its name afterwards does there what a stranger may.
func forgotten(h *hall) {
	ears := h.enter("alice", "bob", "carol", "dave")
	alice, bob, carol, dave := ears[0], ears[1], ears[2], ears[3]
	number := alice.open(bob)
	_, err := bob.desk.Stand(h.Context(), number, chat.Standing{Name: "Tea"}, alice.entry.User)
	h.must(err)
	for kind, whom := range map[chat.Kind]*ear{chat.Deputed: bob, chat.Invited: carol, chat.Locked: nil} {
		_, err := alice.governs(number, kind, whom)
		h.must(err)
	}
	_, err = alice.desk.ChangeRoom(h.Context(), number, chat.RoomChange{Kind: chat.Removed, User: alice.entry.User,
		At: time.Now(), Whom: dave.entry.User, Out: true})
	h.must(err)
	was := room(h, alice.desk, number)
	h.must(bob.quit())
	for _, e := range []*ear{bob, carol, dave} {
		h.must(carol.desk.Forget(h.Context(), e.entry.User))
		h.must(carol.desk.Forget(h.Context(), e.entry.User)) // which changes nothing
	}
	h.everywhere("nobody is noted", func(d chat.Desk) bool {
		r := room(h, d, number)
		return len(r.Deputies) == 0 && len(r.Invited) == 0 && len(r.Out) == 0 && r.Version == was.Version+3 &&
			r.Leader == alice.entry.User && r.Locked
	})
	bob = h.enter("bob")[0]
	for _, e := range []*ear{bob, carol, dave} {
		_, err := e.change(number, chat.Joined)
		h.wantErr(e.entry.User.Name+" joins", err, chat.ErrRoomLocked)
	}
}

func standingRooms(h *hall) {
	ears := h.enter("alice", "bob")
	alice, bob := ears[0], ears[1]
	number := alice.open(bob)
	r, err := bob.desk.Stand(h.Context(), number, chat.Standing{Name: "Tea"}, bob.entry.User)
	h.must(err)
	if r.Name != "Tea" || r.Number != number || r.Leader != alice.entry.User {
		h.Errorf("Stand = %+v", r)
	}
	_, err = bob.desk.Stand(h.Context(), number, chat.Standing{Name: "chess"}, bob.entry.User)
	h.wantErr("twice", err, chat.ErrIsStanding)
	again, err := alice.desk.Stand(h.Context(), -1, chat.Standing{Name: "TEA"}, chat.User{})
	h.must(err)
	if again.Number != number {
		h.Errorf("Stand of a room that is there = %+v", again)
	}
	h.must(bob.quit())
	h.must(alice.quit())
	h.everywhere("it is open, and has no leader", func(d chat.Desk) bool {
		r := room(h, d, number)
		return r.Open() && r.Members.Len() == 0 && r.Leader == chat.User{} && len(r.Deputies) == 1
	})
	alice = h.enter("alice")[0]
	if r := alice.join(number); r.Leader != alice.entry.User {
		h.Errorf("who led it comes again, and the room is %+v", r)
	}
	other, err := alice.desk.Stand(h.Context(), -1, chat.Standing{Name: "chess", Topic: chat.Clean("e4")}, chat.User{})
	h.must(err)
	if other.Number <= number || other.Topic.String() != "e4" {
		h.Errorf("Stand of a new room = %+v", other)
	}
	_, err = alice.desk.Unstand(h.Context(), "go", chat.User{})
	h.wantErr("Unstand of no room", err, chat.ErrNotFound)
	_, err = alice.desk.Unstand(h.Context(), "CHESS", chat.User{})
	h.must(err)
	_, err = alice.desk.Unstand(h.Context(), "tea", chat.User{})
	h.must(err)
	h.everywhere("only the one with a leader is left", func(d chat.Desk) bool {
		return slices.Equal(numbers(h, d), []int{number}) && !room(h, d, number).Standing()
	})
	_, err = alice.change(number, chat.Left)
	h.must(err)
	h.everywhere("none is left", func(d chat.Desk) bool { return len(numbers(h, d)) == 0 })
}
