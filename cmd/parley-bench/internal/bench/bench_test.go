//go:build linux

package bench

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/chat"
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

// TestListen tests that lines are found whatever the pieces they come in, and that what is missing or comes twice is
// noticed.
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

// TestUnless tests that a refusal is found in whatever pieces it comes, and only if it comes first.
func TestUnless(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Welcome.\r\n<bench0:0> ", `in after "Welcome.\n"`},
		{"Sorry.\r\n" + usernamePrompt, `refused after "Sorry.\n"`},
		{"<bench0:0> " + usernamePrompt, `in after ""`},
		{usernamePrompt + "<bench0:0> ", `refused after ""`},
		{"<bench0:", ""},
	} {
		for size := 1; size <= len(tt.text); size++ {
			got := ""
			note := func(what string) func(*user, string) {
				return func(_ *user, before string) { got += fmt.Sprintf("%s after %q", what, before) }
			}
			u := &user{mode: modeLine}
			u.await("<bench0:0> ", note("in"))
			u.unless(usernamePrompt, note("refused"))
			for piece := range slices.Chunk([]byte(tt.text), size) {
				u.converse(piece)
			}
			if got != tt.want {
				t.Fatalf("%q in pieces of %d: %q, want %q", tt.text, size, got, tt.want)
			}
		}
	}
}

// TestMultiply tests that an export of one account becomes one of many, which Parley takes in.
func TestMultiply(t *testing.T) {
	const hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	export := `{"export":"parley accounts","version":1}` + "\n" +
		`{"name":"bench0","hash":"` + hash + `","registered":"2000-01-01T00:00:00Z"}` + "\n" +
		`{"accounts":1,"sha256":"x"}` + "\n"
	many, err := multiply([]byte(export), 12)
	if err != nil {
		t.Fatal(err)
	}
	store, added := chat.NewMemoryStore(), 0
	node := chat.New(chat.Options{Store: store})
	defer node.Close()
	err = node.Import(t.Context(), bytes.NewReader(many), func(one chat.Imported) {
		if !one.Added {
			t.Errorf("%s: %v", one.Name, one.Err)
		}
		added++
	})
	if err != nil || added != 12 {
		t.Errorf("%d added, %v", added, err)
	}
	for _, bad := range []string{"", "x\n", "x\ny\n"} {
		if _, err := multiply([]byte(bad), 1); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// TestUnheard tests that lines count that somebody who reads has still to hear, in that user's own room.
func TestUnheard(t *testing.T) {
	b := &Bench{Rooms: 2, Speakers: 2, Users: 6}
	c := &chatter{run: &run{Bench: b}, speakers: []*speaker{{said: 5}, {said: 7}}}
	for _, u := range []user{
		{next: []uint32{5}},          // has heard all
		{next: []uint32{0, 4}},       // all but 3
		{},                           // nothing: 5
		{next: []uint32{0, 7}},       // all
		{deaf: true},                 // does not count
		{next: []uint32{0, 1, 0, 0}}, // all but 6
	} {
		c.run.users = append(c.run.users, &u)
	}
	if got := c.unheard(); got != 3+5+6 {
		t.Errorf("%d lines", got)
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
		"hardly any lines":        func(b *Bench) { b.Rate = 1e-9 },
		"a rate that is none":     func(b *Bench) { b.Rate = math.NaN() },
		"more users than files":   func(b *Bench) { b.Users = 1 << 30 },
		"login with a baseline":   func(b *Bench) { b.Scenario, b.Baseline = "login", true },
		"login with keys":         func(b *Bench) { b.Scenario, b.Mode = "login", "keys" },
		"login somewhere else":    func(b *Bench) { b.Scenario, b.Server = "login", "127.0.0.1:4000" },
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
