package chattest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"parley/chat"
)

var hearTests = []deskTest{
	{"topics", topics},
	{"rooms are heard", roomsHeard},
	{"close", closeTopic},
	{"order across topics", orderAcrossTopics},
	{"one order for all", oneOrder},
	{"nothing after leaving", nothingAfter},
	{"concurrent use", concurrentUse},
}

func topics(h *hall) {
	ears := h.enter("alice", "bob")
	alice, bob := ears[0], ears[1]
	alice.say(chat.RoomTopic(1), "to nobody")
	alice.say(chat.Everyone, "to all")
	alice.say(chat.UserTopic(bob.entry.User), "to bob")
	bob.until("to bob")
	bob.wants("to all", "to bob")
	alice.wants("to all")
	h.must(alice.quit())
	bob.say(chat.Everyone, "without her")
	bob.until("without her")
	if lines := alice.lines(); slices.Contains(lines, "without her") {
		h.Errorf("she who has quit hears %q", lines)
	}
	// Who comes again hears again, once.
	again := h.newEar(h.view(), "alice")
	h.must(again.enter())
	bob.say(chat.Everyone, "again")
	again.until("again")
	again.wants("again")
}

func roomsHeard(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open()
	for _, e := range ears {
		e.until("opened alice")
	}
	bob.join(number)
	alice.until("joined bob")
	bob.say(chat.RoomTopic(number), "one")
	alice.until("one")
	carol.join(number)
	_, err := bob.change(number, chat.Left)
	h.must(err)
	alice.until("left bob")
	alice.say(chat.RoomTopic(number), "two")
	carol.until("two")
	alice.wants("opened alice", "joined bob", "one", "joined carol", "left bob", "two")
	bob.wants("opened alice", "one", "joined carol")
	carol.wants("opened alice", "left bob", "two")
}

func closeTopic(h *hall) {
	ears := h.enter("alice", "bob", "carol")
	alice, bob, carol := ears[0], ears[1], ears[2]
	number := alice.open(bob, carol)
	bob.say(chat.RoomTopic(number), "before")
	alice.until("before")
	_, err := alice.change(number, chat.Left)
	h.must(err)
	bob.until("closed alice")
	bob.say(chat.RoomTopic(number), "after")
	bob.say(chat.Everyone, "end")
	for _, e := range ears {
		lines := e.until("end")
		want := []string{"closed alice", "end"}
		if i := slices.Index(lines, "closed alice"); i < 0 || !slices.Equal(lines[i:], want) {
			h.Errorf("%s heard %q", e.entry.User.Name, lines)
		}
	}
}

func numbered(i, n int) string { return fmt.Sprintf("%d:%d", i, n) }

func isNumbered(line string) bool { return strings.Contains(line, ":") }

// wantInOrder tests that of each publisher "i:n" comes once, and "i:n+1" after it.
func (h *hall) wantInOrder(lines []string, publishers int) {
	h.Helper()
	next := make([]int, publishers)
	for _, line := range lines {
		var i, n int
		if !isNumbered(line) {
			continue
		}
		if _, err := fmt.Sscanf(line, "%d:%d", &i, &n); err != nil || n < next[i] {
			h.Fatalf("%q comes after %d of the same publisher (%v)", line, next[i]-1, err)
		}
		next[i] = n + 1
	}
}

func orderAcrossTopics(h *hall) {
	ears := h.enter("alice", "bob")
	alice, bob := ears[0], ears[1]
	all := []chat.Topic{
		chat.Everyone, chat.RoomTopic(bob.open(alice)), chat.RoomTopic(alice.open(bob)),
		chat.UserTopic(alice.entry.User),
	}
	alice.settled()
	alice.forget()
	var want []string
	for i := range 300 {
		line := fmt.Sprint(i)
		want = append(want, line)
		bob.say(all[i%len(all)], line)
	}
	alice.until("299")
	alice.wants(want...)
}

