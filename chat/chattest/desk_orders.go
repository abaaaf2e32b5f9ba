package chattest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"parley/chat"
	"parley/chat/budget"
)

var orderTests = []deskTest{
	{"ask", ask},
	{"ask later", askLater},
	{"all", all},
	{"orders have their place", ordersInPlace},
}

var budgetTests = []deskTest{
	{"guests' numbers", guestNumbers},
	{"guesses", guesses},
	{"registrations", registrations},
	{"operators' turn", operatorsTurn},
}

func ask(h *hall) {
	ctx := h.Context()
	here, there := h.view(), h.view()
	if a, err := here.Ask(ctx, there.Node(), &chat.Order{Kind: chat.TellIdle}); err != nil || a.Verdict != "" {
		h.Errorf("Ask of a node that does no orders = %+v, %v", a, err)
	}
	k := &keeper{answer: func(o *chat.Order) (chat.Answer, <-chan chat.Answer) {
		done := chat.Ended{Users: []string{o.User.Name}}
		return chat.Answer{Verdict: chat.Delivered, Idle: time.Hour, Ended: done}, nil
	}}
	there.Attach(k)
	if up := here.Nodes(); !slices.Contains(up, there.Node()) || !slices.IsSorted(up) {
		h.Errorf("the nodes that are up are %q, and %q is one", up, there.Node())
	}
	o := &chat.Order{Kind: chat.Expel, User: user("alice"), Network: netip.MustParsePrefix("192.0.2.0/24"),
		Reason: asRefusal(chat.ErrNoUser.With("bob")), Lasts: time.Minute}
	a, err := here.Ask(ctx, there.Node(), o)
	if err != nil || a.Verdict != chat.Delivered || a.Idle != time.Hour || !slices.Equal(a.Users, []string{"alice"}) {
		h.Errorf("Ask = %+v, %v", a, err)
	}
	done := k.done()
	if len(done) != 1 || done[0].User != o.User || done[0].Network != o.Network || done[0].Lasts != o.Lasts ||
		!errors.Is(done[0].Reason, chat.ErrNoUser) || !slices.Equal(done[0].Reason.Args(), []any{"bob"}) {
		h.Errorf("the node was asked %+v", done)
	}
	_, err = here.Ask(ctx, "no such node", o)
	h.wantErr("Ask of no node", err, chat.ErrNotFound)
	there.Attach(nil)
	if a, err := here.Ask(ctx, there.Node(), o); err != nil || a.Verdict != "" || len(k.done()) != 1 {
		h.Errorf("Ask of a node that has ended = %+v, %v", a, err)
	}
}

func asRefusal(err error) *chat.Refusal {
	refusal, _ := errors.AsType[*chat.Refusal](err)
	return refusal
}

