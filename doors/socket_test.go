package doors

import (
	"testing"
	"time"
)

// Connections that come together are probed at different times, and each vanished peer is noticed in time.
func TestKeepAliveIsSpread(t *testing.T) {
	idles := make(map[time.Duration]int)
	for roll := range uint(3000) {
		k := keepAlive(roll)
		idles[k.Idle]++
		if k.Idle < 16*time.Second || k.Idle > 45*time.Second || k.Idle%time.Second != 0 ||
			k.Interval%time.Second != 0 {
			t.Fatalf("%d: %+v", roll, k)
		}
		// The system gives a peer up at the first probe after userTimeout: not before several had no answer.
		before := (userTimeout - k.Idle + k.Interval - 1) / k.Interval
		if gone := k.Idle + before*k.Interval; gone > 75*time.Second || before < 3 {
			t.Fatalf("%d: given up after %v and %d probes", roll, gone, before)
		}
	}
	if len(idles) != 30 {
		t.Errorf("%d different times, want 30", len(idles))
	}
	for idle, n := range idles {
		if n != 100 {
			t.Errorf("%d of 3000 are probed after %v", n, idle)
		}
	}
}
