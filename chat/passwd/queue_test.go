package passwd

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// from returns the address of that number.
func from(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}) }

// A crowd waits in a queue; who gets a slot says so.
type crowd struct {
	*testing.T
	*queue
	all  sync.WaitGroup
	mu   sync.Mutex
	got  []string
	busy []string
}

// comes has somebody called name, from a source, have a hash that takes a second.
func (c *crowd) comes(name string, source int) {
	c.all.Go(func() {
		done, err := c.await(c.Context(), from(source))
		c.mu.Lock()
		if err != nil {
			c.busy = append(c.busy, name)
		} else {
			c.got = append(c.got, name)
		}
		c.mu.Unlock()
		if err == nil {
			time.Sleep(time.Second)
			done()
		}
	})
	synctest.Wait()
}

// TestQueueFair has one source come six times and others once: those are served before most of the six.
func TestQueueFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{T: t, queue: newQueue(1)}
		for _, name := range []string{"a1", "a2", "a3", "a4", "a5", "a6"} {
			c.comes(name, 1)
		}
		c.comes("b1", 2)
		c.comes("b2", 2)
		c.comes("c1", 3)
		time.Sleep(1500 * time.Millisecond) // a2 is served
		c.comes("d1", 4)
		c.all.Wait()
		if got := strings.Join(c.got, " "); got != "a1 a2 b1 c1 d1 a3 b2 a4 a5 a6" {
			t.Errorf("served: %s", got)
		}
		if c.at() != 0 || len(c.sources) != 0 {
			t.Errorf("%d are there at the end, from %d sources", c.at(), len(c.sources))
		}
	})
}

// TestQueueFull fills the queue from one source: who comes from another takes the place of the last.
func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		var turns []*Turn
		for range maxWaiting + 1 {
			turns = append(turns, q.enter(from(1)))
		}
		if slices.Contains(turns, nil) {
			t.Fatal("there is no room before the queue is full")
		}
		if q.enter(from(1)) != nil {
			t.Error("the source that fills the queue may send more")
		}
		other := q.enter(from(2))
		if other == nil {
			t.Fatal("another source finds no room")
		}
		last := turns[maxWaiting]
		select {
		case <-last.Over():
		default:
			t.Error("nobody made room")
		}
		if _, err := q.begin(last, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("who made room: %v", err)
		}
		if number, _ := other.Place(); number != 2 {
			t.Errorf("the other is number %d, want 2", number)
		}
		if q.at() != maxWaiting+1 {
			t.Errorf("%d are there", q.at())
		}
	})
}

// TestQueueSlow tests that nobody waits for longer than the bound.
func TestQueueSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := newQueue(1)
		stuck.enter(from(1))
		start := time.Now()
		if _, err := stuck.await(t.Context(), from(2)); !errors.Is(err, ErrBusy) || time.Since(start) != maxWait {
			t.Errorf("behind a hash that does not end: %v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := stuck.await(ctx, from(2)); !errors.Is(err, context.Canceled) || stuck.at() != 1 {
			t.Errorf("called off: %v, %d are there", err, stuck.at())
		}
	})
}

// TestQueueHurried tests that a crowd is not refused because the hashes of late were slow: they are while it comes.
func TestQueueHurried(t *testing.T) {
	q := newQueue(1)
	q.enter(from(0))
	q.each = time.Second
	for i := range 1000 {
		if q.enter(from(i+1)) == nil {
			t.Fatalf("number %d is refused", i+1)
		}
	}
	if _, about := q.rounds[0].Back().Value.(*Turn).Place(); about != maxWait {
		t.Errorf("the last is told to wait for %v", about)
	}
}

// TestQueuePlace tests what who waits is told, and when.
func TestQueuePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crowd{T: t, queue: newQueue(1)}
		c.each = time.Second
		for i := range 20 {
			c.comes("x", i)
		}
		var told []int
		start := time.Now()
		ctx := context.WithValue(t.Context(), WaitKey{}, Wait(func(ctx context.Context, turn *Turn) error {
			return turn.Await(ctx, func(number int, about time.Duration) error {
				told = append(told, number)
				left := 21*time.Second - time.Since(start)
				if about != (left + time.Second - 1).Truncate(time.Second) {
					t.Errorf("number %d is told %v, %v before the end", number, about, left)
				}
				return nil
			})
		}))
		time.Sleep(time.Millisecond)
		done, err := c.await(ctx, from(99))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		done()
		if !slices.Equal(told, []int{19, 9}) {
			t.Errorf("told %v", told)
		}
		c.all.Wait()
	})
}

// TestQueueComesAndGoes has a source of which one waits come and go again and again: that opens no rounds, and costs it
// no more than its place.
func TestQueueComesAndGoes(t *testing.T) {
	q := newQueue(1)
	q.enter(from(1))
	q.enter(from(2))
	for range 1000 {
		q.leave(q.enter(from(2)))
	}
	again := q.enter(from(2))
	if len(q.rounds) != 2 || again.round != q.first+1 {
		t.Errorf("%d rounds, and a place in round %d of them", len(q.rounds), again.round-q.first)
	}
	if number, _ := again.Place(); number != 2 {
		t.Errorf("who comes again is number %d, want 2", number)
	}
}

// TestQueueAfterPanic tests that a wait that panics keeps no slot: neither if it is over by then nor before.
func TestQueueAfterPanic(t *testing.T) {
	for name, over := range map[string]bool{"waiting": false, "over": true} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(1)
			first, err := q.await(t.Context(), from(1))
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.WithValue(t.Context(), WaitKey{}, Wait(func(_ context.Context, turn *Turn) error {
				if over {
					first()
					<-turn.Over()
				}
				panic("at the terminal")
			}))
			func() {
				defer func() {
					if recover() == nil {
						t.Error("nobody learns of the panic")
					}
				}()
				_, _ = q.await(ctx, from(2))
			}()
			if !over {
				first()
			}
			if q.at() != 0 || q.free != 1 {
				t.Errorf("%d are there, and %d slots are free", q.at(), q.free)
			}
		})
	}
}

// TestQueueAnyOrder has sources come, wait, leave and be served in any order: a slot is never lost, nor given twice,
// and of those who wait nobody is forgotten.
func TestQueueAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(rapid.IntRange(1, 3).Draw(t, "slots"))
		var waiting []*Turn
		var working int
		look := func() {
			waiting = slices.DeleteFunc(waiting, func(turn *Turn) bool {
				if !turn.got {
					return false
				}
				working++
				return true
			})
			sum := 0
			for _, s := range q.sources {
				sum += s.n
			}
			if q.free != q.slots-working || q.waiting != len(waiting) || sum != len(waiting) ||
				q.free > 0 && len(waiting) > 0 {
				t.Fatalf("%d work and %d wait: %+v", working, len(waiting), q)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"come": func(t *rapid.T) {
				turn := q.enter(from(rapid.IntRange(1, 4).Draw(t, "source")))
				if turn == nil {
					t.Fatal("refused")
				}
				waiting = append(waiting, turn)
				look()
			},
			"leave": func(t *rapid.T) {
				if len(waiting) == 0 {
					t.Skip("nobody waits")
				}
				i := rapid.IntRange(0, len(waiting)-1).Draw(t, "who")
				if _, err := q.begin(waiting[i], context.Canceled); !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				waiting = slices.Delete(waiting, i, i+1)
				look()
			},
			"end": func(t *rapid.T) {
				if working == 0 {
					t.Skip("nobody works")
				}
				working--
				q.end(time.Second)
				look()
			},
		})
	})
}
