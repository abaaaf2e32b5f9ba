package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/record"
	"parley/cluster/simnet"
)

// TestBrokenRules tests the judge: whoever breaks a rule of the order is caught by one of a few seeds.
func TestBrokenRules(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	tests := []struct {
		name string
		bend func(*rules)
		wrap func(record.Store) record.Store
		want string // of what is found
	}{
		{"applied before a majority has it", func(r *rules) { r.majority = 1 }, nil, "where others have applied"},
		{"never fenced", func(r *rules) { r.fence = time.Hour }, nil, "in touch"},
		{"an epoch for two", func(*rules) {}, func(s record.Store) record.Store { return careless{s} }, "FAULT"},
		{"gone is said too early", func(r *rules) { r.silence = 700 * time.Millisecond }, nil,
			"thinks that it is in touch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(60) {
				p := planFor(4*seed + 3)
				p.replicas, p.bend, p.wrap = 3, tt.bend, tt.wrap
				if _, history := try(t, seed, p); strings.Contains(history, tt.want) {
					return
				}
			}
			t.Errorf("no seed has found it")
		})
	}
}

// A careless store lets everybody write, whatever they have read.
type careless struct{ record.Store }

func (c careless) Put(ctx context.Context, bucket, key string, value []byte, _ uint64) (uint64, error) {
	r, err := c.Get(ctx, bucket, key)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return 0, err
	}
	return c.Store.Put(ctx, bucket, key, value, r.Revision)
}

// scene plays a scene with replicas that are in touch, over a good network.
func scene(t *testing.T, replicas int, play func(t *testing.T, s *sim)) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1, plan{replicas: replicas, faults: good})
		for _, name := range s.names {
			s.start(name)
		}
		if !s.calm() {
			t.Fatal("never begun")
		}
		play(t, s)
		s.net.Heal()
		time.Sleep(5 * time.Second)
		for _, name := range s.names {
			if m := s.at(name); m != nil {
				m.replica.Load().Close()
			}
		}
		for _, fault := range s.judge.verdict() {
			t.Error(fault)
		}
		if t.Failed() {
			t.Log(s.net.History())
		}
	})
}

// desk returns the name of the desk, and the others'.
func (s *sim) desk() (desk string, others []string) {
	for _, name := range s.names {
		if m := s.at(name); m != nil && m.replica.Load().Status().Desk == name {
			desk = name
		} else {
			others = append(others, name)
		}
	}
	return desk, others
}

// TestDeskDies tests that the others go on within five seconds.
func TestDeskDies(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		desk, others := s.desk()
		s.kill(desk)
		died := time.Now()
		for s.submit(s.at(others[0])) != nil {
			time.Sleep(50 * time.Millisecond)
		}
		if took := time.Since(died); took > 5*time.Second {
			t.Errorf("went on after %v", took)
		}
	})
}

// TestRest tests that replicas of which nobody wants anything sleep from beat to beat, and are in touch all the same.
func TestRest(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		s.net.Set(simnet.Faults{Delay: time.Millisecond})
		time.Sleep(5 * time.Second) // what is under way is done
		const long = time.Minute
		before := make(map[string]int64)
		for _, name := range s.names {
			before[name] = s.at(name).rounds.Load()
		}
		time.Sleep(long)
		for _, name := range s.names {
			m := s.at(name)
			if n := m.rounds.Load() - before[name]; n > 12*int64(long/time.Second) {
				t.Errorf("%s: %d rounds in %v", name, n, long)
			}
			if m.touched != 1 || !m.replica.Load().Status().InTouch {
				t.Errorf("%s was told %d times that it is in touch, or is not", name, m.touched)
			}
		}
	})
}

