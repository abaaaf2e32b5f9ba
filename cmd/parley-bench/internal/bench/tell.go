//go:build linux

package bench

import (
	"context"
	"time"
)

// tellInterval is the time between two that are told. It has no small factor in common with rates that people choose.
const tellInterval = 19 * time.Millisecond

// tell measures how long it takes that somebody is told something and answers, while others listen to rooms.
func (r *run) tell(ctx context.Context) ([]figure, error) {
	c := r.newChatter()
	c.silent = r.Rate == 0
	if err := r.assemble(ctx, c.hear); err != nil {
		return nil, err
	}
	var pair [2]*user
	ready := 0
	for i := range pair {
		pair[i] = &user{mode: modeLine}
		if err := r.loop.connect(r.target.address, pair[i]); err != nil {
			return nil, err
		}
		pair[i].login(func(u *user) { ready++ })
	}
	if err := r.loop.run(ctx, nil, func() bool { return ready == len(pair) }); err != nil {
		return nil, err
	}

	var trips histogram
	var due schedule
	var told, answered uint32
	asking, answering := pair[0], pair[1]
	asking.settled(func(u *user, data []byte) {
		now := time.Now()
		u.listen(data, func(_ int, number uint32) {
			trips.add(now.Sub(due.at(number)))
			answered++
		})
	})
	answering.settled(func(u *user, data []byte) {
		u.listen(data, func(_ int, number uint32) {
			u.send("tell " + asking.name + " " + spoken(1, number, r.Size) + "\n")
		})
	})
	c.begin()
	next := time.Now()
	tick := func(now time.Time) time.Time {
		for !next.After(now) {
			due.set(told, next)
			asking.send("tell " + answering.name + " " + spoken(0, told, r.Size) + "\n")
			told++
			next = next.Add(tellInterval)
		}
		if speech := c.speak(now); !speech.IsZero() && speech.Before(next) {
			return speech
		}
		return next
	}
	if err := r.during(ctx, r.warmUp(), tick); err != nil {
		return nil, err
	}
	trips = histogram{}
	heard, before := c.heard, r.costs()
	r.say("measuring for %v", r.For)
	if err := r.during(ctx, r.For, tick); err != nil {
		return nil, err
	}
	elapsed, cpu := r.costs().since(before)
	heard = c.heard - heard
	end := time.Now().Add(drainTime)
	if err := r.loop.run(ctx, nil, func() bool { return answered == told || time.Now().After(end) }); err != nil {
		return nil, err
	}
	return []figure{
		milliseconds("round trip p50", trips.quantile(0.5)),
		milliseconds("round trip p99", trips.quantile(0.99)),
		milliseconds("round trip max", trips.max),
		{"deliveries per second meanwhile", "", float64(heard) / elapsed.Seconds()},
		{"server CPU", "% of a core", 100 * cpu.Seconds() / elapsed.Seconds()},
		{"lost", "", float64(told - answered)},
		{"sessions ended", "", float64(r.ended)},
	}, nil
}
