package chattest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/chat"
)

// TestBus tests that what open returns, new at each call, keeps the promises of [chat.Bus]. A bus may deliver after
// Publish has returned; the contract waits for that.
func TestBus(t *testing.T, open func(t *testing.T) chat.Bus) {
	tests := []struct {
		name string
		run  func(t *testing.T, b chat.Bus)
	}{
		{"topics", topics},
		{"subscribe twice", subscribeTwice},
		{"unsubscribe", unsubscribe},
		{"close", closeTopic},
		{"order across topics", orderAcrossTopics},
		{"one order for all", oneOrder},
		{"nothing after unsubscribe", nothingAfter},
		{"concurrent use", concurrentUse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// patience is how long the contract waits for a bus to deliver. Only a bus that fails takes that long.
const patience = 10 * time.Second

// An ear is a listener that remembers what it hears.
type ear struct {
	mu     sync.Mutex // guards all below
	lines  []string
	closed bool // nothing may come any more
	late   []string
	wake   chan struct{}
}

func newEar() *ear { return &ear{wake: make(chan struct{}, 1)} }

func (e *ear) Hear(_ context.Context, event *chat.Event) {
	e.mu.Lock()
	e.lines = append(e.lines, event.Text.String())
	if e.closed {
		e.late = append(e.late, event.Text.String())
	}
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *ear) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.lines)
}

// until waits until the ear has heard last, and returns all that it has heard.
func (e *ear) until(t *testing.T, last string) []string {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		if lines := e.heard(); slices.Contains(lines, last) {
			return lines
		}
		select {
		case <-e.wake:
		case <-timeout.C:
			t.Fatalf("never heard %q, but %q", last, e.heard())
		}
	}
}

func publish(t *testing.T, b chat.Bus, topic chat.Topic, line string) {
	t.Helper()
	if err := b.Publish(t.Context(), topic, &chat.Event{Kind: chat.Said, Text: chat.Clean(line)}); err != nil {
		t.Errorf("Publish(%s): %v", topic, err)
	}
}

func subscribe(t *testing.T, b chat.Bus, topic chat.Topic, l chat.Listener) {
	t.Helper()
	if err := b.Subscribe(t.Context(), topic, l); err != nil {
		t.Errorf("Subscribe(%s): %v", topic, err)
	}
}

func quit(t *testing.T, b chat.Bus, topic chat.Topic, l chat.Listener) {
	t.Helper()
	if err := b.Unsubscribe(t.Context(), topic, l); err != nil {
		t.Errorf("Unsubscribe(%s): %v", topic, err)
	}
}

func wantLines(t *testing.T, who string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s heard %q, want %q", who, got, want)
	}
}

func topics(t *testing.T, b chat.Bus) {
	publish(t, b, chat.RoomTopic(1), "to nobody")
	a, c := newEar(), newEar()
	subscribe(t, b, chat.RoomTopic(1), a)
	subscribe(t, b, chat.RoomTopic(11), c)
	subscribe(t, b, chat.Everyone, a)
	subscribe(t, b, chat.Everyone, c)
	publish(t, b, chat.RoomTopic(1), "one")
	publish(t, b, chat.RoomTopic(11), "eleven")
	publish(t, b, chat.RoomTopic(111), "to nobody")
	publish(t, b, chat.Everyone, "all")
	wantLines(t, "a", a.until(t, "all"), []string{"one", "all"})
	wantLines(t, "c", c.until(t, "all"), []string{"eleven", "all"})
}

func subscribeTwice(t *testing.T, b chat.Bus) {
	a := newEar()
	subscribe(t, b, chat.Everyone, a)
	subscribe(t, b, chat.Everyone, a)
	publish(t, b, chat.Everyone, "one")
	publish(t, b, chat.Everyone, "two")
	wantLines(t, "a", a.until(t, "two"), []string{"one", "two"})
	quit(t, b, chat.Everyone, a)
	other := newEar()
	subscribe(t, b, chat.Everyone, other)
	publish(t, b, chat.Everyone, "three")
	other.until(t, "three")
	wantLines(t, "a", a.heard(), []string{"one", "two"})
}

func unsubscribe(t *testing.T, b chat.Bus) {
	ears := []*ear{newEar(), newEar(), newEar(), newEar()}
	quit(t, b, chat.Everyone, ears[0]) // no such topic yet
	for _, e := range ears {
		subscribe(t, b, chat.Everyone, e)
	}
	publish(t, b, chat.Everyone, "0")
	for i, e := range ears[:3] { // the first, one between, and one that is last
		e.until(t, fmt.Sprint(i))
		quit(t, b, chat.Everyone, e)
		quit(t, b, chat.Everyone, e)
		publish(t, b, chat.Everyone, fmt.Sprint(i+1))
	}
	wantLines(t, "the one who stays", ears[3].until(t, "3"), []string{"0", "1", "2", "3"})
	for i, e := range ears[:3] {
		wantLines(t, fmt.Sprint("ear ", i), e.heard(), []string{"0", "1", "2"}[:i+1])
	}
	subscribe(t, b, chat.Everyone, ears[0])
	publish(t, b, chat.Everyone, "again")
	wantLines(t, "the one who came back", ears[0].until(t, "again"), []string{"0", "again"})
}

