package doors

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func addr(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)}) }

// gateTest is a gate in a bubble, where nobody is refused by chance unless told.
func gateTest(t *testing.T, test func(t *testing.T, g *Gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, &Gate{roll: func() int { return 100 }}) })
}

// mustEnter lets somebody in who is heard at once.
func mustEnter(t *testing.T, g *Gate, from netip.Addr) *Pass {
	t.Helper()
	p := mustEnterSilent(t, g, from)
	p.Sent()
	return p
}

func mustEnterSilent(t *testing.T, g *Gate, from netip.Addr) *Pass {
	t.Helper()
	p, err := g.enter(from, nil)
	if err != nil {
		t.Fatalf("enter from %s: %v", from, err)
	}
	p.OnExpel(func(error) {})
	return p
}

func wantRefused(t *testing.T, g *Gate, from netip.Addr, want Refusal) {
	t.Helper()
	if p, err := g.enter(from, nil); err != want || p != nil {
		t.Errorf("enter from %s: %v, %#v, want %#v", from, p, err, want)
	}
}

func wantRefusedAny(t *testing.T, g *Gate, from netip.Addr) {
	t.Helper()
	if _, err := g.enter(from, nil); err == nil {
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
	for waiting := range maxNew + 1 {
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
			v, err := g.enter(addr(n), nil)
			switch {
			case err == nil:
				in++
				v.Sent()
				if n%3 == 0 && in < dropFrom {
					v.LoggedIn() // those do not count
					in--
				}
			case err != error(Refusal{Reason: Crowded}):
				t.Fatal(err)
			case in < dropFrom:
				t.Fatalf("refused with %d waiting", in)
			}
		}
		s := g.Stats()
		if s.New != in || in <= dropFrom+20 || in > maxNew || s.Penalties != 0 {
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
		var passes []*Pass
		enter := func() { passes = append(passes, mustEnter(t, g, a)) }
		for range maxNewOfSource {
			enter()
		}
		waiting := Refusal{Reason: ManyNew, Limit: 4}
		wantRefused(t, g, a, waiting)
		mustEnter(t, g, addr(2))
		for range maxOfSource - maxNewOfSource {
			passes[len(passes)-maxNewOfSource].LoggedIn()
			passes[len(passes)-maxNewOfSource].LoggedIn() // again, as a guest who becomes a user
			enter()
		}
		for _, v := range passes {
			v.LoggedIn()
		}
		wantRefused(t, g, a, Refusal{Reason: ManyOpen, Limit: 16})
		passes[0].leave()
		enter()
		if s := g.Stats(); s.Open != maxOfSource+1 || s.New != 2 || s.RefusedSource != 2 || s.Penalties != 0 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Hour)
		for _, v := range passes[1:] {
			v.LoggedIn()
			v.leave()
		}
		if s := g.Stats(); s.Open != 1 || s.Sources != 1 || s.New != 1 {
			t.Errorf("when all have left but one: %+v", s)
		}
	})
}

// TestGateSourceOf tests that what counts as one source is for the gate's owner to say, and that all that is unknown is
// one.
func TestGateSourceOf(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		g.SourceOf = func(a netip.Addr) netip.Addr {
			network, _ := a.Prefix(64)
			return network.Addr()
		}
		for n := range maxNewOfSource {
			mustEnter(t, g, netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", n)))
		}
		wantRefused(t, g, netip.MustParseAddr("2001:db8::ffff:ffff:ffff:ffff"), Refusal{Reason: ManyNew, Limit: 4})
		mustEnter(t, g, netip.MustParseAddr("2001:db8:0:1::"))
	})
	gateTest(t, func(t *testing.T, g *Gate) {
		for range maxNewOfSource {
			mustEnter(t, g, netip.Addr{})
		}
		wantRefused(t, g, netip.Addr{}, Refusal{Reason: ManyNew, Limit: 4})
		mustEnter(t, g, addr(1))
	})
}

