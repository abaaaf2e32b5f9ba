package budget

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

func TestBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, start := New[string](3, time.Hour), time.Now()
		take := func(key string, want time.Duration) {
			t.Helper()
			if wait := b.Wait(key, time.Since(start)); wait != want {
				t.Errorf("wait(%s) = %v, want %v", key, wait, want)
			}
			if wait, ok := b.Take(key, time.Since(start)); wait != want || ok != (want == 0) {
				t.Errorf("take(%s) = %v, %v, want %v", key, wait, ok, want)
			}
		}
		take("a", 0)
		time.Sleep(10 * time.Minute)
		take("a", 0)
		take("a", 0)
		take("a", 50*time.Minute)
		take("b", 0) // another's bucket
		b.Give("a", time.Since(start))
		take("a", 0)
		take("a", 50*time.Minute)
		time.Sleep(50*time.Minute - 1)
		take("a", 1)
		time.Sleep(time.Nanosecond)
		take("a", 0) // the first has come back, the others not
		take("a", 10*time.Minute)
		time.Sleep(time.Hour)
		for range 3 {
			take("a", 0)
		}
		take("a", time.Hour)

		b.Give("c", time.Since(start)) // which took none
		b.Give("b", time.Since(start))
		for range 3 {
			take("c", 0)
			b.Give("c", time.Since(start))
		}
		if _, kept := b.taken["c"]; kept {
			t.Error("a full bucket takes memory")
		}
	})
}

// TestBucketsNeverMore tests what a bucket is for: in no period more tokens are taken than it holds, however they are
// asked for.
func TestBucketsNeverMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size, period = 5, time.Minute
		b, start := New[int](size, period), time.Now()
		r := rand.New(rand.NewPCG(1, 2))
		var taken []time.Time
		for range 5000 {
			time.Sleep(time.Duration(r.IntN(10_000)) * time.Millisecond)
			if _, ok := b.Take(0, time.Since(start)); ok {
				taken = append(taken, time.Now())
			}
		}
		if len(taken) < 1000 {
			t.Errorf("only %d were taken", len(taken))
		}
		for i := size; i < len(taken); i++ {
			if d := taken[i].Sub(taken[i-size]); d < period {
				t.Fatalf("%d taken in %v", size+1, d)
			}
		}
	})
}

func TestBucketsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, start := New[int](1, time.Minute), time.Now()
		for key := range maxBuckets {
			if _, ok := b.Take(key, time.Since(start)); !ok {
				t.Fatalf("key %d is refused", key)
			}
		}
		if _, ok := b.Take(-1, time.Since(start)); ok || len(b.taken) != maxBuckets {
			t.Errorf("one key more: %v, %d keys", ok, len(b.taken))
		}
		time.Sleep(time.Minute)
		if _, ok := b.Take(-1, time.Since(start)); !ok || len(b.taken) != 1 {
			t.Errorf("when all are full again: %v, %d keys", ok, len(b.taken))
		}
	})
}
