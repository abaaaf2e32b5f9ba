//go:build linux

package bench

import (
	"context"
	"time"
)

// window is how many lines of a speaker may be under way when the server is given as many as it takes.
const window = 4

// chatter is what the speakers say, and what comes of it.
type chatter struct {
	run      *run
	speakers []*speaker
	interval time.Duration // between two lines; zero: as many as the server takes
	next     time.Time     // when the next one is due
	turn     int           // who says it
	silent   bool          // nobody speaks any more

	tally
	latency histogram
}

type speaker struct {
	*user
	prefix  string // of the command
	members uint64
	said    uint32
	heard   uint64
	due     schedule
}

func (r *run) newChatter() *chatter {
	c := &chatter{run: r}
	for i := range r.Speakers {
		c.speakers = append(c.speakers, &speaker{members: uint64(r.membersWith(i))})
	}
	if r.Rate > 0 {
		c.interval = time.Duration(float64(time.Second) / r.Rate)
	}
	return c
}

// begin makes the first users the speakers.
func (c *chatter) begin() {
	for i, s := range c.speakers {
		s.user = c.run.users[i]
		if s.prefix = "say " + c.run.numbers[i%c.run.Rooms] + " "; c.run.Shout {
			s.prefix = "shout "
		}
	}
	c.next = time.Now()
}

// hear counts the lines in what u reads.
func (c *chatter) hear(u *user, data []byte) {
	now := time.Now()
	u.listen(data, func(i int, number uint32) {
		s := c.speakers[i]
		c.count(u, i, number)
		s.heard++
		c.latency.add(now.Sub(s.due.at(number)))
	})
}

// speak says what is due, and returns when something is again.
func (c *chatter) speak(now time.Time) time.Time {
	if c.silent {
		return time.Time{}
	}
	if c.interval == 0 {
		for i, s := range c.speakers {
			lines := ""
			for s.members*uint64(s.said) < s.heard+s.members*window {
				lines += c.line(i, now)
			}
			if lines != "" {
				s.send(lines)
			}
		}
		return time.Time{}
	}
	for !c.next.After(now) {
		c.speakers[c.turn].send(c.line(c.turn, c.next))
		c.turn = (c.turn + 1) % len(c.speakers)
		c.next = c.next.Add(c.interval)
	}
	return c.next
}

// line returns the next line of a speaker, which was to be sent at due.
func (c *chatter) line(i int, due time.Time) string {
	s := c.speakers[i]
	text := s.prefix + spoken(i, s.said, c.run.Size) + "\n"
	s.due.set(s.said, due)
	s.said++
	return text
}

// goOn lets them speak for so long, and returns what it cost and how many lines were heard.
func (c *chatter) goOn(ctx context.Context, d time.Duration) (elapsed, cpu time.Duration, heard uint64, err error) {
	before, heardBefore := c.run.costs(), c.heard
	err = c.run.during(ctx, d, c.speak)
	elapsed, cpu = c.run.costs().since(before)
	return elapsed, cpu, c.heard - heardBefore, err
}

// drainTime is how long the last lines may take.
const drainTime = 10 * time.Second

// end waits until all lines were heard, and counts those that never are as lost.
func (c *chatter) end(ctx context.Context) error {
	c.silent = true
	var all uint64
	for _, s := range c.speakers {
		all += s.members * uint64(s.said)
	}
	end := time.Now().Add(drainTime)
	err := c.run.loop.run(ctx, nil, func() bool { return c.heard+c.lost >= all || time.Now().After(end) })
	c.lost = all - min(all, c.heard-c.disorder)
	return err
}
