package chat

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var elsewhere = netip.MustParseAddr("192.0.2.9")

func linkOf(t testing.TB, n *Node, p *Presence) string {
	t.Helper()
	code, err := n.Link(t.Context(), p, LinkLasts)
	must(t, err)
	if !IsLinkCode(code) || n.checkName(code) == nil {
		t.Errorf("the code %q could be a name", code)
	}
	return code
}

func mustCode(t testing.TB) string {
	code, err := newLinkCode(rand.Reader)
	must(t, err)
	return code
}

func TestLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := holding(t)
		alice, bob, at := tea(t, n)
		code := linkOf(t, n, alice)
		u, err := n.Redeem(t.Context(), " "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), elsewhere)
		must(t, err)
		there := new(seat)
		p, _, err := n.Enter(t.Context(), u, there)
		must(t, err)
		wantErr(t, at.ended(), ErrMoved)
		if p != alice || !alice.Linked() || alice.Linked() {
			t.Error("the seat has not moved")
		}
		for name, spoil := range map[string]func(code string){
			"used":     func(code string) { _, err := n.Redeem(t.Context(), code, elsewhere); must(t, err) },
			"too old":  func(string) { time.Sleep(LinkLasts) },
			"replaced": func(string) { linkOf(t, n, alice) },
			"of another password": func(string) {
				must(t, n.SetPassword(t.Context(), AtConsole(), "alice", "another one"))
			},
		} {
			code := linkOf(t, n, alice)
			spoil(code)
			_, err := n.Redeem(t.Context(), code, netip.Addr{})
			if wantErr(t, err, ErrNoLink); err == nil {
				t.Error(name)
			}
			time.Sleep(time.Hour)
		}
		code = linkOf(t, n, alice)
		n.Quit(t.Context(), alice, there)
		_, err = n.Redeem(t.Context(), code, elsewhere)
		wantErr(t, err, ErrNoLink)
		readAll(bob)
		g, _ := guest(t, n)
		_, err = n.Link(t.Context(), g, LinkLasts)
		wantErr(t, err, ErrLinkGuest)
	})
}

// TestLinkOnce has many use one code at once.
func TestLinkOnce(t *testing.T) {
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	code := linkOf(t, n, alice)
	var all sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for i := range 20 {
		all.Go(func() {
			_, err := n.Redeem(t.Context(), code, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
			if mu.Lock(); err == nil {
				got++
			}
			mu.Unlock()
		})
	}
	if all.Wait(); got != 1 {
		t.Errorf("%d got in by one code", got)
	}
}

// TestLinkGuesses guesses codes from one source: no more than passwords, and others are not kept out.
func TestLinkGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{Exempt: Sources{}})
		alice, _ := come(t, n, "alice")
		refused := 0
		for range 100 {
			if _, err := n.Redeem(t.Context(), mustCode(t), elsewhere); errors.Is(err, ErrManyTries) {
				refused++
			}
		}
		if refused < 80 {
			t.Errorf("%d of 100 guesses were looked at", 100-refused)
		}
		for i := range byte(100) { // nor do many together use up what others may try
			_, _ = n.Redeem(t.Context(), mustCode(t), netip.AddrFrom4([4]byte{192, 0, 2, i}))
		}
		_, err := n.Redeem(t.Context(), linkOf(t, n, alice), netip.MustParseAddr("198.51.100.1"))
		must(t, err)
	})
}

func TestTakeOverWar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := holding(t)
		p, at := come(t, n, "alice")
		for i := range MaxTakeOvers {
			_, next := login(t, n, "alice")
			if wantErr(t, at.ended(), ErrMoved); t.Failed() {
				t.Fatalf("take-over %d", i)
			}
			at = next
		}
		late := new(seat)
		_, _, err := n.Login(t.Context(), "alice", secretOf("alice"), late)
		wantErr(t, err, ErrTakenOften)
		if at.ended() != nil {
			t.Error("the seat has moved all the same")
		}
		// Who has lost the connection meanwhile fights with nobody.
		n.Lose(t.Context(), p, at)
		_, _, err = n.Login(t.Context(), "alice", secretOf("alice"), late)
		must(t, err)
		time.Sleep(TakeOverTime)
		for range 20 { // three a minute go on for ever
			login(t, n, "alice")
			time.Sleep(20 * time.Second)
		}
	})
}
