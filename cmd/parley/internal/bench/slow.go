//go:build linux

package bench

import "context"

// slow measures what it means for those who read that one in ten has stopped doing so.
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

	frozen := 0
	for i, u := range r.users {
		if i >= r.Speakers && i%10 == 0 {
			u.freeze()
			frozen++
		}
	}
	r.say("%d of %d read nothing more", frozen, r.Users)
	c.latency = histogram{}
	if _, _, _, err := c.goOn(ctx, r.For); err != nil {
		return nil, err
	}
	suffering := c.latency
	return []figure{
		milliseconds("latency p50 while all read", healthy.quantile(0.5)),
		milliseconds("latency p50", suffering.quantile(0.5)),
		milliseconds("latency p99 while all read", healthy.quantile(0.99)),
		milliseconds("latency p99", suffering.quantile(0.99)),
		milliseconds("latency max", suffering.max),
		{"memory taken by the slow", "MiB", float64(r.target.memory()-memory) / (1 << 20)},
		{"slow", "", float64(frozen)},
		{"sessions ended", "", float64(r.ended)},
		{"lost by those who read", "", float64(c.lost)},
		{"out of order", "", float64(c.disorder)},
	}, nil
}
