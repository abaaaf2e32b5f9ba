package chattest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"parley/chat"
)

var onlineTests = []deskTest{
	{"enter", enter},
	{"online", online},
	{"update", update},
	{"held", held},
	{"known sources", known},
	{"one of many enters", oneEnters},
	{"move", move},
	{"move while talked to", moveWhileTalkedTo},
}

func find(h *hall, d chat.Desk, name string) chat.Entry {
	e, err := d.Find(name)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		h.Fatal(err)
	}
	return e
}

// isEntry reports whether two entries say the same. A desk need not keep the monotonic clock.
func isEntry(a, b chat.Entry) bool {
	if !a.Since.Equal(b.Since) || !a.LastInput.Equal(b.LastInput) {
		return false
	}
	a.Since, a.LastInput = b.Since, b.LastInput
	return a == b
}

func enter(h *hall) {
	alice, again := h.newEar(h.view(), "Alice"), h.newEar(h.view(), "aLICE")
	h.must(alice.enter())
	h.wantErr("Enter of the same name in other letter case", again.enter(), chat.ErrConflict)
	h.everywhere("Alice is found", func(d chat.Desk) bool {
		return find(h, d, "Alice").ID == alice.entry.ID && find(h, d, "ALICE").User == alice.entry.User
	})
	if e := find(h, h.view(), "a1ice"); e.ID != "" {
		h.Errorf("a look-alike finds %+v", e)
	}
	// The entry that was refused is not there: to end it changes nothing.
	h.must(again.quit())
	if e := find(h, again.desk, "alice"); e.ID != alice.entry.ID {
		h.Errorf("after somebody else's Quit: %+v", e)
	}
	h.must(alice.quit())
	h.must(alice.quit())
	h.everywhere("Alice is gone", func(d chat.Desk) bool { return find(h, d, "alice").ID == "" })
	h.must(again.enter())
}

func everyone(h *hall, d chat.Desk) (entries []chat.Entry) {
	for e := range d.Online() {
		entries = append(entries, e)
	}
	return entries
}

func online(h *hall) {
	if all := everyone(h, h.view()); len(all) != 0 {
		h.Errorf("Online of an empty desk = %v", all)
	}
	names := func(entries []chat.Entry) (names []string) {
		for _, e := range entries {
			names = append(names, e.User.Name)
		}
		return names
	}
	ears := h.enter("bob", "Carol", "alice", "Bo", "bob2", "Dave")
	want := []string{"alice", "Bo", "bob", "bob2", "Carol", "Dave"}
	h.everywhere("all are there", func(d chat.Desk) bool { return slices.Equal(names(everyone(h, d)), want) })
	before := everyone(h, h.view())
	for _, i := range []int{0, 2, 5} {
		h.must(ears[i].quit())
	}
	h.enter("BOB", "aaron")
	if got := names(before); !slices.Equal(got, want) {
		h.Errorf("what was read has become %q", got)
	}
	want = []string{"aaron", "Bo", "BOB", "bob2", "Carol"}
	h.everywhere("some have left, others come", func(d chat.Desk) bool {
		return slices.Equal(names(everyone(h, d)), want)
	})
}

func update(h *hall) {
	ctx := h.Context()
	alice := h.newEar(h.view(), "Alice")
	h.wantErr("Update before Enter", alice.desk.Update(ctx, alice.entry), chat.ErrNotFound)
	h.must(alice.enter())
	now := alice.entry
	now.LastInput, now.Operator, now.Muted = alice.entry.Since.Add(time.Minute), true, true
	now.Source, now.Info = netip.MustParseAddr("192.0.2.7"), chat.Clean("here")
	h.must(alice.desk.Update(ctx, now))
	h.everywhere("the entry is up to date", func(d chat.Desk) bool { return isEntry(find(h, d, "ALICE"), now) })
	elsewhere := now
	elsewhere.Node += "?"
	h.wantErr("Update of an entry at another node", alice.desk.Update(ctx, elsewhere), chat.ErrNotFound)
	// Who comes again is another entry: what is late of the one before changes nothing.
	again := h.newEar(h.view(), "alice")
	h.must(errors.Join(alice.quit(), again.enter()))
	h.wantErr("Update of an entry that has gone", alice.desk.Update(ctx, now), chat.ErrNotFound)
	h.must(alice.quit())
	h.everywhere("she who came again is there", func(d chat.Desk) bool {
		return find(h, d, "alice").ID == again.entry.ID
	})
}

