package order

import (
	"context"
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

	"parley/chat/record"
	"parley/cluster/simnet"
)

var (
	seeds = flag.Int("seeds", 60, "how many seeds TestSeeds tries")
	seed  = flag.Uint64("seed", 0, "the one seed that TestSeeds tries, if it is not 0")
)

// A plan says what a simulation is like.
type plan struct {
	replicas int
	storm    bool // several may lose their memory at once
	bend     func(*rules)
	wrap     func(record.Store) record.Store // nil: the store as it is
	link     func(name string, l Link) Link  // nil: the network as it is
	faults   simnet.Faults
	span     time.Duration
}

// A sim is several replicas in one bubble.
type sim struct {
	t     *testing.T
	plan  plan
	rand  *rand.Rand
	net   *simnet.Net
	store record.Store
	judge *judge
	names []string

	mu     sync.Mutex // guards all below
	live   map[string]*machine
	killed map[string]time.Time
	next   int
}

func newSim(t *testing.T, seed uint64, p plan) *sim {
	s := &sim{t: t, plan: p, rand: rand.New(rand.NewPCG(seed, 2)), net: simnet.New(seed, p.faults),
		store: record.NewMemoryStore(), live: make(map[string]*machine), killed: make(map[string]time.Time)}
	if p.wrap != nil {
		s.store = p.wrap(s.store)
	}
	s.judge = newJudge(s.net)
	for i := range p.replicas {
		s.names = append(s.names, string(rune('A'+i)))
	}
	return s
}

