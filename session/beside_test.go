package session

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/commands"
)

// TestRunBeside tests what a single command answers, and with which status, and that its user needs no seat for it.
func TestRunBeside(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		by := Caller{Proof: chat.Proof{User: h.authenticated("alice")}, Source: nearby}
		hearer := h.guest()
		run := func(by Caller, line string) (status int, out, errs string) {
			var o, e strings.Builder
			status = h.server.RunBeside(t.Context(), by, line, &o, &e)
			return status, o.String(), e.String()
		}
		for _, tt := range []struct {
			line      string
			status    int
			out, errs string
			heard     string
		}{
			{"who", Did, "1 user online:\nguest\n", "", ""},
			{"/who\n", Did, "1 user online:\nguest\n", "", ""},
			{"tell guest psst", Did, "Told guest.\n", "", "alice: psst"},
			{"tell carol psst", Refused, "", "User carol does not exist.", ""},
			{"say 0 hello", Refused, "", "Room 0 does not exist.", ""},
			{"tell guest", Misread, "", "Incorrect command format.", ""},
			{"passwd", Misread, "", "Without a terminal these commands can be run: ", ""},
			{"nonsense", Misread, "", "Without a terminal these commands can be run: ", ""},
			{"", Misread, "", "Without a terminal these commands can be run: ", ""},
			{"tell guest one\ntell guest two", Misread, "", "Without a terminal a command is one line.", ""},
			{"tell guest " + strings.Repeat("x", chat.MaxLine), Refused, "", "too long", ""},
		} {
			status, out, errs := run(by, tt.line)
			if status != tt.status || out != tt.out || !strings.Contains(errs, tt.errs) ||
				(errs == "") != (tt.errs == "") {
				t.Errorf("%.20q: status %d, %q, %q", tt.line, status, out, errs)
			}
			if heard := hearer.shown(); !strings.Contains(heard, tt.heard) || (heard == "") != (tt.heard == "") {
				t.Errorf("%.20q: the other reads %q", tt.line, heard)
			}
		}
		reset := by
		reset.Proof.Reset = true
		if status, _, errs := run(reset, "who"); status != Refused || !strings.Contains(errs, "choose a password") {
			t.Errorf("with an operator's code: %d, %q", status, errs)
		}
		h.server.Stop(chat.ErrStopped)
		if status, _, errs := run(by, "who"); status != Refused || !strings.Contains(errs, "shutting down") {
			t.Errorf("at the end: %d, %q", status, errs)
		}
	})
}

// TestBesidePace tests that a user's single commands are paced together, that one which would wait for long is refused
// and uses nothing, and that a caller who has gone is not waited for.
func TestBesidePace(t *testing.T) {
	inside(t, func(t *testing.T) {
		h := newHouse(t)
		by := Caller{Proof: chat.Proof{User: h.authenticated("alice")}, Source: faraway}
		h.guest()
		tell := func(ctx context.Context) (status int, errs string) {
			var e strings.Builder
			status = h.server.RunBeside(ctx, by, "tell guest hello", new(strings.Builder), &e)
			return status, e.String()
		}
		began := time.Now()
		for range 6 { // five at once, and one that waits
			if status, errs := tell(t.Context()); status != Did {
				t.Fatalf("status %d, %q", status, errs)
			}
		}
		if d := time.Since(began); d != time.Second/2 {
			t.Errorf("six took %v", d)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var gone atomic.Int32
		for range 10 { // the last of them for as long as may be
			h.serving.Go(func() {
				if status, _ := tell(ctx); status == Refused {
					gone.Add(1)
				}
			})
			synctest.Wait()
		}
		for range 3 {
			if status, errs := tell(t.Context()); status != Refused || !strings.Contains(errs, "Please wait 5s") {
				t.Errorf("status %d, %q", status, errs)
			}
		}
		cancel()
		if synctest.Wait(); gone.Load() != 10 {
			t.Errorf("%d of 10 are waited for no more", gone.Load())
		}
	})
}

// TestBesidesBounded tests that no more users are remembered than may be, and that those go who have used nothing.
func TestBesidesBounded(t *testing.T) {
	var b besides
	now := time.Now()
	for i := range maxBesides + 10 {
		b.take(string(rune(i)), commands.Talk, now)
	}
	if n := len(b.users); n > maxBesides+1 {
		t.Errorf("%d users", n)
	}
	b.take("late", commands.Talk, now.Add(time.Hour))
	if n := len(b.users); n != 1 {
		t.Errorf("%d users an hour later", n)
	}
}
