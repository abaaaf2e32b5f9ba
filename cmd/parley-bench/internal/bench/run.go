//go:build linux

package bench

import (
	"context"
	"fmt"
	"io"
	"time"
)

// A run is one scenario with one server.
type run struct {
	*Bench
	target   *target
	loop     *loop
	progress io.Writer
	mode     mode

	users   []*user // each is in the room whose place in numbers is the user's own, modulo Rooms
	numbers []string
	ended   int // connections that the server ended
}

const (
	// atOnce is how many users come at the same time: fewer than a listen queue holds.
	atOnce = 64
	// joinsAtOnce is how many enter their room at the same time. All members are told of each, so that a room of n
	// costs n*n/2 lines: the more of them come together, the fewer writes they take.
	joinsAtOnce = 256
)

// say tells the operator how far it is.
func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.progress, r.target.name+": "+format+"\n", args...)
}

// gather brings users online until there are n. Those who speak send lines.
func (r *run) gather(ctx context.Context, n int) error {
	coming := 0
	last := time.Now()
	online := len(r.users)
	return r.loop.run(ctx, func(now time.Time) time.Time {
		for coming < atOnce && len(r.users) < n {
			u := &user{mode: r.mode}
			if len(r.users) < r.Speakers {
				u.mode = modeLine
			}
			if err := r.loop.connect(r.target.address, u); err != nil {
				r.loop.fail(err)
				return time.Time{}
			}
			coming++
			r.users = append(r.users, u)
			u.login(func(*user) { coming, online = coming-1, online+1 })
		}
		if now.Sub(last) > time.Second {
			last = now
			r.say("%d of %d are online", online, n)
		}
		return time.Time{}
	}, func() bool { return online == n })
}

// assemble brings all users online and into their rooms, and makes hear hear what comes from then on.
func (r *run) assemble(ctx context.Context, hear func(u *user, data []byte)) error {
	if err := r.gather(ctx, r.Rooms); err != nil {
		return err
	}
	r.numbers = make([]string, r.Rooms)
	for i := range r.numbers {
		u := r.users[i]
		u.send("start bench\n")
		u.await(" "+u.name+" created room ", func(u *user, _ string) {
			u.await(",", func(u *user, number string) { r.numbers[i] = number })
		})
		if err := r.loop.run(ctx, nil, func() bool { return r.numbers[i] != "" }); err != nil {
			return err
		}
		u.settled(ignore)
	}
	if err := r.gather(ctx, r.Users); err != nil {
		return err
	}
	if !r.Shout {
		if err := r.join(ctx); err != nil {
			return err
		}
	}
	heard := 0
	for _, u := range r.users {
		u.settled(func(_ *user, data []byte) { heard += len(data) })
		u.ended = func(*user, error) { r.ended++ }
	}
	before := -1
	for before != heard {
		before = heard
		if err := r.wait(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
	for _, u := range r.users {
		u.hear = hear
	}
	return nil
}

func (r *run) join(ctx context.Context) error {
	next, joining, members := r.Rooms, 0, r.Rooms
	last := time.Now()
	return r.loop.run(ctx, func(now time.Time) time.Time {
		for joining < joinsAtOnce && next < r.Users {
			u, room := r.users[next], r.numbers[next%r.Rooms]
			next++
			joining++
			u.send("join " + room + "\n")
			u.await("You joined Room "+room+".", func(u *user, _ string) {
				joining, members = joining-1, members+1
				u.seen, u.hear = nil, ignore
			})
		}
		if now.Sub(last) > time.Second {
			last = now
			r.say("%d of %d are in their rooms", members, r.Users)
		}
		return time.Time{}
	}, func() bool { return members == r.Users })
}

// during serves the users for so long; see loop.run for tick.
func (r *run) during(ctx context.Context, d time.Duration, tick func(now time.Time) time.Time) error {
	end := time.Now().Add(d)
	return r.loop.run(ctx, tick, func() bool { return !time.Now().Before(end) })
}

// wait serves the users for so long, and nobody does anything.
func (r *run) wait(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(d)
	return r.during(ctx, d, func(time.Time) time.Time { return end })
}

// costs are what the server has used up to a moment.
type costs struct {
	at  time.Time
	cpu time.Duration
}

func (r *run) costs() costs { return costs{time.Now(), r.target.cpu()} }

// since returns what was used since then.
func (c costs) since(before costs) (elapsed, cpu time.Duration) {
	return c.at.Sub(before.at), c.cpu - before.cpu
}

// membersWith returns how many users hear what a speaker says.
func (r *run) membersWith(speaker int) int {
	if r.Shout {
		return r.Users
	}
	room := speaker % r.Rooms
	members := r.Users / r.Rooms
	if room < r.Users%r.Rooms {
		members++
	}
	return members
}