// start starts a process called name.
func (s *sim) start(name string) {
	port := s.net.Port(name)
	m := &machine{judge: s.judge, name: name}
	s.judge.mu.Lock()
	s.judge.machines = append(s.judge.machines, m)
	s.judge.mu.Unlock()
	var link Link = port
	if s.plan.link != nil {
		link = s.plan.link(name, port)
	}
	for tries := 0; ; tries++ {
		if tries == 50 {
			s.net.Heal() // without the store it would never start
		}
		r, err := Start(context.Background(), Options{Name: name, Replicas: s.names, Link: link,
			Store: s.net.Store(name, s.store), Machine: m, Before: func() {
				m.rounds.Add(1)
				port.Before()
			},
			Rand: rand.New(rand.NewPCG(s.rand.Uint64(), 3)),
			Log:  slog.New(slog.NewTextHandler(netLog{s.net, name}, nil)), rules: s.plan.bend})
		if err == nil {
			s.net.Logf("start %s in life %x", name, r.Status().Life)
			m.replica.Store(r)
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live[name] = m
}

// kill ends a process as kill -9 does.
func (s *sim) kill(name string) { s.end(name, false) }

// end ends a process, which says goodbye or not.
func (s *sim) end(name string, bye bool) {
	s.mu.Lock()
	m := s.live[name]
	delete(s.live, name)
	s.killed[name] = time.Now()
	s.mu.Unlock()
	s.judge.mu.Lock()
	m.dead = true
	s.judge.mu.Unlock()
	if bye {
		m.replica.Load().Close()
	}
	s.net.Unplug(name)
	s.net.Resume(name)
	m.replica.Load().Close()
}

func (s *sim) at(name string) *machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[name]
}

// submit submits something new at m.
func (s *sim) submit(m *machine) error {
	s.mu.Lock()
	s.next++
	id := fmt.Sprint(s.next, m.name)
	s.mu.Unlock()
	c := s.judge.begins(id, m)
	got, err := m.replica.Load().Submit(context.Background(), []byte(id))
	s.judge.returns(c, got, err)
	return err
}

// talk submits at name's process until the end.
func (s *sim) talk(name string, seed uint64, end <-chan struct{}) {
	random := rand.New(rand.NewPCG(seed, 4))
	for {
		select {
		case <-end:
			return
		case <-time.After(time.Duration(1 + random.Int64N(int64(300*time.Millisecond)))):
		}
		m := s.at(name)
		if m == nil {
			continue
		}
		if random.IntN(8) > 0 {
			s.submit(m)
			continue
		}
		var wg sync.WaitGroup // a burst
		for range 1 + random.IntN(8) {
			wg.Go(func() { s.submit(m) })
		}
		wg.Wait()
	}
}

// trouble makes trouble until the time is up.
func (s *sim) trouble() {
	for end := time.Now().Add(s.plan.span); time.Now().Before(end); {
		name, other := s.names[s.rand.IntN(len(s.names))], s.names[s.rand.IntN(len(s.names))]
		switch s.rand.IntN(8) {
		case 0:
			s.net.Cut(name, other)
		case 1:
			s.net.Cut(name, other)
			s.net.Cut(other, name)
		case 2:
			for _, other := range s.names {
				s.net.Cut(name, other)
				s.net.Cut(other, name)
			}
		case 3, 4:
			s.restart(name)
		case 5:
			s.net.Pause(name)
			s.nap(12 * time.Second)
			s.net.Resume(name)
		case 6:
			s.net.Away(name)
		case 7:
			s.net.Set(simnet.Faults{Delay: time.Millisecond, Spread: time.Duration(s.rand.IntN(300)) * time.Millisecond,
				Loss: s.rand.IntN(200), Twice: s.rand.IntN(200)})
		}
		s.nap(6 * time.Second)
		if s.rand.IntN(3) > 0 {
			s.net.Heal()
			s.net.Set(s.plan.faults)
			s.nap(8 * time.Second)
		}
	}
}

func (s *sim) nap(most time.Duration) { time.Sleep(time.Duration(s.rand.Int64N(int64(most)))) }

// restart kills a process and starts it again. Unless the plan is a storm, it does so only once all the others know
// everything again, so that no memory is lost.
func (s *sim) restart(name string) {
	if !s.plan.storm {
		s.net.Heal()
		s.net.Set(s.plan.faults)
		s.calm()
	}
	if s.at(name) == nil {
		return
	}
	s.end(name, s.rand.IntN(2) == 0)
	s.nap(5 * time.Second)
	s.start(name)
}

// calm waits until all are in touch.
func (s *sim) calm() bool {
	for range 600 {
		up := 0
		for _, name := range s.names {
			if m := s.at(name); m != nil && m.replica.Load().Status().InTouch {
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

// play plays a whole simulation, and returns what was wrong.
func (s *sim) play() []string {
	var wg sync.WaitGroup
	for _, name := range s.names {
		s.start(name)
	}
	if !s.calm() {
		return []string{"never begun"}
	}
	end := make(chan struct{})
	for _, name := range s.names {
		seed := s.rand.Uint64()
		wg.Go(func() { s.talk(name, seed, end) })
	}
	s.trouble()
	s.net.Heal()
	s.net.Set(s.plan.faults)
	if !s.calm() {
		s.judge.mu.Lock()
		s.judge.faultLocked("never calm again")
		s.judge.mu.Unlock()
	}
	close(end)
	wg.Wait()
	var left []*machine
	for _, name := range s.names {
		m := s.at(name)
		left = append(left, m)
		if err := s.submit(m); err != nil && !errors.Is(err, ErrUnknown) {
			s.judge.mu.Lock()
			s.judge.faultLocked("%s cannot submit in the end: %v", name, err)
			s.judge.mu.Unlock()
		}
	}
	time.Sleep(2 * time.Second)
	synctest.Wait()
	s.judge.ends(left)
	for _, m := range left {
		m.replica.Load().Close()
	}
	return s.judge.verdict()
}

// try plays the plan with a seed and returns what was wrong, and the history.
func try(t *testing.T, seed uint64, p plan) (faults []string, history string) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, seed, p)
		faults = s.play()
		history = s.net.History()
	})
	return faults, history
}

// A netLog adds what a replica logs to the history.
type netLog struct {
	net  *simnet.Net
	name string
}

func (l netLog) Write(b []byte) (int, error) {
	_, text, _ := strings.Cut(strings.TrimSpace(string(b)), "level=")
	l.net.Logf("%s %s", l.name, text)
	return len(b), nil
}

var good = simnet.Faults{Delay: 200 * time.Microsecond, Spread: 3 * time.Millisecond, Loss: 2, Twice: 5}

// planFor returns the plan that a seed stands for.
func planFor(seed uint64) plan {
	p := plan{replicas: 3, faults: good, span: 40 * time.Second, storm: seed%4 == 3}
	if seed%10 == 9 {
		p.replicas = []int{1, 2, 4, 5}[seed/10%4]
	}
	return p
}

// TestSeeds plays many simulations, each with other trouble.
func TestSeeds(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i := range simnet.Seeds(*seed, *seeds) {
		if faults, history := try(t, i, planFor(i)); len(faults) > 0 {
			t.Fatalf("seed %d:\n%s\n\nwhat happened:\n%s", i, strings.Join(faults, "\n"), history)
		}
	}
}
