package chat

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMembers compares members with a slice that is sorted, through many changes, and looks whether what was before has
// stayed.
func TestMembers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var m Members
	var want []User
	for step := range 20 * maxRun {
		u := testUser(fmt.Sprintf("%c%d", 'A'+random.IntN(2)*('a'-'A'), random.IntN(8*maxRun)))
		before, had := m, slices.Clone(want)
		i, found := slices.BinarySearchFunc(want, u, func(a, b User) int {
			return cmp.Compare(FoldName(a.Name), FoldName(b.Name))
		})
		var changed bool
		// More come than go at first, then more go than come.
		if come := random.IntN(4) > 0; come == (step < 10*maxRun) {
			if m, changed = m.with(u); changed == found {
				t.Fatalf("with %s: added %v, although it was there: %v", u.Name, changed, found)
			}
			if !found {
				want = slices.Insert(want, i, u)
			}
		} else {
			if m, changed = m.without(u); changed != found {
				t.Fatalf("without %s: removed %v, although it was there: %v", u.Name, changed, found)
			}
			if found {
				want = slices.Delete(want, i, i+1)
			}
		}
		if !slices.Equal(slices.Collect(m.All()), want) || m.Len() != len(want) {
			t.Fatalf("step %d, %s: the members are not what they should be", step, u.Name)
		}
		if !slices.Equal(slices.Collect(before.All()), had) {
			t.Fatalf("step %d, %s: what was before has changed", step, u.Name)
		}
		for _, run := range m.runs {
			if len(run) == 0 || len(run) > maxRun {
				t.Fatalf("a run of %d", len(run))
			}
		}
	}
	if len(m.runs) < 2 {
		t.Error("the members were too few to be tested")
	}
}
