package budget

import (
	"sync"
	"time"
)

// maxBuckets is how many keys of one kind may have tokens missing at a time.
const maxBuckets = 1 << 16

// Buckets holds a bucket of tokens for every key. Each token comes back a while after it was taken, so that never more
// than size are taken in any period. A key costs memory only while tokens of it are missing; when there are maxBuckets
// such keys, others are refused. Safe for concurrent use.
type Buckets[K comparable] struct {
	size   int           // tokens in a full bucket
	period time.Duration // until a token comes back
	start  time.Time

	mu    sync.Mutex            // guards all below
	taken map[K][]time.Duration // when tokens were taken, since start, oldest first
	swept time.Duration         // when buckets that are full again were last looked for
}

// New returns full buckets of so many tokens each, one at least. A token that was taken comes back after period.
func New[K comparable](size int, period time.Duration) *Buckets[K] {
	return &Buckets[K]{size: size, period: period, start: time.Now(), taken: make(map[K][]time.Duration)}
}

// Take takes a token out of key's bucket. If there is none, it returns false and how long it takes until there is one.
func (b *Buckets[K]) Take(key K) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Since(b.start)
	missing := b.missingLocked(key, now)
	switch {
	case len(missing) >= b.size:
		return missing[0] + b.period - now, false
	case len(missing) == 0 && len(b.taken) >= maxBuckets && !b.sweepLocked(now):
		return b.period, false
	}
	b.taken[key] = append(missing, now)
	return 0, true
}

// Wait returns how long it takes until key's bucket has a token; zero means that it has.
func (b *Buckets[K]) Wait(key K) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Since(b.start)
	if missing := b.missingLocked(key, now); len(missing) >= b.size {
		return missing[0] + b.period - now
	}
	return 0
}

// Give puts back the token that was taken last.
func (b *Buckets[K]) Give(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch missing := b.missingLocked(key, time.Since(b.start)); len(missing) {
	case 0:
	case 1:
		delete(b.taken, key)
	default:
		b.taken[key] = missing[:len(missing)-1]
	}
}

// missingLocked returns when the tokens were taken that have not come back to key's bucket.
func (b *Buckets[K]) missingLocked(key K, now time.Duration) []time.Duration {
	missing := b.taken[key]
	for len(missing) > 0 && now-missing[0] >= b.period {
		missing = missing[1:]
	}
	return missing
}

// sweepLocked forgets the buckets that are full again, at most once a second, and reports whether there is room for one
// more.
func (b *Buckets[K]) sweepLocked(now time.Duration) bool {
	if now-b.swept >= time.Second {
		b.swept = now
		for key := range b.taken {
			if len(b.missingLocked(key, now)) == 0 {
				delete(b.taken, key)
			}
		}
	}
	return len(b.taken) < maxBuckets
}
