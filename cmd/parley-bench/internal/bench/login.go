//go:build linux

package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/chat"
	"parley/words"
)

const (
	// loginsAtOnce is how many log in at the same time: enough that a password always waits to be checked, and few
	// enough that it is checked well within the seconds after which a server tells its user to try again, also by one
	// that checks one at a time.
	loginsAtOnce = 32
	// loginRate is how many lines a second are said meanwhile if it is not said how many.
	loginRate = 50
)

// login measures how many users a second log in with a password, and how late it makes what others say, who are guests
// in rooms.
func (r *run) login(ctx context.Context) ([]figure, error) {
	crowd := r.newCrowd()
	talk := *r.Bench
	talk.Users = r.Speakers
	r.Bench = &talk
	c := r.newChatter()
	if err := r.assemble(ctx, c.hear); err != nil {
		return nil, err
	}
	tick := func(now time.Time) time.Time {
		crowd.push()
		return c.speak(now)
	}
	c.begin()
	if err := r.during(ctx, r.warmUp(), tick); err != nil {
		return nil, err
	}
	c.latency, crowd.counts = histogram{}, loginCounts{}
	before := r.costs()
	r.say("measuring for %v", r.For)
	if err := r.during(ctx, r.For, tick); err != nil {
		return nil, err
	}
	elapsed, cpu := r.costs().since(before)
	logins, latency := crowd.counts, c.latency
	if err := c.end(ctx); err != nil {
		return nil, err
	}
	return []figure{
		{"logins per second", "", float64(logins.in) / elapsed.Seconds()},
		{"server CPU", "% of a core", 100 * cpu.Seconds() / elapsed.Seconds()},
		{"server CPU per login", "ms", perUnit(cpu, logins.in) / 1000},
		milliseconds("time to prompt p50", logins.latency.quantile(0.5)),
		milliseconds("time to prompt p99", logins.latency.quantile(0.99)),
		{"refused as busy", "", float64(logins.busy)},
		milliseconds("latency of what is said p50", latency.quantile(0.5)),
		milliseconds("latency of what is said p99", latency.quantile(0.99)),
		milliseconds("latency of what is said max", latency.max),
		{"lost", "", float64(c.lost)},
		{"out of order", "", float64(c.disorder)},
		{"sessions ended", "", float64(r.ended)},
	}, nil
}

// A crowd is users who log in all the time, each with an account of its own, and leave when they are in.
type crowd struct {
	run     *run
	offline []string // accounts that nobody logs in to at the moment, the one that has waited longest first
	trying  int
	atOnce  int // how many may
	counts  loginCounts
}

// loginCounts are what became of logins.
type loginCounts struct {
	in      uint64
	busy    uint64    // refused because too many others logged in
	latency histogram // from the connection to the prompt
}

func (r *run) newCrowd() *crowd {
	c := &crowd{run: r, atOnce: min(r.Users, loginsAtOnce)}
	for i := range r.Users {
		c.offline = append(c.offline, accountName+strconv.Itoa(i))
	}
	return c
}

// push makes as many log in as may at once.
func (c *crowd) push() {
	r := c.run
	for c.trying < c.atOnce && r.loop.failed == nil {
		u := &user{mode: modeLine}
		if err := r.loop.connect(r.target.address, u); err != nil {
			r.loop.fail(err)
			return
		}
		began, name := time.Now(), c.offline[0]
		c.offline = c.offline[1:]
		c.trying++
		leave := func(u *user) {
			r.loop.drop(u)
			c.offline = append(c.offline, name)
			c.trying--
		}
		u.ended = func(u *user, _ error) {
			r.ended++
			leave(u)
		}
		u.loginAs(name, func(u *user) {
			c.counts.in++
			c.counts.latency.add(time.Since(began))
			leave(u)
		}, func(u *user, said string) {
			said = strings.TrimSpace(said)
			if !strings.HasSuffix(said, words.English.Sentence(chat.ErrBusy)) {
				r.loop.fail(fmt.Errorf("%s may not log in: %s", name, said))
			}
			c.counts.busy++
			leave(u)
		})
	}
}
