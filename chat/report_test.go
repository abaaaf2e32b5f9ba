package chat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/record"
)

// reporting returns a node on which alice, bob and olga, an operator, are online.
func reporting(t *testing.T, o Options) (n *Node, alice, bob, olga *Presence) {
	n = newTestNode(t, o)
	users := make([]*Presence, 3)
	for i, name := range []string{"alice", "bob", "olga"} {
		users[i], _ = come(t, n, name)
	}
	must(t, n.Promote(t.Context(), AtConsole(), "olga"))
	return n, users[0], users[1], users[2]
}

func report(t *testing.T, n *Node, me *Presence, on, why string) Report {
	t.Helper()
	r, err := n.Report(t.Context(), me, on, Clean(why))
	must(t, err)
	return r
}

func TestReportsAreKeptForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, alice, _, _ := reporting(t, Options{})
		n.SweepReports()
		report(t, n, alice, "bob", "first")
		time.Sleep(ReportTime - time.Minute)
		second := report(t, n, alice, "bob", "second")
		all, err := n.Reports(t.Context())
		must(t, err)
		if len(all) != 2 {
			t.Errorf("%d reports a minute before the first is too old", len(all))
		}
		time.Sleep(time.Minute)
		_, err = n.ReportOf(t.Context(), 1)
		wantErr(t, err, ErrNoReport)
		time.Sleep(sweepReportsEvery)
		synctest.Wait()
		stored, err := n.keptReports(t.Context())
		must(t, err)
		if len(stored) != 1 || stored[0].Number != second.Number {
			t.Errorf("stored a day after that: %v", stored)
		}
	})
}

func TestReportsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, alice, bob, olga := reporting(t, Options{})
		for i := range MaxReports {
			r := Report{Owner: time.Unix(int64(i), 0), By: alice.User, On: bob.User, Why: Clean("why")}
			must(t, n.file(t.Context(), &r))
		}
		_, err := n.Report(t.Context(), alice, "bob", Clean("one more"))
		wantErr(t, err, ErrReportsFull)
		_, err = n.CloseReport(t.Context(), By(olga), 7)
		must(t, err)
		if r := report(t, n, alice, "bob", "one more"); r.Number != MaxReports+1 {
			t.Errorf("its number is %d", r.Number)
		}
		_, err = n.ReportOf(t.Context(), 7)
		wantErr(t, err, ErrNoReport)
		for i := range MaxReportsOfOne - 1 {
			_, err = n.CloseReport(t.Context(), By(olga), 8+i)
			must(t, err)
			report(t, n, alice, "bob", "another")
		}
		_, err = n.Report(t.Context(), alice, "bob", Clean("too many of one"))
		wantErr(t, err, ErrManyReports)
		_, err = n.TakeReport(t.Context(), By(bob), 1)
		wantErr(t, err, ErrOperatorsOnly)
	})
}

// What is in a report is what its author has heard, whatever came in between.
func TestReportHasWhatWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n, alice, bob, olga := reporting(t, Options{})
		number, err := n.Start(ctx, bob, Clean("tea"))
		must(t, err)
		room := number.Number
		said := 0
		var want []string
		say := func(heard bool) {
			said++
			text := fmt.Sprint(said)
			must(t, n.Say(ctx, bob, room, Clean(text)))
			if heard {
				want = append(want, text)
			}
		}
		join := func(p *Presence) { _, err := n.Join(ctx, p, room); must(t, err) }
		leave := func(p *Presence) { _, err := n.Leave(ctx, p, room); must(t, err) }
		say(false)
		join(alice)
		say(true)
		leave(alice)
		say(false)
		join(olga)
		join(alice)
		say(true)
		_, err = n.Block(ctx, alice, "bob")
		must(t, err)
		say(false)
		_, err = n.Unblock(ctx, alice, "bob")
		must(t, err)
		say(true)
		_, err = n.Block(ctx, alice, "bob")
		must(t, err)
		say(false)
		leave(olga)
		check := func(what string) {
			t.Helper()
			var got []string
			for _, e := range report(t, n, alice, "bob", "").Heard {
				got = append(got, e.Text.String())
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: heard %v, want %v", what, got, want)
			}
		}
		check("while blocked")
		leave(alice)
		say(false)
		check("after leaving")
		leave(bob)
		check("after the room is closed")
		_, err = n.Report(ctx, olga, "alice", Text{})
		wantErr(t, err, ErrNothingToReport)
		if r := report(t, n, olga, "bob", ""); len(r.Heard) != 4 {
			t.Errorf("olga heard %d lines", len(r.Heard))
		}
	})
}

// TestReportUnreadable has a report that nobody can read, such as one of a damaged disk: it keeps no other away.
func TestReportUnreadable(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	n, alice, _, _ := reporting(t, Options{Store: store})
	report(t, n, alice, "bob", "first")
	_, err := store.Put(ctx, reportsBucket, auditKey(2), []byte("{"), 0)
	must(t, err)
	if r := report(t, n, alice, "bob", "third"); r.Number != 3 {
		t.Errorf("it has the number %d", r.Number)
	}
	all, err := n.Reports(ctx)
	if err != nil || len(all) != 2 {
		t.Errorf("Reports = %v, %v", all, err)
	}
	_, err = n.DataOf(ctx, alice)
	must(t, err)
}

// TestReportUnreadableIsSwept tests that a report that nobody can read is removed with the next one that is too old,
// and not before.
func TestReportUnreadableIsSwept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		n, alice, _, _ := reporting(t, Options{Store: store})
		stored := func() (keys []string) {
			for rec, err := range store.List(t.Context(), reportsBucket) {
				must(t, err)
				keys = append(keys, strings.TrimLeft(rec.Key, "0"))
			}
			return keys
		}
		spoil := func(number uint64) {
			must(t, record.Overwrite(t.Context(), store, reportsBucket, auditKey(number), []byte("{")))
		}
		for range 3 {
			report(t, n, alice, "bob", "early")
		}
		spoil(1)
		spoil(3)
		time.Sleep(ReportTime - time.Minute)
		report(t, n, alice, "bob", "late")
		must(t, n.sweepReports(t.Context()))
		if got := strings.Join(stored(), " "); got != "1 2 3 4" {
			t.Errorf("%s are left before one is too old", got)
		}
		time.Sleep(time.Minute)
		must(t, n.sweepReports(t.Context()))
		if got := strings.Join(stored(), " "); got != "3 4" {
			t.Errorf("%s are left when the second is too old, want 3 4", got)
		}
		time.Sleep(ReportTime)
		must(t, n.sweepReports(t.Context()))
		if got := strings.Join(stored(), " "); got != "" {
			t.Errorf("%s are left", got)
		}
	})
}
