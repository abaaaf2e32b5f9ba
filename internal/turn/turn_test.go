package turn

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// TestTurn tests that the turn goes to those who wait in the order in which they came, and to nobody else meanwhile.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn Turn
		turn.Take()
		var order []int
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				turn.Take()
				order = append(order, i)
				turn.Give()
			})
			synctest.Wait()
		}
		if turn.Try() {
			t.Error("taken twice")
		}
		turn.Give()
		all.Wait()
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("got %v, want %v", order, want)
		}
		if !turn.Try() {
			t.Error("not to be had although nobody has it")
		}
		if turn.waiting != nil {
			t.Error("memory for nobody who waits")
		}
	})
}
