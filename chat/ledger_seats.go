package chat

import "time"

// How often a seat may be taken over from a connection that is there, so that two clients that log in again and again
// do not do that for ever.
const (
	// MaxTakeOvers is how often that is in TakeOverTime; then the seat stays where it is for as long.
	MaxTakeOvers = 5
	TakeOverTime = time.Minute
)

// Take-overs are when a seat was taken over, by the ledger's time, and until when it is not.
type takeOvers struct {
	At    []time.Duration `json:"at,omitempty"`
	Until time.Duration   `json:"until,omitempty"`
}

// A Link is a code by which a session moves to another place, without the code.
type Link struct {
	// Key is a hash of the code.
	Key string `json:"key"`
	// Bound is one of the code and the hash of the password: after a change of the password it is another one.
	Bound string `json:"bound,omitempty"`
	// Lasts is for how long the code is good.
	Lasts time.Duration `json:"lasts,omitempty"`
	// Until is when that ends, by the ledger's time.
	Until time.Duration `json:"until,omitempty"`
}

// takeOverLocked is [Desk.TakeOver]. For now see [budget.Buckets].
func (l *Ledger) takeOverLocked(u User, now time.Duration) (wait time.Duration) {
	if l.onlineLocked(u) == "" {
		return 0
	}
	t := l.taken[u.ID]
	if now < t.Until {
		return t.Until - now
	}
	at := make([]time.Duration, 0, MaxTakeOvers)
	for _, before := range t.At {
		if now-before < TakeOverTime {
			at = append(at, before)
		}
	}
	if at = append(at, now); len(at) < MaxTakeOvers {
		l.taken[u.ID] = takeOvers{At: at}
	} else {
		l.taken[u.ID] = takeOvers{Until: now + TakeOverTime}
	}
	return 0
}

// linkLocked is [Desk.Link].
func (l *Ledger) linkLocked(u User, link Link, now time.Duration) error {
	if l.onlineLocked(u) == "" {
		return ErrNotFound
	}
	link.Until = now + link.Lasts
	l.links[u.ID] = userLink{u, link}
	return nil
}

// A userLink is the link of a user.
type userLink struct {
	User User `json:"user"`
	Link Link `json:"link"`
}

// redeemLocked is [Desk.Redeem].
func (l *Ledger) redeemLocked(key string, now time.Duration) (User, string, error) {
	for id, there := range l.links {
		if there.Link.Key == key {
			delete(l.links, id)
			if now >= there.Link.Until {
				break
			}
			return there.User, there.Link.Bound, nil
		}
	}
	return User{}, "", ErrNotFound
}

// forgetSeatLocked forgets what is known of the seat of a user who has left.
func (l *Ledger) forgetSeatLocked(u User) {
	delete(l.taken, u.ID)
	delete(l.links, u.ID)
}
