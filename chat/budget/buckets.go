package budget

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxBuckets is how many keys of one kind may have tokens missing at a time.
const maxBuckets = 1 << 16

// Buckets holds a bucket of tokens for every key. Each token comes back a while after it was taken, so that never more
// than size are taken in any period. A key costs memory only while tokens of it are missing; when there are maxBuckets
// such keys, others are refused.
//
// What Buckets does follows from what it was asked before and the times that it was given, and from nothing else: so
// several can hold the same. A time is the length of time since a beginning that all share, and does not go back. Not
// safe for concurrent use.
type Buckets[K comparable] struct {
	size   int           // tokens in a full bucket
	period time.Duration // until a token comes back

	taken map[K][]time.Duration // when tokens were taken, oldest first
	swept time.Duration         // when buckets that are full again were last looked for
}

// New returns full buckets of so many tokens each, one at least. A token that was taken comes back after period.
func New[K comparable](size int, period time.Duration) *Buckets[K] {
	return &Buckets[K]{size: size, period: period, taken: make(map[K][]time.Duration)}
}

// Take takes a token out of key's bucket. If there is none, it returns false and how long it takes until there is one.
func (b *Buckets[K]) Take(key K, now time.Duration) (wait time.Duration, ok bool) {
	missing := b.missing(key, now)
	switch {
	case len(missing) >= b.size:
		return missing[0] + b.period - now, false
	case len(missing) == 0 && len(b.taken) >= maxBuckets && !b.sweep(now):
		return b.period, false
	}
	b.taken[key] = append(missing, now)
	return 0, true
}

// Wait returns how long it takes until key's bucket has a token; zero means that it has.
func (b *Buckets[K]) Wait(key K, now time.Duration) time.Duration {
	if missing := b.missing(key, now); len(missing) >= b.size {
		return missing[0] + b.period - now
	}
	return 0
}

// Give puts back the token that was taken last.
func (b *Buckets[K]) Give(key K, now time.Duration) {
	switch missing := b.missing(key, now); len(missing) {
	case 0:
	case 1:
		delete(b.taken, key)
	default:
		b.taken[key] = missing[:len(missing)-1]
	}
}

// missing returns when the tokens were taken that have not come back to key's bucket.
func (b *Buckets[K]) missing(key K, now time.Duration) []time.Duration {
	missing := b.taken[key]
	for len(missing) > 0 && now-missing[0] >= b.period {
		missing = missing[1:]
	}
	return missing
}

// sweep forgets the buckets that are full again, at most once a second, and reports whether there is room for one more.
func (b *Buckets[K]) sweep(now time.Duration) bool {
	if now-b.swept >= time.Second {
		b.swept = now
		for key := range b.taken {
			if len(b.missing(key, now)) == 0 {
				delete(b.taken, key)
			}
		}
	}
	return len(b.taken) < maxBuckets
}

// A savedBuckets is what buckets hold, as it is written down. Their size and period belong to the program.
type savedBuckets[K comparable] struct {
	Taken []savedBucket[K] `json:"taken,omitempty"`
	Swept time.Duration    `json:"swept,omitempty"`
}

type savedBucket[K comparable] struct {
	Key   K               `json:"key"`
	Taken []time.Duration `json:"at"`
}

// MarshalJSON writes down what the buckets hold: the same for the same.
func (b *Buckets[K]) MarshalJSON() ([]byte, error) {
	saved := savedBuckets[K]{Swept: b.swept}
	for key, taken := range b.taken {
		saved.Taken = append(saved.Taken, savedBucket[K]{key, taken})
	}
	slices.SortFunc(saved.Taken, func(a, b savedBucket[K]) int {
		return strings.Compare(fmt.Sprint(a.Key), fmt.Sprint(b.Key))
	})
	return json.Marshal(saved)
}

// UnmarshalJSON replaces what the buckets hold.
func (b *Buckets[K]) UnmarshalJSON(data []byte) error {
	var saved savedBuckets[K]
	if err := json.Unmarshal(data, &saved); err != nil {
		return err
	}
	b.taken, b.swept = make(map[K][]time.Duration), saved.Swept
	for _, s := range saved.Taken {
		b.taken[s.Key] = s.Taken
	}
	return nil
}