func closeTopic(t *testing.T, b chat.Bus) {
	a, c := newEar(), newEar()
	for _, e := range []*ear{a, c} {
		subscribe(t, b, chat.RoomTopic(0), e)
		subscribe(t, b, chat.Everyone, e)
	}
	publish(t, b, chat.RoomTopic(0), "before")
	a.until(t, "before")
	c.until(t, "before")
	for range 2 {
		if err := b.Close(t.Context(), chat.RoomTopic(0)); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	publish(t, b, chat.RoomTopic(0), "after")
	publish(t, b, chat.Everyone, "end")
	wantLines(t, "a", a.until(t, "end"), []string{"before", "end"})
	wantLines(t, "c", c.until(t, "end"), []string{"before", "end"})
	quit(t, b, chat.RoomTopic(0), a)
	subscribe(t, b, chat.RoomTopic(0), c) // a topic may be opened anew
	publish(t, b, chat.RoomTopic(0), "anew")
	c.until(t, "anew")
	wantLines(t, "a", a.heard(), []string{"before", "end"})
}

func orderAcrossTopics(t *testing.T, b chat.Bus) {
	a := newEar()
	all := []chat.Topic{chat.Everyone, chat.RoomTopic(0), chat.RoomTopic(1)}
	for _, topic := range all {
		subscribe(t, b, topic, a)
	}
	var want []string
	for i := range 300 {
		line := fmt.Sprint(i)
		want = append(want, line)
		publish(t, b, all[i%len(all)], line)
	}
	wantLines(t, "a", a.until(t, "299"), want)
}

// oneOrder lets many publish to one topic at once.
func oneOrder(t *testing.T, b chat.Bus) {
	const publishers, each = 6, 50
	ears := []*ear{newEar(), newEar(), newEar()}
	for _, e := range ears {
		subscribe(t, b, chat.Everyone, e)
	}
	var wg sync.WaitGroup
	for i := range publishers {
		wg.Go(func() {
			for n := range each {
				publish(t, b, chat.Everyone, fmt.Sprintf("%d:%d", i, n))
			}
		})
	}
	wg.Wait()
	publish(t, b, chat.Everyone, "end")
	first := ears[0].until(t, "end")
	for i, e := range ears[1:] {
		if got := e.until(t, "end"); !slices.Equal(got, first) {
			t.Errorf("ear %d heard another order than ear 0:\n%q\n%q", i+1, got, first)
		}
	}
	if want := publishers*each + 1; len(first) != want {
		t.Fatalf("ear 0 heard %d events, want %d", len(first), want)
	}
	wantInOrder(t, first, publishers)
}

// wantInOrder tests that of each publisher "i:n" comes before "i:n+1".
func wantInOrder(t *testing.T, lines []string, publishers int) {
	t.Helper()
	next := make([]int, publishers)
	for _, line := range lines {
		var i, n int
		if strings.Contains(line, ":") {
			if _, err := fmt.Sscanf(line, "%d:%d", &i, &n); err != nil || n < next[i] {
				t.Fatalf("%q comes after %d of the same publisher (%v)", line, next[i], err)
			}
			next[i] = n
		}
	}
}

// nothingAfter ends to hear, in both ways, while others publish.
func nothingAfter(t *testing.T, b chat.Bus) {
	for round := range 100 {
		topic := chat.RoomTopic(round)
		ears := []*ear{newEar(), newEar()}
		for _, e := range ears {
			subscribe(t, b, topic, e)
		}
		var wg sync.WaitGroup
		started := make(chan struct{}, 4)
		for range cap(started) {
			wg.Go(func() {
				started <- struct{}{}
				for range 50 {
					publish(t, b, topic, "word")
				}
			})
		}
		for range cap(started) {
			<-started
		}
		end := func(e *ear) {
			e.mu.Lock()
			e.closed = true
			e.mu.Unlock()
		}
		quit(t, b, topic, ears[0])
		end(ears[0])
		if err := b.Close(t.Context(), topic); err != nil {
			t.Errorf("Close: %v", err)
		}
		end(ears[1])
		quit(t, b, topic, ears[1])
		wg.Wait()
		for i, how := range []string{"Unsubscribe", "Close"} {
			if late := ears[i].late; len(late) > 0 {
				t.Fatalf("heard %q after %s had returned", late, how)
			}
		}
	}
}

// concurrentUse does everything at once, and then looks whether the bus still works.
func concurrentUse(t *testing.T, b chat.Bus) {
	const publishers = 4
	stays := newEar()
	subscribe(t, b, chat.Everyone, stays)
	var wg sync.WaitGroup
	for i := range publishers {
		wg.Go(func() {
			for n := range 100 {
				publish(t, b, chat.Everyone, fmt.Sprintf("%d:%d", i, n))
			}
		})
		wg.Go(func() {
			e := newEar()
			for n := range 50 {
				subscribe(t, b, chat.Everyone, e)
				subscribe(t, b, chat.RoomTopic(n%3), e)
				publish(t, b, chat.RoomTopic(n%3), "word")
				quit(t, b, chat.Everyone, e)
				if n%7 == 0 {
					if err := b.Close(t.Context(), chat.RoomTopic(n%3)); err != nil {
						t.Errorf("Close: %v", err)
					}
				}
				quit(t, b, chat.RoomTopic(n%3), e)
			}
			wantInOrder(t, slices.DeleteFunc(e.heard(), func(line string) bool { return line == "word" }), publishers)
		})
	}
	wg.Wait()
	publish(t, b, chat.Everyone, "end")
	lines := stays.until(t, "end")
	if want := publishers*100 + 1; len(lines) != want {
		t.Errorf("the one who stays heard %d events, want %d", len(lines), want)
	}
	wantInOrder(t, lines, publishers)
}
