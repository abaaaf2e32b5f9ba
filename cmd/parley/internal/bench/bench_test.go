//go:build linux

package bench

import (
	"strings"
	"testing"
	"time"
)

func TestHistogram(t *testing.T) {
	var h histogram
	if got := h.quantile(0.5); got != 0 {
		t.Errorf("empty: %v", got)
	}
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for _, tt := range []struct {
		part float64
		want time.Duration
	}{{0, time.Microsecond}, {0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}, {1, time.Millisecond}} {
		if got := h.quantile(tt.part); got < tt.want*31/32 || got > tt.want*33/32 {
			t.Errorf("quantile %v is %v, want %v", tt.part, got, tt.want)
		}
	}
	if h.max != time.Millisecond {
		t.Errorf("max %v", h.max)
	}
}

func TestBuckets(t *testing.T) {
	before := -1
	for _, v := range []uint64{0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 1 << 20, 1<<63 - 1} {
		b := bucket(v)
		if b < before || b >= len(histogram{}.counts) {
			t.Errorf("%d is in bucket %d, after %d", v, b, before)
		}
		before = b
		if m := middle(b); m > v+v/16+1 || m+m/16+1 < v {
			t.Errorf("%d is in bucket %d, around %d", v, b, m)
		}
	}
}

// TestListen tests that lines are found whatever the pieces they come in, and that what is missing or comes twice is noticed.
func TestListen(t *testing.T) {
	text := "\r\n[Room 0] *guest7*: " + spoken(0, 0, 60) + "\r\n<guest9:0> \r\x1b[Jx " + spoken(12, 0, 20) + "\r\n" +
		spoken(0, 1, 100) + spoken(0, 3, 50) + spoken(0, 3, 50) + "\r\n"
	for size := 1; size <= len(text); size++ {
		u := new(user)
		var c tally
		var kept []byte
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			data := append(kept, rest[:n]...)
			rest, u.tail = rest[n:], nil
			u.listen(data, func(speaker int, number uint32) { c.count(u, speaker, number) })
			kept = u.tail
		}
		if c != (tally{heard: 5, lost: 1, disorder: 1}) {
			t.Fatalf("in pieces of %d: %+v", size, c)
		}
	}
}

func TestSpoken(t *testing.T) {
	for _, size := range []int{20, 21, 100, 1000} {
		if got := spoken(3, 4_000_000_000, size); len(got) != size || strings.Count(got, string(mark)) != 1 {
			t.Errorf("%d bytes for %d: %q", len(got), size, got)
		}
	}
}

func TestReport(t *testing.T) {
	var r report
	for i, v := range []float64{3, 1, 2} {
		r.add(parleyName, []figure{{"cost", "µs", v}, {"lost", "", 0}})
		r.add(baselineName, []figure{{"cost", "µs", float64(i + 1)}, {"lost", "", 0}})
	}
	var out strings.Builder
	if err := r.writeTable(&out, &Bench{Scenario: "room", Baseline: true}); err != nil {
		t.Fatal(err)
	}
	want := `      room  parley  baseline  ratio
  cost, µs       2         2   0.67
      lost       0         0      -
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCheck(t *testing.T) {
	good := Bench{Scenario: "room", Users: 10, Rooms: 3, Rounds: 1, Size: 100, For: time.Second, Mode: "line"}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	if good.Speakers != 3 {
		t.Errorf("%d speakers for 3 rooms", good.Speakers)
	}
	for name, change := range map[string]func(*Bench){
		"no users":                func(b *Bench) { b.Users = 0 },
		"more rooms than users":   func(b *Bench) { b.Rooms = 11 },
		"short lines":             func(b *Bench) { b.Size = 10 },
		"no time":                 func(b *Bench) { b.For = 0 },
		"slow without a rate":     func(b *Bench) { b.Scenario = "slow" },
		"slow with a baseline":    func(b *Bench) { b.Scenario, b.Rate, b.Baseline = "slow", 1, true },
		"a server that is no one": func(b *Bench) { b.Server = "localhost" },
		"somebody else's server":  func(b *Bench) { b.Server = "192.0.2.1:4000" },
	} {
		b := good
		change(&b)
		if b.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