func TestGatePenalties(t *testing.T) {
	refused := func(d time.Duration) Refusal { return Refusal{Reason: Penalty, Wait: d} }
	none := Refusal{}
	tests := []struct {
		name string
		do   func(t *testing.T, g *Gate, a netip.Addr)
		want Refusal // none is being let in
	}{
		{"nothing", func(t *testing.T, g *Gate, a netip.Addr) {}, none},
		{"logged in and left", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 100 {
				v := mustEnter(t, g, a)
				v.LoggedIn()
				v.leave()
			}
		}, none},
		{"left without login", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 15 {
				mustEnter(t, g, a).leave()
			}
		}, none},
		{"left without login too often", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 16 {
				mustEnter(t, g, a).leave()
			}
		}, refused(16 * time.Second)},
		{"left without a byte, as one that only looks whether the port is open",
			func(t *testing.T, g *Gate, a netip.Addr) {
				for range 1000 {
					mustEnterSilent(t, g, a).leave()
					time.Sleep(time.Second / 2)
				}
			}, none},
		{"silent, and sent away when others came", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 100 {
				p := mustEnterSilent(t, g, a)
				g.mu.Lock()
				expel := g.makeRoomLocked(time.Now())
				g.mu.Unlock()
				expel(Refusal{Reason: MadeRoom})
				p.leave()
			}
		}, none},
		{"slowly", func(t *testing.T, g *Gate, a netip.Addr) {
			for range 1000 {
				mustEnter(t, g, a).leave()
				time.Sleep(time.Second)
			}
		}, none},
		{"late", func(t *testing.T, g *Gate, a netip.Addr) {
			leaveLate(mustEnter(t, g, a))
			leaveLate(mustEnter(t, g, a))
		}, refused(20 * time.Second)},
		{"three passwords wrong on one connection, and then right", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 3 {
				v.Failed()
			}
			v.LoggedIn()
			v.leave()
		}, none},
		{"four passwords wrong", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.Failed()
			}
		}, refused(20 * time.Second)},
		{"run out, but not to the end", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.Failed()
			}
			time.Sleep(19500 * time.Millisecond)
		}, refused(1 * time.Second)},
		{"run out", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.Failed()
			}
			time.Sleep(20 * time.Second)
		}, none},
		{"many", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 10_000 {
				v.Failed()
			}
		}, refused(10 * time.Minute)},
		{"being refused adds nothing", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a)
			for range 4 {
				v.Failed()
			}
			for range 19 {
				wantRefusedAny(t, g, a)
				time.Sleep(time.Second)
			}
		}, refused(1 * time.Second)},
		{"another's", func(t *testing.T, g *Gate, a netip.Addr) {
			v := mustEnter(t, g, a.Next())
			for range 100 {
				v.Failed()
			}
		}, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gateTest(t, func(t *testing.T, g *Gate) {
				a := addr(1)
				tt.do(t, g, a)
				if tt.want == none {
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
			leaveLate(mustEnter(t, g, source(n)))
		}
		late := mustEnter(t, g, source(maxSources))
		late.Failed() // it is connected: that is remembered
		if s := g.Stats(); s.Sources != maxSources+1 || s.Forgotten != 0 {
			t.Errorf("with one connected: %+v", s)
		}
		leaveLate(late)
		if s := g.Stats(); s.Sources != maxSources || s.Forgotten != 1 {
			t.Errorf("with one more that has left: %+v", s)
		}
		time.Sleep(penaltyLate)
		leaveLate(mustEnter(t, g, source(maxSources)))
		if s := g.Stats(); s.Sources != 1 || s.Forgotten != 1 {
			t.Errorf("when all have run out: %+v", s)
		}
	})
}

// TestGateConcurrent is for the race detector, and tests that nothing is left of passes that are over.
func TestGateConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(Gate)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(1, uint64(i)))
				for range 200 {
					v, err := g.enter(addr(r.IntN(20)), nil)
					if err != nil {
						if _, refused := errors.AsType[Refusal](err); !refused {
							t.Error(err)
						}
						continue
					}
					v.OnExpel(func(error) {})
					if r.IntN(2) == 0 {
						v.Sent()
					}
					if r.IntN(2) == 0 {
						v.Failed()
					}
					if r.IntN(2) == 0 {
						v.LoggedIn()
					}
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
					if r.IntN(4) == 0 {
						v.Late()
					}
					v.leave()
					v.closed()
				}
			})
		}
		wg.Wait()
		if s := g.Stats(); s.Open != 0 || s.New != 0 || s.Sources > 20 {
			t.Errorf("%+v", s)
		}
		time.Sleep(penaltyMost)
		for n := range 20 {
			v := mustEnter(t, g, addr(n))
			v.LoggedIn()
			v.leave()
		}
		if s := g.Stats(); s.Sources != 0 {
			t.Errorf("at the end: %+v", s)
		}
	})
}

// TestGateMakesRoom tests that silent connections, however many, keep nobody out, and that it is the oldest of them
// that goes.
func TestGateMakesRoom(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		g.roll = nil
		var gone []int
		for n := range 2000 {
			p, err := g.enter(addr(n), nil)
			if err != nil {
				t.Fatalf("connection %d: %v", n, err)
			}
			p.OnExpel(func(reason error) {
				if reason != error(Refusal{Reason: MadeRoom}) {
					t.Errorf("%d goes: %v", n, reason)
				}
				gone = append(gone, n)
			})
		}
		for i, n := range gone {
			if i != n {
				t.Fatalf("%d goes as number %d", n, i)
			}
		}
		s := g.Stats()
		if len(gone) != 2000-maxNew || s.MadeRoom != uint64(len(gone)) || s.New != maxNew || s.Silent != maxNew ||
			s.Penalties != 0 {
			t.Errorf("%d are gone: %+v", len(gone), s)
		}
		// Who made room does not push others out by coming again, for a minute.
		wantRefused(t, g, addr(0), Refusal{Reason: Crowded})
		time.Sleep(time.Minute)
		mustEnterSilent(t, g, addr(0))
		// Who has sent something stays, and so does who has logged in.
		talks, user := mustEnter(t, g, addr(3000)), mustEnterSilent(t, g, addr(3001))
		user.LoggedIn()
		for n := range 2000 {
			mustEnterSilent(t, g, addr(4000+n))
		}
		if talks.expelled || user.expelled {
			t.Error("one that is not silent makes room")
		}
	})
}

