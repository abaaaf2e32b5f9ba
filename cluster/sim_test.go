package cluster

import (
	"context"
	crand "crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/chat/record"
	"parley/cluster/order"
	"parley/cluster/simnet"
)

var (
	seeds = flag.Int("seeds", 20, "how many seeds TestSeeds tries")
	seed  = flag.Uint64("seed", 0, "the one seed that TestSeeds tries, if it is not 0")
)

// A sim is three nodes with users in one bubble.
type sim struct {
	net   *simnet.Net
	rand  *rand.Rand
	store record.Store
	judge *judge
	names []string
	end   chan struct{}
	spoil func(node string, m order.Machine) order.Machine // nil breaks nothing

	mu     sync.Mutex // guards all below
	live   map[string]*process
	starts int
	lines  int
}

// A process is one start of a node.
type process struct {
	name string // the node's name, and which start it is
	view *View

	mu   sync.Mutex      // guards ears
	ears map[string]*ear // by the user's ID
}

// Do does the orders that matter here: a user has to leave, or has moved.
func (p *process) Do(_ context.Context, o *chat.Order) (chat.Answer, <-chan chat.Answer) {
	if o.Kind != chat.Expel && o.Kind != chat.HandOver {
		return chat.Answer{Verdict: chat.Delivered}, nil
	}
	p.mu.Lock()
	e := p.ears[o.User.ID]
	delete(p.ears, o.User.ID)
	p.mu.Unlock()
	if e != nil {
		e.judge.mu.Lock()
		e.ended = true
		e.judge.mu.Unlock()
	}
	return chat.Answer{Verdict: chat.Delivered}, nil
}

