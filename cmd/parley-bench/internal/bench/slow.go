//go:build linux

package bench

import (
	"context"
	"time"
)

// looks is how often the server's memory is looked at while some are slow.
const looks = 20

// slow measures what it means for those who read that one in ten has stopped doing so. The systems of both sides keep
// some megabytes for each of these before the server notices anything: to see it end them takes as much text, such as
// 400 lines of 1000 bytes a second, for 30 s.
func (r *run) slow(ctx context.Context) ([]figure, error) {
	c := r.newChatter()
	if err := r.assemble(ctx, c.hear); err != nil {
		return nil, err
	}
	c.begin()
	if _, _, _, err := c.goOn(ctx, r.warmUp()); err != nil {
		return nil, err
	}
	c.latency = histogram{}
	if _, _, _, err := c.goOn(ctx, r.For); err != nil {
		return nil, err
	}
	healthy, memory := c.latency, r.target.memory()

	var frozen []*user
	ended := 0
	for i, u := range r.users {
		if i >= r.Speakers && i%10 == 0 {
			u.freeze()
			u.ended = func(*user, error) { ended++ }
			frozen = append(frozen, u)
		}
	}
	r.say("%d of %d read nothing more", len(frozen), r.Users)
	c.latency = histogram{}
	var most int64
	for range looks { // what the slow have taken is given back when the server ends them
		if _, _, _, err := c.goOn(ctx, r.For/looks); err != nil {
			return nil, err
		}
		most = max(most, r.target.memory())
	}
	suffering := c.latency
	unheard, err := c.drain(ctx)
	if err != nil {
		return nil, err
	}
	// Only who reads on learns whether the server has ended the session: that comes after what is still to be read.
	for _, u := range frozen {
		u.thaw()
	}
	if err := r.wait(ctx, time.Second); err != nil {
		return nil, err
	}
	return []figure{
		milliseconds("latency p50 while all read", healthy.quantile(0.5)),
		milliseconds("latency p50", suffering.quantile(0.5)),
		milliseconds("latency p99 while all read", healthy.quantile(0.99)),
		milliseconds("latency p99", suffering.quantile(0.99)),
		milliseconds("latency max", suffering.max),
		{"memory taken by the slow, at most", "MiB", float64(most-memory) / (1 << 20)},
		{"slow", "", float64(len(frozen))},
		{"slow, ended by the server", "", float64(ended)},
		{"others ended", "", float64(r.ended)},
		{"lost by those who read", "", float64(c.lost + unheard)},
		{"out of order", "", float64(c.disorder)},
	}, nil
}

// drain makes the speakers silent, and waits until those who read have heard all. It returns how many lines they have
// not.
func (c *chatter) drain(ctx context.Context) (unheard uint64, err error) {
	c.silent = true
	for end := time.Now().Add(drainTime); ; {
		if unheard = c.unheard(); unheard == 0 || time.Now().After(end) {
			return unheard, nil
		}
		if err := c.run.wait(ctx, 100*time.Millisecond); err != nil {
			return unheard, err
		}
	}
}

// unheard returns how many lines those who read have still to hear.
func (c *chatter) unheard() (lines uint64) {
	r := c.run
	for place, u := range r.users {
		for i, s := range c.speakers {
			switch {
			case u.deaf || !r.Shout && place%r.Rooms != i%r.Rooms:
			case i < len(u.next):
				lines += uint64(s.said - u.next[i])
			default:
				lines += uint64(s.said)
			}
		}
	}
	return lines
}
