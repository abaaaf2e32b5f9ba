package chat

import (
	"time"

	"parley/chat/budget"
)

// How often one may speak by a hook.
const (
	HookLines = 10 // in HookTime
	HookTime  = 20 * time.Second
)

func newHookPace() *budget.Buckets[string] { return budget.New[string](HookLines, HookTime) }

// speakByHookLocked is [Desk.SpeakByHook]. It returns what is told.
func (l *Ledger) speakByHookLocked(number int, key string, e *Event, now time.Duration) (Telling, error) {
	i, ok := l.findLocked(number)
	if !ok {
		return Telling{}, ErrNotFound
	}
	r := &l.rooms[i]
	if _, ok := r.hookOf(key); !ok {
		return Telling{}, ErrNotFound
	}
	if err := r.mayNow(now, l.agoLocked(r, e.From, now), max(0, l.calm-now)); err != nil {
		return Telling{}, err
	}
	if wait, ok := l.hookPace.Take(key, now); !ok {
		return Telling{}, ErrHookPace.With(leftOf(wait))
	}
	return l.spokenLocked(r, e, now), nil
}
