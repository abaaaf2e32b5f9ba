package doors

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"parley/internal/rawconn"
)

// crowded is a gate at which as many as may be there, and have sent something, are not logged in. Sources from 10000 on
// are known.
func crowded(t *testing.T, g *Gate) {
	t.Helper()
	g.roll = func() int { return 99 }
	first := addr(10_000)
	g.Known = func(a netip.Addr) bool { return !a.Less(first) }
	for n := range maxNew {
		mustEnterSilent(t, g, addr(n))
	}
	g.mu.Lock()
	for g.silent.Len() > 0 {
		g.heardLocked(g.silent.Front().Value.(*Pass))
	}
	g.mu.Unlock()
	wantRefused(t, g, addr(1000), Refusal{Reason: Crowded})
}

// TestGateKnown has a crowd come back from sources that are known while strangers have taken all places: all are let
// in. They take no place of strangers, and each source has its bounds.
func TestGateKnown(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		crowded(t, g)
		var back []*Pass
		for n := range 2000 {
			p := mustEnterSilent(t, g, addr(10_000+n))
			p.OnExpel(func(error) { t.Errorf("number %d of those who are back makes room", n) })
			if n%2 == 0 {
				p.Sent()
			}
			back = append(back, p)
		}
		if s := g.Stats(); s.New != maxNew+2000 || s.Known != 2000 || s.Silent != 0 {
			t.Errorf("when all are back: %+v", s)
		}
		for range maxNewOfSource - 1 {
			mustEnterSilent(t, g, addr(10_000)).Waits(true)
			mustEnter(t, g, addr(10_001))
		}
		wantRefused(t, g, addr(10_001), Refusal{Reason: ManyNew, Limit: maxNewOfSource})
		for range 4 {
			back[0].Failed()
		}
		wantRefused(t, g, addr(10_000), Refusal{Reason: Penalty, Wait: 20 * time.Second})
		for _, p := range back {
			p.Waits(true)
			p.Waits(false)
			p.LoggedIn()
		}
		if s := g.Stats(); s.New != maxNew+maxNewOfSource-1 || s.Known != maxNewOfSource-1 {
			t.Errorf("when they have logged in: %+v", s)
		}
		wantRefused(t, g, addr(1000), Refusal{Reason: Crowded})
	})
}

// TestGateKnownBounded tests that those who are known have so many places and no more, and are strangers then.
func TestGateKnownBounded(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		crowded(t, g)
		var back []*Pass
		for n := range maxKnown {
			back = append(back, mustEnterSilent(t, g, addr(10_000+n)))
		}
		wantRefused(t, g, addr(20_000), Refusal{Reason: Crowded})
		back[0].leave()
		mustEnter(t, g, addr(20_000)).leave()
		mustEnterSilent(t, g, addr(20_001)).leave()
		for _, p := range back {
			p.leave()
		}
		// One who has sent something and left without having logged in is punished, and nobody else.
		if s := g.Stats(); s.New != maxNew || s.Known != 0 || s.Open != maxNew || s.Penalties != 1 {
			t.Errorf("when all have left: %+v", s)
		}
	})
}

// TestGateKnownStays tests that one who fetched, or came by a proxy, is known or not like all others.
func TestGateKnownStays(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		crowded(t, g)
		p := mustEnter(t, g, addr(10_000))
		p.Fetches()
		if err := p.Stays(); err != nil {
			t.Error(err)
		}
		for from, want := range map[netip.Addr]error{addr(10_001): nil, addr(1000): Refusal{Reason: Crowded}} {
			client, server := net.Pipe()
			defer client.Close()
			p, err := g.enter(addr(5), &forwarding{rawconn.Of(server)})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.From(from); err != want {
				t.Errorf("from %s by a proxy: %v, want %v", from, err, want)
			}
		}
		if s := g.Stats(); s.New != maxNew+2 || s.Known != 2 {
			t.Errorf("%+v", s)
		}
	})
}
