package session

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// TestTurn tests that the turn goes to those who wait in the order in which they came, and to nobody else meanwhile.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn turn
		turn.take()
		var order []int
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				turn.take()
				order = append(order, i)
				turn.give()
			})
			synctest.Wait()
		}
		if turn.try() {
			t.Error("taken twice")
		}
		turn.give()
		all.Wait()
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("got %v, want %v", order, want)
		}
		if !turn.try() {
			t.Error("not to be had although nobody has it")
		}
		if turn.waiting != nil {
			t.Error("memory for nobody who waits")
		}
	})
}