func (s *sim) start(name string) {
	port := s.net.Port(name)
	s.mu.Lock()
	s.starts++
	p := &process{name: fmt.Sprint(name, " ", s.starts), ears: make(map[string]*ear)}
	s.mu.Unlock()
	for {
		v, err := Open(context.Background(), Options{Name: name, Nodes: s.names, Link: port,
			Store: s.net.Store(name, s.store), Before: port.Before, Rand: rand.New(rand.NewPCG(s.rand.Uint64(), 3)),
			Log: slog.New(slog.NewTextHandler(netLog{s.net, name}, nil)),
			machine: func(m order.Machine) order.Machine {
				if s.spoil != nil {
					m = s.spoil(name, m)
				}
				return witness{m, s.judge}
			}})
		if err == nil {
			p.view = v
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.view.Attach(p)
	s.net.Logf("start %s", p.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[name] = p
}

// A netLog adds what a node logs to the history.
type netLog struct {
	net  *simnet.Net
	name string
}

func (l netLog) Write(b []byte) (int, error) {
	_, text, _ := strings.Cut(strings.TrimSpace(string(b)), "level=")
	l.net.Logf("%s %s", l.name, text)
	return len(b), nil
}

func (s *sim) kill(name string) {
	s.mu.Lock()
	p := s.live[name]
	delete(s.live, name)
	s.mu.Unlock()
	s.judge.mu.Lock()
	s.judge.dead[p.name] = true
	s.judge.mu.Unlock()
	s.net.Unplug(name)
	p.view.Close()
}

func (s *sim) at(name string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[name]
}

// calm waits until all nodes are in touch.
func (s *sim) calm() bool {
	for range 600 {
		up := 0
		for _, name := range s.names {
			if p := s.at(name); p != nil && p.view.Status().InTouch {
				up++
			}
		}
		if up == len(s.names) {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// A person comes, talks and goes, at any node.
type person struct {
	sim   *sim
	rand  *rand.Rand
	user  chat.User
	at    *process
	ear   *ear
	entry chat.Entry
}

// live lives until the end.
func (p *person) live() {
	for {
		select {
		case <-p.sim.end:
			return
		case <-time.After(time.Duration(1 + p.rand.Int64N(int64(400*time.Millisecond)))):
		}
		if p.ear == nil || p.gone() {
			p.ear = nil
			p.come()
		} else {
			p.act()
		}
	}
}

func (p *person) gone() bool {
	p.ear.judge.mu.Lock()
	defer p.ear.judge.mu.Unlock()
	return p.ear.ended || p.ear.judge.dead[p.ear.process]
}

// come comes in at some node, or moves there.
func (p *person) come() {
	at := p.sim.at(p.sim.names[p.rand.IntN(len(p.sim.names))])
	if at == nil {
		return
	}
	v, e := at.view, p.sim.judge.newEar(at.name)
	at.mu.Lock()
	was := at.ears[p.user.ID]
	at.ears[p.user.ID] = e
	at.mu.Unlock()
	entry := chat.Entry{ID: crand.Text(), Node: v.Node(), User: p.user, Since: time.Now(), Info: chat.Clean(e.name)}
	err := v.Enter(context.Background(), entry, e)
	if errors.Is(err, chat.ErrConflict) {
		if there, finding := v.Find(p.user.Name); finding == nil {
			there.Node, there.Info = entry.Node, entry.Info
			entry = there
			_, err = v.Move(context.Background(), entry, e)
		}
	}
	if err != nil {
		at.mu.Lock()
		if at.ears[p.user.ID] == e {
			delete(at.ears, p.user.ID)
			if was != nil {
				at.ears[p.user.ID] = was
			}
		}
		at.mu.Unlock()
		v.Quit(context.Background(), entry)
		return
	}
	p.at, p.ear, p.entry = at, e, entry
	e.judge.mu.Lock()
	e.entered = true
	e.judge.mu.Unlock()
}

// act does something.
func (p *person) act() {
	ctx, v := context.Background(), p.at.view
	rooms, mine := v.Rooms(), v.RoomsOf(p.user)
	switch n := p.rand.IntN(20); {
	case n == 0:
		p.ear.judge.mu.Lock()
		p.ear.ended = true
		p.ear.judge.mu.Unlock()
		v.Quit(ctx, p.entry)
		p.ear = nil
	case n == 1:
		p.ear.judge.mu.Lock()
		p.ear.ended = true // the next one may be at another node: this one is told of it, or not
		p.ear.judge.mu.Unlock()
		p.ear = nil
	case n == 2 || len(rooms) == 0:
		v.OpenRoom(ctx, chat.Clean("topic"), p.user)
	case n <= 5:
		r := rooms[p.rand.IntN(len(rooms))]
		v.ChangeRoom(ctx, r.Number, chat.RoomChange{Kind: chat.Joined, User: p.user, At: time.Now()})
	case n == 6 && len(mine) > 0:
		r := mine[p.rand.IntN(len(mine))]
		v.ChangeRoom(ctx, r.Number, chat.RoomChange{Kind: chat.Left, User: p.user, At: time.Now()})
	case n == 7:
		v.All(ctx, &chat.Order{Kind: chat.CancelStop})
	case n == 8:
		p.say(chat.Everyone, chat.Shouted, 0)
	case len(mine) > 0:
		r := mine[p.rand.IntN(len(mine))]
		p.say(chat.RoomTopic(r.Number), chat.Said, r.Number)
	}
}

// say says a line, and looks whether it is heard here when that has returned.
func (p *person) say(topic chat.Topic, kind chat.Kind, room int) {
	j := p.sim.judge
	p.sim.mu.Lock()
	p.sim.lines++
	line := fmt.Sprint("line", p.sim.lines)
	p.sim.mu.Unlock()
	err := p.at.view.Publish(context.Background(), topic, &chat.Event{Kind: kind, At: time.Now(), From: p.user,
		Room: room, Text: chat.Clean(line)})
	heard := p.ear.hears(line)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.said[line] = err
	if err == nil && !heard && !p.ear.ended && kind == chat.Shouted {
		j.faultLocked("%s is not heard where it was said, by %s", line, p.ear.name)
	}
}

// trouble makes trouble for so long. A node loses its memory only when all others know everything again.
func (s *sim) trouble(span time.Duration) {
	nap := func(most time.Duration) { time.Sleep(time.Duration(s.rand.Int64N(int64(most)))) }
	for end := time.Now().Add(span); time.Now().Before(end); {
		name, other := s.names[s.rand.IntN(3)], s.names[s.rand.IntN(3)]
		switch s.rand.IntN(6) {
		case 0:
			s.net.Cut(name, other)
		case 1:
			for _, other := range s.names {
				s.net.Cut(name, other)
				s.net.Cut(other, name)
			}
		case 2, 3:
			s.net.Heal()
			s.net.Set(good)
			if s.calm() {
				s.kill(name)
				nap(5 * time.Second)
				s.start(name)
			}
		case 4:
			s.net.Pause(name)
			nap(12 * time.Second)
			s.net.Resume(name)
		case 5:
			s.net.Set(simnet.Faults{Delay: time.Millisecond, Spread: time.Duration(s.rand.IntN(300)) * time.Millisecond,
				Loss: s.rand.IntN(200), Twice: s.rand.IntN(200)})
		}
		nap(5 * time.Second)
		if s.rand.IntN(3) > 0 {
			s.net.Heal()
			s.net.Set(good)
			nap(8 * time.Second)
		}
	}
	s.net.Heal()
	s.net.Set(good)
}

var good = simnet.Faults{Delay: 200 * time.Microsecond, Spread: 3 * time.Millisecond, Loss: 2, Twice: 5}

// play plays a simulation, and returns what was wrong. spoil makes machines of the nodes worse; nil leaves them alone.
func play(seed uint64, spoil func(node string, m order.Machine) order.Machine) (faults []string, history string) {
	net := simnet.New(seed, good)
	s := &sim{net: net, rand: rand.New(rand.NewPCG(seed, 2)), store: record.NewMemoryStore(), judge: newJudge(net),
		names: []string{"a", "b", "c"}, end: make(chan struct{}), live: make(map[string]*process), spoil: spoil}
	for _, name := range s.names {
		s.start(name)
	}
	s.calm()
	var wg sync.WaitGroup
	for i := range 8 {
		p := &person{sim: s, rand: rand.New(rand.NewPCG(seed, uint64(10+i)))}
		p.user = chat.User{Name: fmt.Sprint("user", i), ID: fmt.Sprint("user", i)}
		wg.Go(p.live)
	}
	s.trouble(30 * time.Second)
	if !s.calm() {
		return []string{"never calm again"}, net.History()
	}
	close(s.end)
	wg.Wait()
	time.Sleep(3 * time.Second)
	synctest.Wait()
	faults = s.judge.settle()
	for _, name := range s.names {
		s.at(name).view.Close()
	}
	return faults, net.History()
}

// TestSeeds lets users come, talk and go at three nodes in trouble, and has all that they heard judged.
func TestSeeds(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i := range simnet.Seeds(*seed, *seeds) {
		synctest.Test(t, func(t *testing.T) {
			if faults, history := play(i, nil); len(faults) > 0 {
				t.Errorf("seed %d:\n%s\n\nwhat happened:\n%s", i, strings.Join(faults, "\n"), history)
			}
		})
		if t.Failed() {
			return
		}
	}
}