// TestGateExpelsAtOnce tests that one who has to go before its handler has begun goes when it does.
func TestGateExpelsAtOnce(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		client, server := net.Pipe()
		defer client.Close()
		p, err := g.enter(addr(1), server)
		if err != nil {
			t.Fatal(err)
		}
		for n := range maxNew {
			mustEnterSilent(t, g, addr(2+n))
		}
		if _, err := server.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("it is not closed: %v", err)
		}
		var reason error
		p.OnExpel(func(err error) { reason = err })
		if reason != error(Refusal{Reason: MadeRoom}) {
			t.Errorf("the handler is told %v", reason)
		}
	})
}

func TestGateFull(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		g.MaxConns = 3
		g.Exempt = func(a netip.Addr) bool { return a == addr(7) }
		var in []*Pass
		for _, a := range []netip.Addr{addr(7), addr(7), addr(1)} {
			in = append(in, mustEnter(t, g, a))
		}
		for _, a := range []netip.Addr{addr(7), addr(2)} {
			wantRefused(t, g, a, Refusal{Reason: Full})
		}
		in[0].leave() // that alone frees no descriptor
		wantRefused(t, g, addr(2), Refusal{Reason: Full})
		in[0].closed()
		mustEnter(t, g, addr(2))
		if s := g.Stats(); s.Conns != 3 || s.Open != 2 || s.RefusedFull != 3 {
			t.Errorf("%+v", s)
		}
	})
}

// TestGateExempt tests that nothing but the number of all connections concerns who is exempt, and that it concerns
// nobody else.
func TestGateExempt(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		g.Exempt = func(a netip.Addr) bool { return a == addr(7) }
		for range 1000 {
			p := mustEnter(t, g, addr(7))
			p.Failed()
			p.Late()
		}
		if s := g.Stats(); s.Conns != 1000 || s.Open != 0 || s.New != 0 || s.Sources != 0 || s.Penalties != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A Pass without a gate, or of no gate, only looks at what is said first.
func TestNoGate(t *testing.T) {
	p, err := (*Gate)(nil).enter(addr(1), nil)
	if err != nil || p.Source() != addr(1) {
		t.Fatal(p, err)
	}
	for range 2 {
		p.OnExpel(func(error) { t.Error("expelled") })
		p.LoggedIn()
		p.Failed()
		p.Late()
	}
	enough, err := p.Heard([]byte("SSH-2.0-x\r\n"))
	if !enough || err != error(Refusal{Reason: NotSpoken, Protocol: "SSH"}) {
		t.Errorf("%v, %v", enough, err)
	}
	if !p.leave() {
		t.Error("nobody waits for what was written last")
	}
	p.closed()
}

func leaveLate(p *Pass) {
	p.Late()
	p.leave()
}

// TestGateWaits has as many wait for their passwords to be checked as may be there without having logged in: others are
// let in. Those who have waited count again, and who leaves meanwhile has left without having logged in.
func TestGateWaits(t *testing.T) {
	gateTest(t, func(t *testing.T, g *Gate) {
		var waiting []*Pass
		for n := range 2 * maxNew {
			p := mustEnter(t, g, addr(n))
			p.Waits(true)
			waiting = append(waiting, p)
		}
		for range maxOfSource - 1 {
			mustEnter(t, g, addr(0)).Waits(true)
		}
		wantRefused(t, g, addr(0), Refusal{Reason: ManyOpen, Limit: maxOfSource})
		if s := g.Stats(); s.New != 0 || s.Open != 2*maxNew+maxOfSource-1 {
			t.Errorf("while all wait: %+v", s)
		}
		for _, p := range waiting[:maxNew] {
			p.Waits(false)
		}
		g.roll = func() int { return 99 }
		wantRefused(t, g, addr(5000), Refusal{Reason: Crowded})
		for _, p := range waiting[:maxNew] {
			p.LoggedIn()
			p.Waits(false) // it is over for those who are in as well
			p.leave()
		}
		if s := g.Stats(); s.New != 0 || s.Penalties != 0 {
			t.Errorf("when half have logged in, and left: %+v", s)
		}
		for _, p := range waiting[maxNew:] {
			p.leave()
			p.Waits(false)
		}
		if s := g.Stats(); s.New != 0 || s.Penalties != maxNew {
			t.Errorf("when the others have left: %+v", s)
		}
	})
}
