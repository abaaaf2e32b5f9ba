package chattest

import (
	"context"
	crand "crypto/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/chat"
)

// TestDesk tests that what open returns keeps the promises of [chat.Desk]: the views that one or several nodes have of
// one desk, new and empty at each call. The nodes may hear of each other a little later; the contract waits for that.
// What is done is dealt over the views.
func TestDesk(t *testing.T, run Runner, open func(t *testing.T) []chat.Desk) {
	for _, tt := range slices.Concat(onlineTests, roomTests, governTests, hearTests, pastTests, orderTests,
		budgetTests) {
		t.Run(tt.name, func(t *testing.T) {
			run(t, func(t *testing.T) { tt.run(&hall{tester: tester{t}, views: open(t)}) })
		})
	}
}

type deskTest struct {
	name string
	run  func(h *hall)
}

// A hall is a desk with its views, and who is there.
type hall struct {
	tester
	views []chat.Desk
	mu    sync.Mutex // guards dealt
	dealt int
}

// view returns the next view.
func (h *hall) view() chat.Desk {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dealt++
	return h.views[h.dealt%len(h.views)]
}

// everywhere waits until ok holds at all views.
func (h *hall) everywhere(what string, ok func(d chat.Desk) bool) {
	h.Helper()
	for _, d := range h.views {
		h.eventually(what, func() bool { return ok(d) })
	}
}

// An ear is a user who is online, and remembers what came.
type ear struct {
	hall  *hall
	desk  chat.Desk
	entry chat.Entry

	mu     sync.Mutex // guards all below
	events []*chat.Event
	ended  bool // nothing may come any more
	late   []*chat.Event
}

func (e *ear) Hear(_ context.Context, event *chat.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, event)
	if e.ended {
		e.late = append(e.late, event)
	}
}

func (e *ear) Sit() {}

func user(name string) chat.User { return chat.User{Name: name, ID: strings.ToLower(name)} }

// newEar returns a user who is not yet online.
func (h *hall) newEar(d chat.Desk, name string) *ear {
	return &ear{hall: h, desk: d, entry: chat.Entry{
		ID: crand.Text(), Node: d.Node(), User: user(name), Since: time.Now(),
	}}
}

// enter brings users online, each at the next view.
func (h *hall) enter(names ...string) []*ear {
	h.Helper()
	ears := make([]*ear, len(names))
	for i, name := range names {
		ears[i] = h.newEar(h.view(), name)
		h.must(ears[i].enter())
	}
	return ears
}

func (e *ear) enter() error { return e.desk.Enter(e.hall.Context(), e.entry, e) }

func (e *ear) quit() error { return e.desk.Quit(e.hall.Context(), e.entry) }

// change changes a room as its user.
func (e *ear) change(number int, kind chat.Kind) (chat.Room, error) {
	return e.desk.ChangeRoom(e.hall.Context(), number, chat.RoomChange{Kind: kind, User: e.entry.User, At: time.Now()})
}

func (e *ear) join(number int) chat.Room {
	e.hall.Helper()
	r, err := e.change(number, chat.Joined)
	e.hall.must(err)
	return r
}

// open opens a room that e leads and the others are in.
func (e *ear) open(others ...*ear) int {
	e.hall.Helper()
	r, err := e.desk.OpenRoom(e.hall.Context(), chat.Clean("topic of "+e.entry.User.Name), e.entry.User)
	e.hall.must(err)
	for _, other := range others {
		other.join(r.Number)
	}
	return r.Number
}

// say publishes a line.
func (e *ear) say(topic chat.Topic, line string) {
	e.hall.Helper()
	if err := e.desk.Publish(e.hall.Context(), topic, &chat.Event{
		Kind: chat.Said, At: time.Now(), From: e.entry.User, Text: chat.Clean(line),
	}); err != nil {
		e.hall.Errorf("Publish(%s): %v", topic, err)
	}
}

// lines are what came, as short lines.
func (e *ear) lines() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := make([]string, len(e.events))
	for i, event := range e.events {
		lines[i] = short(event)
	}
	return lines
}

func short(e *chat.Event) string {
	if e.Kind == chat.Said {
		return e.Text.String()
	}
	return strings.TrimSpace(e.Kind.String() + " " + e.From.Name)
}

func (e *ear) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = nil
}

// until waits until line came, and returns all that came.
func (e *ear) until(line string) []string {
	e.hall.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if lines := e.lines(); slices.Contains(lines, line) {
			return lines
		}
		if time.Now().After(end) {
			e.hall.Fatalf("%s never heard %q, but %q", e.entry.User.Name, line, e.lines())
		}
	}
}

// settled makes sure that e has heard all that came before, and returns it.
func (e *ear) settled() []string {
	e.hall.Helper()
	mark := "mark " + crand.Text()
	e.say(chat.UserTopic(e.entry.User), mark)
	lines := e.until(mark)
	return slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "mark ") })
}

// wants tests what e has heard so far.
func (e *ear) wants(want ...string) {
	e.hall.Helper()
	if got := e.settled(); !slices.Equal(got, want) {
		e.hall.Errorf("%s heard %q, want %q", e.entry.User.Name, got, want)
	}
}

// end says that nothing may come any more.
func (e *ear) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
}
