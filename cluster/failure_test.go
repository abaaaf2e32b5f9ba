package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/chat/record"
	"parley/cluster/simnet"
)

// A scene is three nodes with a user each: alice at a, who leads room 0, and bob and carol in it. The desk is the node
// called desk.
type scene struct {
	*testing.T
	net   *simnet.Net
	views map[string]*View
	ears  map[string]*ear
	desk  string
	rest  []string // the other nodes
}

// stage plays a scene in a bubble.
func stage(t *testing.T, play func(s *scene)) {
	synctest.Test(t, func(t *testing.T) {
		net, store := simnet.New(1, simnet.Faults{Delay: time.Millisecond}), record.NewMemoryStore()
		s := &scene{T: t, net: net, views: make(map[string]*View), ears: make(map[string]*ear)}
		names, j := []string{"a", "b", "c"}, newJudge(net)
		for _, name := range names {
			port := net.Port(name)
			v, err := Open(t.Context(), Options{Name: name, Nodes: names, Link: port, Store: net.Store(name, store),
				Before: port.Before, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer v.Close()
			s.views[name] = v
		}
		for i, name := range names {
			v := s.views[name]
			if err := v.Await(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.ears[name] = j.newEar(name)
			u := user(i)
			if err := v.Enter(t.Context(), chat.Entry{ID: name, Node: name, User: u}, s.ears[name]); err != nil {
				t.Fatal(err)
			}
			v.Attach(keeper{s.ears[name]})
			if i == 0 {
				_, err := v.OpenRoom(t.Context(), chat.Clean("tea"), u)
				s.must(err)
			} else {
				_, err := v.ChangeRoom(t.Context(), 0, chat.RoomChange{Kind: chat.Joined, User: u})
				s.must(err)
			}
		}
		s.desk = s.views["a"].Status().Desk
		s.rest = slices.DeleteFunc(names, func(name string) bool { return name == s.desk })
		play(s)
		net.Heal()
		for _, name := range names {
			net.Resume(name)
		}
	})
}

func user(i int) chat.User {
	name := []string{"alice", "bob", "carol"}[i]
	return chat.User{Name: name, ID: name}
}

// A keeper writes down whom it has to send away, and why.
type keeper struct{ ear *ear }

func (k keeper) Do(_ context.Context, o *chat.Order) (chat.Answer, <-chan chat.Answer) {
	k.ear.note("%s %s %v", o.Kind, o.User.Name, o.Reason)
	return chat.Answer{Verdict: chat.Delivered}, nil
}

func (e *ear) note(format string, args ...any) {
	e.judge.mu.Lock()
	defer e.judge.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf(format, args...))
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// count returns how many of what was heard at the node of that name begin with start.
func (s *scene) count(name, start string) (n int) {
	e := s.ears[name]
	e.judge.mu.Lock()
	defer e.judge.mu.Unlock()
	for _, line := range e.heard {
		if strings.HasPrefix(line, start) {
			n++
		}
	}
	for _, kind := range e.told {
		if kind.String() == start {
			n++
		}
	}
	return n
}

// isolate cuts a node off from all others.
func (s *scene) isolate(name string) {
	for other := range s.views {
		s.net.Cut(name, other)
		s.net.Cut(other, name)
	}
}

func (s *scene) say(at string) error {
	return s.views[at].Publish(s.Context(), chat.RoomTopic(0), &chat.Event{Kind: chat.Said, Text: chat.Clean("hello")})
}

// TestApart tests what a node says that cannot reach the others: one sentence when that begins, one to whoever wants to
// change something, and one when it is over. Nobody has gone then.
func TestApart(t *testing.T) {
	stage(t, func(s *scene) {
		name := s.rest[0]
		s.isolate(name)
		time.Sleep(1700 * time.Millisecond)
		if got := s.count(name, "apart"); got != 1 {
			t.Errorf("told %d times that the others cannot be reached", got)
		}
		if err := s.say(name); !errors.Is(err, chat.ErrNoDesk) {
			t.Errorf("say: %v", err)
		}
		if err := s.views[name].Calm(s.Context(), time.Hour); !errors.Is(err, chat.ErrNoDesk) {
			t.Errorf("Calm: %v", err)
		}
		if e, err := s.views[name].Find("alice"); err != nil || e.User != user(0) {
			t.Errorf("Find: %v, %v: what can be read is read", e, err)
		}
		s.net.Heal()
		time.Sleep(500 * time.Millisecond)
		if got := s.count(name, "together"); got != 1 {
			t.Errorf("told %d times that the others can be reached again", got)
		}
		s.must(s.say(name))
		for other := range s.views {
			if got := s.count(other, "left") + s.count(other, "closed"); got != 0 {
				t.Errorf("%s heard %d times that somebody left", other, got)
			}
		}
	})
}

// TestCutOff tests that the users of a node that was cut off for longer are gone for the others, once, and have to come
// again; and that nothing is said there that the others do not hear.
func TestCutOff(t *testing.T) {
	stage(t, func(s *scene) {
		s.isolate(s.desk)
		time.Sleep(6 * time.Second)
		for _, name := range s.rest {
			want := map[bool]string{true: "closed", false: "left"}[s.desk == "a"]
			if got := s.count(name, want); got != 1 {
				t.Errorf("%s heard %d times %q", name, got, want)
			}
			if _, err := s.views[name].Find(s.ears[s.desk].process); err == nil {
				t.Errorf("%s still finds the user", name)
			}
		}
		said := s.count(s.desk, "said")
		if err := s.say(s.desk); !errors.Is(err, chat.ErrNoDesk) {
			t.Errorf("say at the minority: %v", err)
		}
		s.net.Heal()
		time.Sleep(3 * time.Second)
		if got := s.count(s.desk, "expel"); got != 1 || s.count(s.desk, "said") != said {
			t.Errorf("sent away %d times", got)
		}
		u := user(slices.Index([]string{"a", "b", "c"}, s.desk))
		again := s.ears[s.desk].judge.newEar("again")
		s.must(s.views[s.desk].Enter(s.Context(), chat.Entry{ID: "again", Node: s.desk, User: u}, again))
	})
}

// TestComeBetween has users come while there is no desk: they wait until there is another, and are let in. Where there
// is none for long, they are told so.
func TestComeBetween(t *testing.T) {
	stage(t, func(s *scene) {
		s.isolate(s.desk)
		var wg sync.WaitGroup
		for n := range 60 {
			wg.Go(func() {
				time.Sleep(time.Duration(n) * 50 * time.Millisecond)
				v, id := s.views[s.rest[n%2]], fmt.Sprint("guest", n)
				if _, err := v.TakeNumber(s.Context()); err != nil {
					t.Errorf("a number %d ms after the desk is gone: %v", 50*n, err)
				}
				e := chat.Entry{ID: id, Node: v.Node(), User: chat.User{Name: id, ID: id}}
				if err := v.Enter(s.Context(), e, s.ears[v.Node()].judge.newEar(id)); err != nil {
					t.Errorf("enter: %v", err)
				}
			})
		}
		wg.Wait()
		began := time.Now()
		_, err := s.views[s.desk].TakeNumber(s.Context())
		if took := time.Since(began); !errors.Is(err, chat.ErrNoDesk) || took > comeWait+100*time.Millisecond {
			t.Errorf("at the node that is cut off: %v after %v", err, took)
		}
	})
}

// TestComeWithoutStore has users come after the desk has died together with the NATS server that led: there is no other
// desk before these servers have chosen who leads them, which may take nine seconds. The users wait for so long.
func TestComeWithoutStore(t *testing.T) {
	stage(t, func(s *scene) {
		s.isolate(s.desk)
		for _, name := range s.rest {
			s.net.Away(name)
		}
		time.Sleep(100 * time.Millisecond)
		came := make(chan error, len(s.rest))
		for _, name := range s.rest {
			go func() { // until there is a desk, or comeWait
				_, err := s.views[name].TakeNumber(s.Context())
				came <- err
			}()
		}
		time.Sleep(9 * time.Second)
		s.net.Heal()
		for range s.rest {
			if err := <-came; err != nil {
				t.Errorf("a number nine seconds after the desk is gone: %v", err)
			}
		}
	})
}

// TestTellBesideSlowNode tests that nobody waits until a node that stands still has told its users who has come, as all
// who log in would; and that it tells them, once it goes on.
func TestTellBesideSlowNode(t *testing.T) {
	stage(t, func(s *scene) {
		slow := s.rest[1]
		s.net.Pause(slow)
		began := time.Now()
		_, err := s.views[s.rest[0]].All(s.Context(), &chat.Order{Kind: chat.TellWatchers, User: user(1)})
		s.must(err)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("that took %v", took)
		}
		s.net.Resume(slow)
		time.Sleep(time.Second)
		for name := range s.views {
			if n := s.count(name, string(chat.TellWatchers)); n != 1 {
				t.Errorf("%s did it %d times", name, n)
			}
		}
	})
}

// TestLostLines tests that a node that was too far behind says how many lines of a room were lost.
func TestLostLines(t *testing.T) {
	stage(t, func(s *scene) {
		name := s.rest[0]
		before := s.count(name, "said")
		s.isolate(name)
		const lines = 6000
		var wg sync.WaitGroup
		for range 300 {
			wg.Go(func() {
				for range lines / 300 {
					if err := s.say(s.rest[1]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		s.net.Heal()
		time.Sleep(time.Second)
		heard, lost := s.count(name, "said")-before, s.ears[name].lost
		if lost == 0 || heard+lost != lines {
			t.Errorf("heard %d lines of %d, and was told of %d lost", heard, lines, lost)
		}
		if here, there := s.views[name].Said(), s.views[s.rest[1]].Said(); here != there {
			t.Errorf("the last line has the order %d here, and %d there", here, there)
		}
		s.must(s.say(s.rest[1]))
		time.Sleep(10 * time.Millisecond)
		if got := s.count(name, "said") - before; got != heard+1 {
			t.Errorf("heard %d lines after that, want 1", got-heard)
		}
	})
}
