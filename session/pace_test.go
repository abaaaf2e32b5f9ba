package session

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/commands"
)

func TestPacing(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name string
		pace commands.Pace
		gaps []time.Duration // between the end of one wait and the next use
		want []time.Duration
	}{
		{"talk in one go", commands.Talk, make([]time.Duration, 8),
			[]time.Duration{0, 0, 0, 0, 0, s / 2, s / 2, s / 2}},
		{"talk at its pace", commands.Talk, []time.Duration{s / 2, s / 2, s / 2, s / 2, s / 2, s / 2, s / 2, s / 2},
			make([]time.Duration, 8)},
		{"talk after a rest", commands.Talk, []time.Duration{0, 0, 0, 0, 0, 0, time.Hour, 0, 0, 0, 0, 0},
			[]time.Duration{0, 0, 0, 0, 0, s / 2, 0, 0, 0, 0, 0, s / 2}},
		{"talk after a short rest", commands.Talk, []time.Duration{0, 0, 0, 0, 0, s, 0, 0},
			[]time.Duration{0, 0, 0, 0, 0, 0, 0, s / 2}},
		{"shouts", commands.Shout, make([]time.Duration, 5), []time.Duration{0, 0, 5 * s, 5 * s, 5 * s}},
		{"all lines", commands.Unpaced, make([]time.Duration, 103),
			append(make([]time.Duration, 100), s/50, s/50, s/50)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p pacing
			now := time.Now()
			for i, want := range tt.want {
				now = now.Add(tt.gaps[i])
				got := p.take(tt.pace, now)
				if got != want {
					t.Errorf("use %d waits %v, want %v", i, got, want)
				}
				now = now.Add(got)
			}
		})
	}
}

// TestPacingNeverMore tests that in no span of time more is said than the pace allows.
func TestPacingNeverMore(t *testing.T) {
	for _, pace := range []commands.Pace{commands.Talk, commands.Shout, commands.Unpaced} {
		var p pacing
		r := rand.New(rand.NewPCG(1, uint64(pace)))
		now := time.Now()
		var said []time.Time
		for range 2000 {
			now = now.Add(time.Duration(r.ExpFloat64() * float64(paces[pace].every)))
			now = now.Add(p.take(pace, now))
			said = append(said, now)
		}
		for i := range said {
			for j := i + 1; j < len(said) && j < i+150; j++ {
				most := paces[pace].burst + int(said[j].Sub(said[i])/paces[pace].every)
				if n := j - i + 1; n > most {
					t.Fatalf("pace %d: %d uses in %v", pace, n, said[j].Sub(said[i]))
				}
			}
		}
	}
}

// TestLinesArePaced tests that lines that nobody else hears are paced too, that all of them are done, and that Ctrl-C
// calls off those that wait.
func TestLinesArePaced(t *testing.T) {
	count := 0
	counted := commands.Command{Name: "counted", Usage: "counted", Pace: commands.Unpaced,
		Needs: commands.Nothing, Run: func(context.Context, *commands.Call) error { count++; return nil }}
	for _, tt := range []struct {
		name        string
		source      netip.Addr
		then        string
		first, last int
	}{
		{"paced", faraway, "", 100, 200},
		{"exempt", nearby, "", 200, 200},
		{"called off", faraway, "\x03", 100, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside(t, func(t *testing.T) {
				count = 0
				h := newHouse(t, counted)
				f := newFake()
				f.keys = true
				g := h.comes(f, f, tt.source)
				g.types("guest\n")
				h.sees(g, ":0> ")
				g.types(strings.Repeat("counted\n", 200))
				if count != tt.first {
					t.Errorf("%d lines are done at once, want %d", count, tt.first)
				}
				g.types(tt.then)
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if count != tt.last {
					t.Errorf("%d lines are done after two seconds, want %d", count, tt.last)
				}
			})
		})
	}
}
