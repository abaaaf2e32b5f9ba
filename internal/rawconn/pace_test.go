package rawconn

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestMeter tests that what comes is held as long as it takes beyond the burst, that what does not count is not, and
// that no more is ever saved than the burst.
func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := Meter{Pace: Pace{Burst: 100, Rate: 10}}
		is := func(want time.Duration) {
			t.Helper()
			if got := m.Held(); got != want {
				t.Errorf("held for %v, want %v", got, want)
			}
		}
		is(0)
		m.Back(50) // before anything came
		is(0)
		m.Took(100)
		is(0)
		m.Took(30)
		is(3 * time.Second)
		m.Back(20)
		is(time.Second)
		m.Back(1000)
		is(0)
		m.Took(150)
		is(5 * time.Second)
		time.Sleep(time.Hour)
		m.Took(150)
		is(5 * time.Second)
	})
}