// oneOrder lets many publish to one topic at once.
func oneOrder(h *hall) {
	const publishers, each = 6, 50
	ears := h.enter("a", "b", "c", "d", "e", "f")
	number := ears[0].open(ears[1:]...)
	for _, e := range ears {
		e.settled()
		e.forget()
	}
	var wg sync.WaitGroup
	for i, e := range ears {
		wg.Go(func() {
			for n := range each {
				e.say(chat.RoomTopic(number), numbered(i, n))
			}
		})
	}
	wg.Wait()
	ears[0].say(chat.RoomTopic(number), "end")
	first := ears[0].until("end")
	for i, e := range ears[1:] {
		if got := e.until("end"); !slices.Equal(got, first) {
			h.Errorf("ear %d heard another order than ear 0:\n%q\n%q", i+1, got, first)
		}
	}
	if want := publishers*each + 1; len(first) != want {
		h.Fatalf("ear 0 heard %d events, want %d", len(first), want)
	}
	h.wantInOrder(first, publishers)
}

// nothingAfter ends to hear in every way, while others publish.
func nothingAfter(h *hall) {
	for round := range 40 {
		names := []string{"leader", "leaver", "quitter"}
		for i := range names {
			names[i] += fmt.Sprint(round)
		}
		ears := h.enter(names...)
		leader, leaver, quitter := ears[0], ears[1], ears[2]
		number := leader.open(leaver, quitter)
		topic := chat.RoomTopic(number)
		speaker := h.enter(fmt.Sprint("speaker", round))[0]
		var wg sync.WaitGroup
		started := make(chan struct{}, 4)
		for range cap(started) {
			wg.Go(func() {
				started <- struct{}{}
				for range 50 {
					speaker.say(topic, "word")
				}
			})
		}
		for range cap(started) {
			<-started
		}
		_, err := leaver.change(number, chat.Left)
		leaver.end()
		h.must(err)
		h.must(quitter.quit())
		quitter.end()
		_, err = leader.change(number, chat.Left)
		leader.end()
		h.must(err)
		wg.Wait()
		for _, e := range ears {
			e.mu.Lock()
			late := slices.DeleteFunc(slices.Clone(e.late), func(event *chat.Event) bool {
				return event.Text.String() != "word" // of other rooms' opening
			})
			e.mu.Unlock()
			if len(late) > 0 {
				h.Fatalf("%s heard %d events too many", e.entry.User.Name, len(late))
			}
		}
		h.must(leader.quit())
		h.must(leaver.quit())
		h.must(speaker.quit())
	}
}

// concurrentUse does everything at once, and then looks whether the desk still works.
func concurrentUse(h *hall) {
	const publishers = 4
	stays := h.enter("stays")[0]
	var wg sync.WaitGroup
	for i := range publishers {
		speaker := h.enter(fmt.Sprint("speaker", i))[0]
		wg.Go(func() {
			for n := range 100 {
				speaker.say(chat.Everyone, numbered(i, n))
			}
		})
		wg.Go(func() {
			for n := range 25 {
				e := h.newEar(speaker.desk, fmt.Sprint("comes", i))
				if err := e.enter(); err != nil {
					h.Error(err)
					return
				}
				number := e.open(stays)
				e.say(chat.RoomTopic(number), "word")
				if n%2 == 0 {
					if _, err := e.change(number, chat.Left); err != nil {
						h.Error(err)
					}
				}
				if err := e.quit(); err != nil {
					h.Error(err)
				}
				h.wantInOrder(e.lines(), publishers)
			}
		})
	}
	wg.Wait()
	stays.say(chat.Everyone, "end")
	stays.until("end")
	lines := slices.DeleteFunc(stays.settled(), func(line string) bool { return !isNumbered(line) })
	if len(lines) != publishers*100 {
		h.Errorf("the one who stays heard %d lines, want %d", len(lines), publishers*100)
	}
	h.wantInOrder(lines, publishers)
	h.everywhere("no room is left", func(d chat.Desk) bool { return len(numbers(h, d)) == 0 })
}