// TestDeskStops tests that a desk that says goodbye hands over: what the others submit meanwhile waits for a moment and
// is done, and they never lose touch.
func TestDeskStops(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		for round := range 2 { // the one that has become the desk stops, too, once the first is back
			desk, others := s.desk()
			s.end(desk, true)
			stopped := time.Now()
			var wg sync.WaitGroup
			for _, name := range others {
				for wait := range 20 {
					wg.Go(func() {
						time.Sleep(time.Duration(wait) * 5 * time.Millisecond)
						if err := s.submit(s.at(name)); err != nil {
							t.Errorf("submit %v after the desk has stopped: %v", time.Since(stopped), err)
						}
						if !s.at(name).replica.Load().Status().InTouch {
							t.Errorf("%s has lost touch", name)
						}
					})
				}
			}
			wg.Wait()
			if took := time.Since(stopped); took > 400*time.Millisecond {
				t.Errorf("went on after %v", took)
			}
			for _, name := range others {
				if got := s.at(name).touched; got != 1 {
					t.Errorf("round %d: %s was told %d times that it is in touch, or is not", round, name, got)
				}
			}
			s.start(desk)
			if !s.calm() {
				t.Fatal("never calm again")
			}
		}
	})
}

// TestCutOff tests that a minority takes nothing, and that a restart of the one, or its return, needs no store.
func TestCutOff(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		desk, others := s.desk()
		for _, name := range others {
			s.net.Cut(desk, name)
		}
		s.net.Away(desk)
		time.Sleep(1600 * time.Millisecond)
		if err := s.submit(s.at(desk)); !errors.Is(err, ErrFenced) {
			t.Errorf("submit at a desk that is cut off: %v", err)
		}
		time.Sleep(3 * time.Second)
		for _, name := range others {
			if err := s.submit(s.at(name)); err != nil {
				t.Errorf("submit at the majority: %v", err)
			}
		}
	})
}

// TestMajorityForgets tests that no number is given twice where those who knew the last ones have all started again.
// The one that was cut off meanwhile remembers those before, and cannot know of more.
func TestMajorityForgets(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		desk, others := s.desk()
		behind, other := others[0], others[1]
		for _, name := range []string{desk, other} {
			s.net.Cut(behind, name)
			s.net.Cut(name, behind)
		}
		time.Sleep(3 * time.Second)
		for range 5 {
			if err := s.submit(s.at(other)); err != nil {
				t.Errorf("submit at the majority: %v", err)
			}
		}
		s.kill(desk)
		s.kill(other)
		s.net.Heal()
		s.start(desk)
		s.start(other)
		if !s.calm() {
			t.Fatal("never calm again")
		}
		for _, name := range s.names {
			if err := s.submit(s.at(name)); err != nil {
				t.Errorf("submit at %s: %v", name, err)
			}
		}
	})
}

// TestUnknown tests that there is an answer within two seconds, or a little more, whatever the network does.
func TestUnknown(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		_, others := s.desk()
		for _, name := range s.names {
			s.net.Cut(others[0], name)
		}
		began := time.Now()
		if err := s.submit(s.at(others[0])); !errors.Is(err, ErrUnknown) {
			t.Errorf("submit to nobody: %v, want ErrUnknown", err)
		}
		if took := time.Since(began); took > 2100*time.Millisecond {
			t.Errorf("answered after %v", took)
		}
	})
}

// TestFarBehind tests that who has missed more than is remembered gets a snapshot.
func TestFarBehind(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		_, others := s.desk()
		s.net.Pause(others[0])
		const missed = maxRing + 3000 // of which up to 1,024 wait where it is
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				for range missed / 100 {
					if err := s.submit(s.at(others[1])); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		s.net.Resume(others[0])
		late := s.at(others[0]).replica.Load()
		for end := time.Now().Add(5 * time.Second); late.Status().Applied < missed-100; time.Sleep(tick) {
			if time.Now().After(end) {
				t.Fatalf("is at %d only", late.Status().Applied)
			}
		}
		if !strings.Contains(s.net.History(), others[0]+" restores") {
			t.Error("no snapshot was needed")
		}
	})
}

// A later link speaks as a later version does: its messages have fields, also deep inside, that this version does not
// know, and between them come messages of a kind that it does not know.
type laterLink struct{ Link }

