package turn

import (
	"context"
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
		if turn.first != nil {
			t.Error("memory for nobody who waits")
		}
	})
}

// TestTurnAwait tests that who gives up waiting does not get the turn, nor keeps it from those behind.
func TestTurnAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn Turn
		if err := turn.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		got := make([]error, 3)
		for i, ctx := range []context.Context{t.Context(), ctx, t.Context()} {
			all.Go(func() {
				if got[i] = turn.Await(ctx); got[i] == nil {
					turn.Give()
				}
			})
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		turn.Give()
		all.Wait()
		if want := []error{nil, context.Canceled, nil}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if !turn.Try() {
			t.Error("not to be had although nobody has it")
		}
	})
}
