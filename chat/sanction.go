package chat

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/chat/held"
	"parley/words"
)

// MaxSanctions is how many bans there may be at a time, and how many mutes.
const MaxSanctions = 10_000

// A Sanction is what an operator has imposed on somebody: a ban or a mute. It is over by itself when its time is.
type Sanction struct {
	// Target is the name of a user, as registered; for a ban it may be an address, or a network in CIDR notation.
	Target string `json:"target"`
	// User is whose address Target is, if that was banned together with the user.
	User string `json:"user,omitempty"`
	// By is the operator, or Console.
	By     string `json:"by"`
	Reason Text   `json:"reason,omitzero"`
	// Made is when it was imposed.
	Made time.Time `json:"made"`
	// Until is when it ends. Zero means when an operator lifts it.
	Until time.Time `json:"until,omitzero"`
}

func newSanction(target, by string, lasts time.Duration, reason Text) Sanction {
	s := Sanction{Target: target, By: by, Reason: reason, Made: time.Now()}
	if lasts > 0 {
		s.Until = s.Made.Add(lasts)
	}
	return s
}

// Left returns how much longer the sanction lasts: zero if that is until an operator lifts it, less if it is over.
func (s Sanction) Left() time.Duration {
	if s.Until.IsZero() {
		return 0
	}
	if left := time.Until(s.Until); left != 0 {
		return left
	}
	return -1
}

// Terms returns for how long the sanction still holds, and why.
func (s Sanction) Terms() words.Terms { return termsOf(s.Left(), s.Reason) }

func termsOf(lasts time.Duration, reason Text) words.Terms {
	if lasts != 0 { // what is over was not without end
		lasts = max(roughly(lasts), time.Second)
	}
	return words.Terms{Lasts: lasts, Reason: reason.String()}
}

// Over reports whether the sanction is over by itself.
func (s Sanction) Over() bool { return s.Left() < 0 }

// Resumed returns the sanction as it goes on when the server starts. What is on disk says by the clock on the wall when
// it ends; from here on the monotonic clock decides. A wall clock that was set back meanwhile makes no sanction longer
// than it was in the beginning.
func (s Sanction) Resumed() Sanction {
	if !s.Until.IsZero() {
		left := min(time.Until(s.Until), s.Until.Sub(s.Made))
		s.Until = time.Now().Add(left)
	}
	return s
}

// sanctions are all bans, or all mutes, where every login and every word spoken looks.
type sanctions struct {
	*held.Table[Sanction]
	bucket string
}

// sanctions returns those of a bucket.
func (n *Node) sanctions(bucket string) sanctions {
	return sanctions{bucket: bucket, Table: held.New[Sanction](held.Options{
		Store: n.store, Bucket: bucket, Max: MaxSanctions, Closing: n.alive.Done(), Log: n.log,
		// until all is saved, or the node closes
		Go: func(what string, f func()) { start(&n.background, n.log, what, f) },
	})}
}

// impose makes s hold under key in the table t, on all nodes: see [held.Table.Put]. It returns ErrTooManySanctions.
func (n *Node) impose(ctx context.Context, t sanctions, key string, s Sanction, lasting bool) error {
	err := t.Put(ctx, key, s, lasting)
	switch {
	case errors.Is(err, held.ErrFull):
		return ErrTooManySanctions.With(MaxSanctions)
	case err != nil:
		return err
	}
	return n.spread(ctx, t, key, &s)
}

// spread makes s, or nothing if it is nil, hold under key in the table t on all other nodes.
func (n *Node) spread(ctx context.Context, t sanctions, key string, s *Sanction) error {
	o := &Order{Kind: Impose, Table: t.bucket, Key: key, Sanction: s, Node: n.desk.Node()}
	if s != nil {
		if o.Lasts = s.Left(); o.Lasts < 0 { // it is over by now: zero would be without end
			o.Lasts = time.Nanosecond
		}
	}
	return n.all(ctx, o)
}

// lift ends what holds under key in the table t, on all nodes, and returns it if there was anything.
func (n *Node) lift(ctx context.Context, t sanctions, key string) (s Sanction, found bool, err error) {
	s, found, err = t.Delete(ctx, key)
	if err == nil && found {
		err = n.spread(ctx, t, key, nil)
	}
	return s, found, err
}

// sorted returns what holds now, sorted by target.
func (t sanctions) sorted(ctx context.Context) ([]Sanction, error) {
	all, err := t.All(ctx)
	if err != nil {
		return nil, err
	}
	var now []Sanction
	for _, s := range all {
		if !s.Over() {
			now = append(now, s)
		}
	}
	slices.SortFunc(now, func(a, b Sanction) int { return compareNames(a.Target, b.Target) })
	return now, nil
}

// Unsaved returns why bans or mutes are in force, or ended, that are not saved yet: ErrUnsavedFull or
// ErrUnsavedReadOnly. Otherwise it returns nil. They are saved as soon as the disk takes that.
func (n *Node) Unsaved() error {
	bans, cause := n.bans.Unsaved()
	mutes, other := n.mutes.Unsaved()
	if bans+mutes == 0 {
		return nil
	}
	if cause == nil {
		cause = other
	}
	if errors.Is(cause, ErrDiskReadOnly) {
		return ErrUnsavedReadOnly
	}
	return ErrUnsavedFull
}