// known has users come, change their places and leave: all views know from where.
func known(h *hall) {
	from := func(last byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, last}) }
	isKnown := func(what string, want map[byte]bool) {
		h.everywhere(what, func(d chat.Desk) bool {
			for last, want := range want {
				if d.Known(from(last)) != want {
					return false
				}
			}
			return true
		})
	}
	isKnown("nobody is known", map[byte]bool{0: false, 7: false})
	alice, bob := h.newEar(h.view(), "alice"), h.newEar(h.view(), "bob")
	alice.entry.Source, bob.entry.Source = from(7), from(8)
	h.must(errors.Join(alice.enter(), bob.enter()))
	isKnown("where they are is known", map[byte]bool{7: true, 8: true, 9: false})
	alice.entry.Source = from(9)
	h.must(alice.desk.Update(h.Context(), alice.entry))
	isKnown("where she is now is known", map[byte]bool{7: false, 8: true, 9: true})
	h.must(errors.Join(alice.quit(), bob.quit()))
	isKnown("where they were is still known", map[byte]bool{7: false, 8: true, 9: true})
}

// held lets the connection of a leader be lost, and be there again, on the same node and on another one.
func held(h *hall) {
	ctx := h.Context()
	ears := h.enter("alice", "bob", "carol")
	alice, bob := ears[0], ears[1]
	led, other := alice.open(bob), bob.open(alice)
	told := func(what string, kind chat.Kind, at time.Time) {
		h.eventually(what, func() bool {
			bob.mu.Lock()
			defer bob.mu.Unlock()
			last := bob.events[len(bob.events)-1]
			return last.Kind == kind && last.Room == led && last.From == alice.entry.User && last.At.Equal(at)
		})
	}
	lost := alice.entry
	lost.Held = &chat.Hold{Since: time.Now(), Lasts: time.Minute}
	h.must(alice.desk.Update(ctx, lost))
	told("bob is told of the loss", chat.Dropped, lost.Held.Since)
	h.must(alice.desk.Update(ctx, lost)) // which is no news
	h.everywhere("she is held", func(d chat.Desk) bool {
		e := find(h, d, "alice")
		return e.Held != nil && e.Held.Lasts == time.Minute && e.Held.Since.Equal(lost.Held.Since)
	})
	back := alice.entry
	back.LastInput = time.Now()
	h.must(alice.desk.Update(ctx, back))
	told("bob is told that she is back", chat.Returned, back.LastInput)
	h.must(alice.desk.Update(ctx, lost))
	told("bob is told once more", chat.Dropped, lost.Held.Since)
	there := h.newEar(h.view(), "alice")
	there.entry.ID, there.entry.LastInput = alice.entry.ID, time.Now()
	_, err := there.desk.Move(ctx, there.entry, there)
	h.must(err)
	told("bob is told that she is elsewhere", chat.Returned, there.entry.LastInput)
	bob.say(chat.RoomTopic(other), "done")
	bob.mu.Lock()
	defer bob.mu.Unlock()
	changes := 0
	for _, e := range bob.events {
		if e.Kind == chat.Dropped || e.Kind == chat.Returned {
			changes++
		}
	}
	if changes != 4 {
		h.Errorf("bob is told %d times", changes)
	}
}

// oneEnters lets many enter under one name at once.
func oneEnters(h *hall) {
	for range 20 {
		ears := make([]*ear, 8)
		errs := make([]error, len(ears))
		var wg sync.WaitGroup
		for i := range ears {
			ears[i] = h.newEar(h.view(), "alice")
			wg.Go(func() { errs[i] = ears[i].enter() })
		}
		wg.Wait()
		entered := 0
		for i, err := range errs {
			switch {
			case err == nil:
				entered++
				h.must(ears[i].quit())
			case !errors.Is(err, chat.ErrConflict):
				h.Fatalf("Enter: %v", err)
			}
		}
		if entered != 1 {
			h.Fatalf("%d entered under one name", entered)
		}
	}
}

// A keeper does the orders of a node: it notes them, and gives up seats.
type keeper struct {
	mu     sync.Mutex // guards all below
	orders []chat.Order
	answer func(o *chat.Order) (chat.Answer, <-chan chat.Answer)
}

func (k *keeper) Do(_ context.Context, o *chat.Order) (chat.Answer, <-chan chat.Answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.orders = append(k.orders, *o)
	if k.answer == nil {
		return chat.Answer{}, nil
	}
	return k.answer(o)
}

