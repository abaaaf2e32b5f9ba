//go:build linux

package bench

import (
	"context"
	"time"
)

// idle measures what users cost who do nothing, and that they come.
func (r *run) idle(ctx context.Context) ([]figure, error) {
	r.Speakers = min(r.Speakers, r.Users)
	base := r.target.memory()
	before := r.costs()
	if err := r.gather(ctx, r.Users); err != nil {
		return nil, err
	}
	coming, comingCPU := r.costs().since(before)
	for _, u := range r.users {
		u.settled(ignore)
		u.ended = func(*user, error) { r.ended++ }
	}
	if err := r.wait(ctx, r.warmUp()); err != nil {
		return nil, err
	}
	atOnce := r.target.memory()
	r.say("measuring for %v", r.For)
	before = r.costs()
	if err := r.wait(ctx, r.For); err != nil {
		return nil, err
	}
	elapsed, cpu := r.costs().since(before)
	users := float64(r.Users)
	return []figure{
		{"memory per session", "KiB", float64(r.target.memory()-base) / 1024 / users},
		{"memory per session just after", "KiB", float64(atOnce-base) / 1024 / users},
		{"memory before", "MiB", float64(base) / (1 << 20)},
		{"server CPU while idle", "% of a core", 100 * cpu.Seconds() / elapsed.Seconds()},
		{"logins per second", "", users / coming.Seconds()},
		{"server CPU per login", "µs", float64(comingCPU) / float64(time.Microsecond) / users},
		{"sessions ended", "", float64(r.ended)},
	}, nil
}