func (l laterLink) Send(to string, message []byte) {
	var m map[string]any
	if err := json.Unmarshal(message, &m); err != nil {
		panic(err)
	}
	m["v"], m["later"] = version+1, map[string]any{"n": 1}
	for _, inside := range []string{"o", "u"} {
		list, _ := m[inside].([]any)
		for _, e := range list {
			e.(map[string]any)["later"] = []int{1}
		}
	}
	for _, kind := range []any{m["k"], "later"} {
		m["k"] = kind
		b, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		l.Link.Send(to, b)
	}
}

// TestVersions plays some seeds with one replica, and with two, of a later version beside the others.
func TestVersions(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for seed := uint64(1); seed <= 12; seed++ {
		p := planFor(seed)
		p.link = func(name string, l Link) Link {
			if name == "A" || name == "B" && seed%2 == 0 {
				return laterLink{l}
			}
			return l
		}
		if faults, history := try(t, seed, p); len(faults) > 0 {
			t.Fatalf("seed %d:\n%s\n\nwhat happened:\n%s", seed, strings.Join(faults, "\n"), history)
		}
	}
}

// TestSameName tests that of two processes with one name the earlier is told so when it speaks, and stops.
func TestSameName(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		desk, others := s.desk()
		first := s.at(others[0])
		s.judge.mu.Lock()
		first.dead = true
		s.judge.mu.Unlock()
		port := s.net.Port(others[1]) // whoever is here hears what the others say to that name
		told := make(chan *message, 100)
		port.Receive(func(b []byte) {
			if m, err := decode(b); err == nil && m.Kind == kindOld {
				told <- m
			}
		})
		s.at(others[1]).replica.Load().Close()
		s.mu.Lock()
		delete(s.live, others[1])
		s.mu.Unlock()
		for _, life := range []uint64{9 << lifeBits, 8 << lifeBits} {
			port.Send(desk, (&message{Kind: kindCanvass, From: others[1], Life: life}).encode())
			time.Sleep(10 * time.Millisecond)
		}
		m := <-told
		first.replica.Load().inbox.message(m.encode())
		<-first.replica.Load().ended
		if _, err := first.replica.Load().Submit(t.Context(), nil); err == nil {
			t.Error("goes on")
		}
		port.Receive(nil)
	})
}

// TestFirstLost tests that a replica goes on of which the desk has missed the first of very many submissions.
func TestFirstLost(t *testing.T) {
	for _, first := range []int{1, 100, 257} {
		t.Run(strconv.Itoa(first), func(t *testing.T) {
			scene(t, 3, func(t *testing.T, s *sim) {
				desk, others := s.desk()
				m := s.at(others[0])
				var wg sync.WaitGroup
				submit := func(count int) {
					for range count {
						wg.Go(func() {
							if err := s.submit(m); err != nil {
								t.Error(err)
							}
						})
					}
					synctest.Wait()
				}
				s.net.Cut(others[0], desk)
				submit(first)
				s.net.Heal()
				submit(2 * maxWindow)
				wg.Wait()
			})
		})
	}
}

// TestLimits tests that what is too much is refused, and costs nothing.
func TestLimits(t *testing.T) {
	scene(t, 3, func(t *testing.T, s *sim) {
		_, others := s.desk()
		s.net.Pause(others[0])
		m := s.at(others[0])
		busy := 0
		var wg sync.WaitGroup
		var mu sync.Mutex
		for i := range maxSubmissions + 100 {
			wg.Go(func() {
				_, err := m.replica.Load().Submit(context.Background(), fmt.Append(nil, i))
				if errors.Is(err, ErrBusy) {
					mu.Lock()
					defer mu.Unlock()
					busy++
				}
			})
		}
		synctest.Wait()
		s.net.Resume(others[0])
		wg.Wait()
		if busy != 100 {
			t.Errorf("%d were refused, want 100", busy)
		}
	})
}
