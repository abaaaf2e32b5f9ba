package session

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

func addr(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)}) }

// gateTest is a gate in a bubble, where nobody is refused by chance unless told.
func gateTest(t *testing.T, test func(t *testing.T, g *Gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, &Gate{roll: func() int { return 100 }}) })
}

func mustEnter(t *testing.T, g *Gate, from netip.Addr) *visit {
	t.Helper()
	v, err := g.enter(from)
	if err != nil {
		t.Fatalf("enter from %s: %v", from, err)
	}
	return v
}

func wantRefused(t *testing.T, g *Gate, from netip.Addr, want string) {
	t.Helper()
	if v, err := g.enter(from); err == nil || err.Error() != want || !chat.IsRefusal(err) || v != nil {
		t.Errorf("enter from %s: %v, %v, want %q", from, v, err, want)
	}
}

func wantRefusedAny(t *testing.T, g *Gate, from netip.Addr) {
	t.Helper()
	if _, err := g.enter(from); err == nil {
		t.Errorf("%s is let in", from)
	}
}

func TestDropChance(t *testing.T) {
	for _, tt := range []struct{ waiting, want int }{
		{0, 0}, {63, 0}, {64, 30}, {65, 30}, {160, 65}, {255, 99}, {256, 100}, {100_000, 100},
	} {
		if got := dropChance(tt.waiting); got != tt.want {
			t.Errorf("with %d waiting %d in a hundred are refused, want %d", tt.waiting, got, tt.want)
		}
	}
	for waiting := range dropAll + 1 {
		if dropChance(waiting) > dropChance(waiting+1) {
			t.Errorf("the chance falls at %d", waiting)
		}
	}
}

func TestGateDrop(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		g.roll = nil
		in := 0
		for n := range 5000 {
			v, err := g.enter(addr(n))
			switch {
			case err == nil:
				in++
				if n%3 == 0 && in < dropFrom {
					v.loggedIn() // those do not count
					in--
				}
			case !errors.Is(err, chat.ErrManyConnecting):
				t.Fatal(err)
			case in < dropFrom:
				t.Fatalf("refused with %d waiting", in)
			}
		}
		s := g.Stats()
		if s.Waiting != in || in <= dropFrom+20 || in > dropAll || s.Penalties != 0 {
			t.Errorf("%d of 5000 were let in: %+v", in, s)
		}
		if s.Open+int(s.RefusedDrop) != 5000 {
			t.Errorf("%d open and %d refused of 5000", s.Open, s.RefusedDrop)
		}
	})
}

func TestGatePerSource(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		a := addr(1)
		var visits []*visit
		enter := func() { visits = append(visits, mustEnter(t, g, a)) }
		for range maxWaiting {
			enter()
		}
		waiting := "Your address has 4 connections here that are not logged in, and that is as many as one may have. Log in there, or try again in two minutes."
		wantRefused(t, g, a, waiting)
		wantRefused(t, g, netip.AddrFrom16(a.As16()), waiting) // the same, written as IPv6
		mustEnter(t, g, addr(2))
		for range maxOpen - maxWaiting {
			visits[len(visits)-maxWaiting].loggedIn()
			visits[len(visits)-maxWaiting].loggedIn() // again, as a guest who becomes a user
			enter()
		}
		for _, v := range visits {
			v.loggedIn()
		}
		wantRefused(t, g, a, "Your address has 16 connections here, and that is as many as one may have. Close one of them first.")
		visits[0].leave(false)
		enter()
		if s := g.Stats(); s.Open != maxOpen+1 || s.Waiting != 2 || s.RefusedSource != 3 || s.Penalties != 0 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Hour)
		for _, v := range visits[1:] {
			v.loggedIn()
			v.leave(false)
		}
		if s := g.Stats(); s.Open != 1 || s.Sources != 1 || s.Waiting != 1 {
			t.Errorf("when all have left but one: %+v", s)
		}
	})
}

func TestGatePerSourceIPv6(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		for n := range maxWaiting {
			mustEnter(t, g, netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", n)))
		}
		if _, err := g.enter(netip.MustParseAddr("2001:db8::ffff:ffff:ffff:ffff")); !errors.Is(err, chat.ErrManyWaiting) {
			t.Errorf("a neighbour: %v", err)
		}
		mustEnter(t, g, netip.MustParseAddr("2001:db8:0:1::"))
	})
}

