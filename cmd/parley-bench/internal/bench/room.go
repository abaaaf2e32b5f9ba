//go:build linux

package bench

import (
	"context"
	"time"
)

// warmUp returns how long a scenario runs before it is measured.
func (r *run) warmUp() time.Duration { return min(r.For, time.Second) }

// room measures what it costs that lines reach all members of a room.
func (r *run) room(ctx context.Context) ([]figure, error) {
	c := r.newChatter()
	if err := r.assemble(ctx, c.hear); err != nil {
		return nil, err
	}
	c.begin()
	if _, _, _, err := c.goOn(ctx, r.warmUp()); err != nil {
		return nil, err
	}
	c.latency = histogram{}
	r.say("measuring for %v", r.For)
	elapsed, cpu, heard, err := c.goOn(ctx, r.For)
	if err != nil {
		return nil, err
	}
	latency := c.latency
	if err := c.end(ctx); err != nil {
		return nil, err
	}
	return []figure{
		{"server CPU per delivery", "µs", perUnit(cpu, heard)},
		{"server CPU", "% of a core", 100 * cpu.Seconds() / elapsed.Seconds()},
		{"deliveries per second", "", float64(heard) / elapsed.Seconds()},
		milliseconds("latency p50", latency.quantile(0.5)),
		milliseconds("latency p99", latency.quantile(0.99)),
		milliseconds("latency max", latency.max),
		{"lost", "", float64(c.lost)},
		{"out of order", "", float64(c.disorder)},
		{"sessions ended", "", float64(r.ended)},
	}, nil
}

// perUnit returns the microseconds of cpu for each of n.
func perUnit(cpu time.Duration, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return float64(cpu) / float64(time.Microsecond) / float64(n)
}
