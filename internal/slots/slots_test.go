package slots

import (
	"sync"
	"testing"
	"testing/synctest"
)

// TestWork tests that work holds one slot while nobody who does it waits, and none meanwhile or in the end.
func TestWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slots := make(Slots, 1)
		held := func(when string, want bool) {
			t.Helper()
			synctest.Wait()
			if got := len(slots) == 1; got != want {
				t.Errorf("%s: held %v, want %v", when, got, want)
			}
		}
		w := Begin(slots)
		held("at the beginning", true)
		w.Pause()
		held("while it waits", false)
		w.Pause()
		w.Resume()
		held("while one of two waits", false)
		w.Resume()
		held("when nobody waits", true)

		var other sync.WaitGroup
		began := false
		other.Go(func() {
			second := Begin(slots)
			began = true
			second.End()
		})
		synctest.Wait()
		if began {
			t.Error("two hold one slot")
		}
		w.Pause()
		other.Wait()
		w.Resume()
		w.End()
		held("in the end", false)
		w.Pause()
		w.Resume()
		w.End()
		held("after the end", false)

		w = Begin(slots)
		w.Pause()
		w.End()
		w.Resume()
		held("when it ended while it waited", false)
	})
}

// TestWorkOfMany tests under the race detector that no slot is lost or taken twice by many who wait and go on.
func TestWorkOfMany(t *testing.T) {
	slots := make(Slots, 2)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			w := Begin(slots)
			var parts sync.WaitGroup
			for range 3 {
				parts.Go(func() {
					for range 100 {
						w.Pause()
						w.Resume()
					}
				})
			}
			parts.Wait()
			w.End()
		})
	}
	all.Wait()
	if len(slots) != 0 {
		t.Errorf("%d slots are lost", len(slots))
	}
	if none := Slots(nil); !none.Try() {
		t.Error("no bound bounds")
	}
	Begin(nil).End()
}