func TestGatePenalties(t *testing.T) {
	const refused = "Too many connections from your address did not log in. Please try again in "
	tests := []struct {
		name string
		do   func(t *testing.T, g *Gate, a netip.Addr)
		want string // "" is being let in
	}{
		{"nothing", func(t *testing.T, g *Gate, a netip.Addr) {}, ""},
		{"logged in and left", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 100 {
				v := mustEnter(t, g, a)
				v.loggedIn()
				v.leave(false)
			}
		}, ""},
		{"left without login", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 15 {
				mustEnter(t, g, a).leave(false)
			}
		}, ""},
		{"left without login too often", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 16 {
				mustEnter(t, g, a).leave(false)
			}
		}, refused + "16s."},
		{"slowly", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 1000 {
				mustEnter(t, g, a).leave(false)
				time.Sleep(time.Second)
			}
		}, ""},
		{"late", func(t *testing.T, g *Gate, a netip.Addr) {
			mustEnter(t, g, a).leave(true)
			mustEnter(t, g, a).leave(true)
		}, refused + "20s."},
		{"three passwords wrong on one connection, and then right", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 3 {
				v.failed()
			}
			v.loggedIn()
			v.leave(false)
		}, ""},
		{"four passwords wrong", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.failed()
			}
		}, refused + "20s."},
		{"run out, but not to the end", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.failed()
			}
			time.Sleep(19500 * time.Millisecond)
		}, refused + "1s."},
		{"run out", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.failed()
			}
			time.Sleep(20 * time.Second)
		}, ""},
		{"many", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 10_000 {
				v.failed()
			}
		}, refused + "10m."},
		{"being refused adds nothing", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.failed()
			}
			for range 19 {
				wantRefusedAny(t, g, a)
				time.Sleep(time.Second)
			}
		}, refused + "1s."},
		{"another's", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a.Next())
			for range 100 {
				v.failed()
			}
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gateTest(t, func(t *testing.T, g *Gate) {
				a := addr(1)
				tt.do(t, g, a)
				if tt.want == "" {
					mustEnter(t, g, a)
				} else {
					wantRefused(t, g, a, tt.want)
				}
			})
		})
	}
}

// TestGateBounded tests that a gate remembers no more sources than it may, and forgets in favour of those to come.
func TestGateBounded(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		source := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}) }
		for n := range maxSources {
			mustEnter(t, g, source(n)).leave(true)
		}
		late := mustEnter(t, g, source(maxSources))
		late.failed() // it is connected: that is remembered
		if s := g.Stats(); s.Sources != maxSources+1 || s.Forgotten != 0 {
			t.Errorf("with one connected: %+v", s)
		}
		late.leave(true)
		if s := g.Stats(); s.Sources != maxSources || s.Forgotten != 1 {
			t.Errorf("with one more that has left: %+v", s)
		}
		time.Sleep(penaltyLate)
		mustEnter(t, g, source(maxSources)).leave(true)
		if s := g.Stats(); s.Sources != 1 || s.Forgotten != 1 {
			t.Errorf("when all have run out: %+v", s)
		}
	})
}

// TestGateConcurrent is for the race detector, and tests that nothing is left of visits that are over.
func TestGateConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(Gate)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for range 200 {
					v, err := g.enter(addr(r.IntN(20)))
					if err != nil {
						if !chat.IsRefusal(err) {
							t.Error(err)
						}
						continue
					}
					if r.IntN(2) == 0 {
						v.failed()
					}
					if r.IntN(2) == 0 {
						v.loggedIn()
					}
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
					v.leave(r.IntN(4) == 0)
				}
			})
		}
		wg.Wait()
		if s := g.Stats(); s.Open != 0 || s.Waiting != 0 || s.Sources > 20 {
			t.Errorf("%+v", s)
		}
		time.Sleep(penaltyMost)
		for n := range 20 {
			v := mustEnter(t, g, addr(n))
			v.loggedIn()
			v.leave(false)
		}
		if s := g.Stats(); s.Sources != 0 {
			t.Errorf("at the end: %+v", s)
		}
	})
}

// A nil visit is that of a server without a gate.
func TestNoGate(t *testing.T) {
	var v *visit
	v.loggedIn()
	v.failed()
	v.leave(true)
}