func askLater(h *hall) {
	here, there := h.view(), h.view()
	later := make(chan chat.Answer, 1)
	there.Attach(&keeper{answer: func(*chat.Order) (chat.Answer, <-chan chat.Answer) { return chat.Answer{}, later }})
	var wg sync.WaitGroup
	wg.Go(func() {
		a, err := here.Ask(h.Context(), there.Node(), &chat.Order{Kind: chat.SetRole})
		if err != nil || a.Verdict != chat.Full {
			h.Errorf("Ask = %+v, %v", a, err)
		}
	})
	time.Sleep(time.Millisecond)
	h.must(here.Publish(h.Context(), chat.Everyone, &chat.Event{Kind: chat.Announced})) // nobody waits for the answer
	later <- chat.Answer{Verdict: chat.Full}
	wg.Wait()
	impatient, cancel := context.WithTimeout(h.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := here.Ask(impatient, there.Node(), &chat.Order{Kind: chat.SetRole})
	h.wantErr("Ask of who gives up", err, context.DeadlineExceeded)
}

func all(h *hall) {
	keepers := make([]*keeper, len(h.views))
	for i, d := range h.views {
		keepers[i] = &keeper{answer: func(*chat.Order) (chat.Answer, <-chan chat.Answer) {
			later := make(chan chat.Answer, 1)
			later <- chat.Answer{Ended: chat.Ended{Users: []string{d.Node()}}}
			return chat.Answer{}, later
		}}
		d.Attach(keepers[i])
	}
	answers, err := h.view().All(h.Context(), &chat.Order{Kind: chat.CancelStop})
	h.must(err)
	var got, want []string
	for i, k := range keepers {
		want = append(want, h.views[i].Node())
		if done := k.done(); len(done) != 1 || done[0].Kind != chat.CancelStop {
			h.Errorf("node %d got %+v when All had returned", i, done)
		}
	}
	for _, a := range answers {
		got = append(got, a.Users...)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.Errorf("answers of %q, want %q", got, want)
	}
}

// A placer notes how much its ear has heard when an order comes.
type placer struct {
	ear   *ear
	mu    sync.Mutex // guards heard
	heard map[string]int
}

func (p *placer) Do(_ context.Context, o *chat.Order) (chat.Answer, <-chan chat.Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[o.Key] = len(p.ear.lines())
	return chat.Answer{}, nil
}

// ordersInPlace publishes and gives orders by turns: when a node does one, it has heard just what came before.
func ordersInPlace(h *hall) {
	placers := make([]*placer, len(h.views))
	for i, d := range h.views {
		e := h.newEar(d, string(rune('a'+i)))
		h.must(e.enter())
		placers[i] = &placer{ear: e, heard: make(map[string]int)}
		d.Attach(placers[i])
	}
	speaker := h.newEar(h.view(), "speaker")
	h.must(speaker.enter())
	for n := range 100 {
		speaker.say(chat.Everyone, numbered(0, n))
		_, err := speaker.desk.All(h.Context(), &chat.Order{Kind: chat.CancelStop, Key: numbered(0, n)})
		h.must(err)
	}
	for i, p := range placers {
		for n := range 100 {
			if got := p.heard[numbered(0, n)]; got != n+1 {
				h.Fatalf("node %d had heard %d lines at order %d", i, got, n)
			}
		}
	}
}

func guestNumbers(h *hall) {
	ctx := h.Context()
	take := func(want int) {
		h.Helper()
		if number, err := h.view().TakeNumber(ctx); err != nil || number != want {
			h.Errorf("TakeNumber = %d, %v, want %d", number, err, want)
		}
	}
	for want := 1; want <= 5; want++ {
		take(want)
	}
	h.must(h.view().GiveNumber(ctx, 4))
	h.must(h.view().GiveNumber(ctx, 2))
	h.must(h.view().GiveNumber(ctx, 2))
	take(2)
	take(4)
	take(6)
	e := h.newEar(h.view(), "guest3")
	e.entry.User.Guest = true
	h.must(e.enter())
	h.must(e.quit())
	take(3) // that of a guest who has quit
	take(7)
}

func guesses(h *hall) {
	ctx := h.Context()
	g := budget.Guess{Account: "alice", Source: netip.MustParseAddr("192.0.2.7")}
	take := func(ok bool) {
		h.Helper()
		if wait, err := h.view().TakeGuess(ctx, g); err != nil || (wait == 0) != ok || wait > budget.GuessPeriod {
			h.Errorf("TakeGuess: wait %v, %v", wait, err)
		}
	}
	for range budget.PerPair {
		take(true)
	}
	take(false)
	h.must(h.view().GiveGuess(ctx, g))
	take(true)
	take(false)
}

func registrations(h *hall) {
	ctx := h.Context()
	source := netip.MustParseAddr("192.0.2.7")
	take := func(ok bool) {
		h.Helper()
		if w, err := h.view().TakeRegistration(ctx, source); err != nil || w.None() != ok {
			h.Errorf("TakeRegistration: wait %v, %v", w, err)
		}
	}
	for range budget.RegistrationsPerSource {
		take(true)
	}
	take(false)
	h.everywhere("there is something to wait for", func(d chat.Desk) bool {
		w := d.WaitRegistration(source)
		return w.Source > 0 && w.Source <= budget.RegistrationPeriod && w.All == 0
	})
	h.must(h.view().GiveRegistration(ctx, source))
	take(true)
	take(false)
}

func operatorsTurn(h *hall) {
	var wg sync.WaitGroup
	acting, most := 0, 0
	var mu sync.Mutex // guards acting and most
	for range 12 {
		d := h.view()
		wg.Go(func() {
			done, err := d.Operate(h.Context())
			if err != nil {
				h.Error(err)
				return
			}
			mu.Lock()
			acting++
			most = max(most, acting)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			acting--
			mu.Unlock()
			done()
			done() // twice is once
		})
	}
	wg.Wait()
	if most != 1 {
		h.Errorf("%d acted at once", most)
	}
	done, err := h.view().Operate(h.Context())
	h.must(err)
	impatient, cancel := context.WithTimeout(h.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = h.view().Operate(impatient)
	h.wantErr("Operate of who gives up", err, context.DeadlineExceeded)
	done()
	done, err = h.view().Operate(h.Context())
	h.must(err)
	done()
}
