//go:build linux

package bench

import (
	"context"
	"time"
)

// churn measures how fast users come and go: as many as are to be online try all the time.
func (r *run) churn(ctx context.Context) ([]figure, error) {
	var came uint64
	var latency histogram
	online := 0
	tick := func(time.Time) time.Time {
		for online < min(r.Users, atOnce) {
			u := &user{mode: r.mode}
			if err := r.loop.connect(r.target.address, u); err != nil {
				r.loop.fail(err)
				return time.Time{}
			}
			online++
			began := time.Now()
			u.ended = func(*user, error) { r.ended, online = r.ended+1, online-1 }
			u.login(func(u *user) {
				came++
				latency.add(time.Since(began))
				r.loop.drop(u)
				online--
			})
		}
		return time.Time{}
	}
	if err := r.during(ctx, r.warmUp(), tick); err != nil {
		return nil, err
	}
	latency = histogram{}
	r.say("measuring for %v", r.For)
	cameBefore, before := came, r.costs()
	if err := r.during(ctx, r.For, tick); err != nil {
		return nil, err
	}
	elapsed, cpu := r.costs().since(before)
	came -= cameBefore
	return []figure{
		{"logins per second", "", float64(came) / elapsed.Seconds()},
		{"server CPU per login", "µs", perUnit(cpu, came)},
		{"server CPU", "% of a core", 100 * cpu.Seconds() / elapsed.Seconds()},
		milliseconds("time to prompt p50", latency.quantile(0.5)),
		milliseconds("time to prompt p99", latency.quantile(0.99)),
		{"sessions ended", "", float64(r.ended)},
	}, nil
}
