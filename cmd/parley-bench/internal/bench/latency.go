//go:build linux

package bench

import (
	"math/bits"
	"time"
)

// A histogram counts durations. Its zero value is empty; what it tells is exact to one part in 32.
type histogram struct {
	counts [64 * 32]uint64
	n      uint64
	max    time.Duration
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.n++
	h.max = max(h.max, d)
}

// bucket returns which of 32 parts of which power of two v is in.
func bucket(v uint64) int {
	if v < 32 {
		return int(v)
	}
	shift := bits.Len64(v) - 6
	return shift*32 + int(v>>shift)
}

// middle returns a value of that bucket.
func middle(bucket int) uint64 {
	if bucket < 64 {
		return uint64(bucket)
	}
	shift := bucket/32 - 1
	return uint64(bucket%32+32)<<shift + 1<<shift/2
}

// quantile returns how long the given part of all took at most, zero if there are none.
func (h *histogram) quantile(part float64) time.Duration {
	left := uint64(part * float64(h.n))
	for b, count := range h.counts {
		if count > left {
			return min(time.Duration(middle(b)), h.max)
		}
		left -= count
	}
	return h.max
}
