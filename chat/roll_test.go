package chat

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRoll tests that a roll has those who have come and not gone, in order, in runs that are neither empty nor long.
func TestRoll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var r roll
	there := make(map[string]*Entry)
	for step := range 30 * maxRun {
		e := &Entry{User: testUser(fmt.Sprintf("%c%d", 'A'+random.IntN(2)*('a'-'A'), random.IntN(8*maxRun)))}
		name := e.User.key()
		switch grows := step < 15*maxRun; {
		case there[name] == nil && (grows || random.IntN(4) == 0):
			r.add(e)
			there[name] = e
		case there[name] != nil && random.IntN(3) == 0:
			r.replace(e)
			there[name] = e
		case there[name] != nil && !grows:
			r.remove(e.User.Name)
			delete(there, name)
		}
		for _, run := range r.runs {
			if len(run) == 0 || len(run) > maxRun {
				t.Fatalf("step %d: a run has %d entries", step, len(run))
			}
		}
		if step%30 != 0 {
			continue
		}
		want := slices.SortedFunc(maps.Values(there), func(a, b *Entry) int {
			return compareNames(a.User.Name, b.User.Name)
		})
		if got := r.all(); !slices.Equal(got, want) {
			t.Fatalf("step %d: there are %d entries, want %d", step, len(got), len(want))
		}
	}
	for name := range there {
		r.remove(name)
	}
	if len(r.all()) != 0 || len(r.runs) != 0 {
		t.Errorf("%d are left", len(r.all()))
	}
}