func (k *keeper) done() []chat.Order {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.orders)
}

// moveTo makes to the listener of from's user.
func (h *hall) moveTo(from, to *ear) chat.Answer {
	h.Helper()
	to.entry.ID, to.entry.Since = from.entry.ID, from.entry.Since
	a, err := to.desk.Move(h.Context(), to.entry, to)
	h.must(err)
	return a
}

func move(h *hall) {
	bob := h.enter("bob")[0]
	here, there := h.view(), h.view()
	k := new(keeper)
	here.Attach(k)
	alice, moved := h.newEar(here, "alice"), h.newEar(there, "alice")
	_, err := there.Move(h.Context(), moved.entry, moved)
	h.wantErr("Move of nobody", err, chat.ErrNotFound)
	h.must(alice.enter())
	number := alice.open(bob)
	alice.settled()
	alice.forget()
	k.mu.Lock()
	k.answer = func(*chat.Order) (chat.Answer, <-chan chat.Answer) {
		return chat.Answer{Verdict: chat.Delivered, Seat: &chat.Seat{Lines: 7, Unread: []*chat.Event{{
			Kind: chat.Told, At: time.Now(), From: bob.entry.User, Text: chat.Clean("unread"),
		}}}}, nil
	}
	k.mu.Unlock()
	a := h.moveTo(alice, moved)
	if a.Seat == nil || a.Seat.Lines != 7 || len(a.Seat.Unread) != 1 || a.Seat.Unread[0].Text.String() != "unread" {
		h.Errorf("Move = %+v", a)
	}
	if o := k.done(); len(o) != 1 || o[0].Kind != chat.HandOver || o[0].User != alice.entry.User ||
		o[0].Entry != alice.entry.ID {
		h.Errorf("the node where she was got the orders %+v", o)
	}
	h.everywhere("she has moved", func(d chat.Desk) bool { return isEntry(find(h, d, "alice"), moved.entry) })
	if here != there {
		// What is late of the node where she was changes nothing.
		h.wantErr("Update where she was", here.Update(h.Context(), alice.entry), chat.ErrNotFound)
		h.must(alice.quit())
	}
	bob.say(chat.RoomTopic(number), "in the room")
	bob.say(chat.Everyone, "to all")
	bob.say(chat.UserTopic(alice.entry.User), "to her")
	moved.until("to her")
	moved.wants("in the room", "to all", "to her")
	if lines := alice.lines(); len(lines) != 0 {
		h.Errorf("where she was she hears %q", lines)
	}
	// A command of the connection before may still be at work: what she joins she hears here.
	other := bob.open()
	_, err = alice.change(other, chat.Joined)
	h.must(err)
	bob.say(chat.RoomTopic(other), "in the other room")
	moved.until("in the other room")
	h.must(moved.quit())
	bob.until("closed alice")
	h.everywhere("she is gone", func(d chat.Desk) bool { return find(h, d, "alice").ID == "" })
}

// moveWhileTalkedTo moves a user to and fro while others speak: all is heard, once, and in the order spoken.
func moveWhileTalkedTo(h *hall) {
	const lines = 300
	speakers := h.enter("s1", "s2")
	at := h.newEar(h.view(), "alice")
	h.must(at.enter())
	number := at.open(speakers...)
	all := []*ear{at}
	var wg sync.WaitGroup
	for i, s := range speakers {
		topics := []chat.Topic{chat.Everyone, chat.RoomTopic(number), chat.UserTopic(at.entry.User)}
		wg.Go(func() {
			for n := range lines {
				s.say(topics[n%len(topics)], numbered(i, n))
			}
		})
	}
	for range 20 {
		next := h.newEar(h.view(), "alice")
		h.moveTo(at, next)
		at.end()
		at = next
		all = append(all, at)
	}
	wg.Wait()
	at.settled()
	var heard []string
	for _, e := range all {
		for _, line := range e.lines() {
			if isNumbered(line) {
				heard = append(heard, line)
			}
		}
		if len(e.late) > 0 {
			h.Errorf("a seat that was given up heard %d events more", len(e.late))
		}
	}
	if len(heard) != lines*len(speakers) {
		h.Errorf("heard %d lines, want %d", len(heard), lines*len(speakers))
	}
	h.wantInOrder(heard, len(speakers))
	h.must(at.quit())
}
