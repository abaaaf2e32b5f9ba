package cluster

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/chat/record"
	"parley/cluster/order"
	"parley/cluster/simnet"
)

// An upgrade is three nodes that may be of two versions. To calm the chat is an operation of version 2, which version 1
// does not know.
type upgrade struct {
	*testing.T
	net   *simnet.Net
	store record.Store
	views map[string]*View
	ended map[string]chan error // takes what Wait returns
}

// upgradeFrom plays an upgrade of nodes of these versions in a bubble.
func upgradeFrom(t *testing.T, a, b, c int, play func(u *upgrade)) {
	synctest.Test(t, func(t *testing.T) {
		u := &upgrade{T: t, net: simnet.New(1, simnet.Faults{Delay: time.Millisecond}),
			store: record.NewMemoryStore(), views: make(map[string]*View), ended: make(map[string]chan error)}
		for name, version := range map[string]int{"a": a, "b": b, "c": c} {
			u.start(name, version)
		}
		for name := range u.views {
			u.await(name)
		}
		play(u)
		for _, v := range u.views {
			v.Close()
		}
	})
}

func (u *upgrade) start(name string, version int) {
	u.Helper()
	port := u.net.Port(name)
	needs := func(o *chat.Op) int {
		if o.Kind == chat.OpCalm {
			return 2
		}
		return o.Needs()
	}
	v, err := Open(u.Context(), Options{Name: name, Nodes: []string{"a", "b", "c"}, Link: port,
		Store: u.net.Store(name, u.store), Before: port.Before, Log: slog.New(slog.DiscardHandler),
		version: version, needs: needs})
	if err != nil {
		u.Fatal(err)
	}
	ended := make(chan error, 1)
	u.views[name], u.ended[name] = v, ended
	go func() { ended <- v.Wait() }() // until the view is closed, or stops
}

func (u *upgrade) await(name string) {
	u.Helper()
	if err := u.views[name].Await(u.Context()); err != nil {
		u.Fatalf("%s: %v", name, err)
	}
}

// restart closes a node, and starts it in another version.
func (u *upgrade) restart(name string, version int) {
	u.Helper()
	u.views[name].Close()
	u.start(name, version)
}

// calms has the node of that name calm the chat, and looks whether all of seen know of it.
func (u *upgrade) calms(name string, want error, seen ...string) {
	u.Helper()
	if err := u.views[name].Calm(u.Context(), time.Hour); !errors.Is(err, want) {
		u.Errorf("calm at %s: %v, want %v", name, err, want)
	}
	time.Sleep(time.Second)
	for _, node := range seen {
		if left := u.views[node].CalmLeft(); (left > 0) != (want == nil) {
			u.Errorf("%s is calm for another %v", node, left)
		}
	}
}

// stops waits until a node has stopped because it is of too early a version, while the others go on.
func (u *upgrade) stops(name string, others ...string) {
	u.Helper()
	select {
	case err := <-u.ended[name]:
		if !errors.Is(err, order.ErrOld) {
			u.Errorf("%s has stopped: %v", name, err)
		}
	case <-time.After(time.Minute):
		u.Fatalf("%s does not stop", name)
	}
	for _, other := range others {
		if _, err := u.views[other].TakeNumber(u.Context()); err != nil {
			u.Errorf("%s does not go on: %v", other, err)
		}
	}
}

// TestUpgrade has one node after the other come in a later version: what only that knows is refused, to its own users,
// until all are of it. A node of the version before does not come back then.
func TestUpgrade(t *testing.T) {
	upgradeFrom(t, 1, 1, 1, func(u *upgrade) {
		for _, name := range []string{"a", "b"} {
			u.restart(name, 2)
			u.await(name)
			u.calms(name, chat.ErrOldNode, "a", "b", "c")
		}
		u.restart("c", 2)
		u.await("c")
		u.calms("a", nil, "a", "b", "c")
		for range 2 {
			u.restart("b", 1)
			u.stops("b", "a", "c")
		}
		u.restart("b", 2)
		u.await("b")
		u.calms("b", nil, "b")
	})
}

// TestLeftBehind has a node of the version before come back that was gone while the others did what it does not know:
// by the operations that it missed, and by a snapshot.
func TestLeftBehind(t *testing.T) {
	for name, missed := range map[string]int{"operations": 1, "a snapshot": 5000} {
		t.Run(name, func(t *testing.T) {
			upgradeFrom(t, 2, 2, 1, func(u *upgrade) {
				u.calms("b", chat.ErrOldNode, "a", "b", "c")
				for _, other := range []string{"a", "b"} {
					u.net.Cut("c", other)
					u.net.Cut(other, "c")
				}
				time.Sleep(6 * time.Second)
				u.calms("b", nil, "a", "b")
				for range missed {
					if _, err := u.views["a"].TakeNumber(u.Context()); err != nil {
						u.Fatal(err)
					}
				}
				u.net.Heal()
				u.stops("c", "a", "b")
				u.restart("c", 2)
				u.await("c")
				u.calms("c", nil, "c")
			})
		})
	}
}

// TestNewKind submits what no version knows without saying so: no node passes over it.
func TestNewKind(t *testing.T) {
	upgradeFrom(t, 1, 1, 1, func(u *upgrade) {
		data := []byte(`{"id":"x","op":{"op":"of a later version"}}`)
		if _, err := u.views["a"].replica.Submit(u.Context(), data); err == nil {
			t.Error("done")
		}
		u.stops("a")
		u.stops("b")
	})
}
