package cluster

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/chat/chattest"
	"parley/chat/record"
	"parley/cluster/simnet"
)

// near is a network that takes no time.
var near = simnet.Faults{}

// openViews opens the views of so many nodes over a network as bad as f says, and closes them at the end.
func openViews(t *testing.T, nodes int, f simnet.Faults) []chat.Desk {
	net, store := simnet.New(1, f), record.NewMemoryStore()
	names := []string{"a", "b", "c", "d", "e"}[:nodes]
	views := make([]chat.Desk, nodes)
	for i, name := range names {
		port := net.Port(name)
		v, err := Open(t.Context(), Options{Name: name, Nodes: names, Link: port, Store: net.Store(name, store),
			Before: port.Before, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(v.Close)
		views[i] = v
	}
	var wg sync.WaitGroup
	for _, d := range views {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := d.(*View).Await(ctx); err != nil {
				t.Errorf("%s: %v", d.Node(), err)
			}
		})
	}
	wg.Wait()
	return views
}

func TestDesk(t *testing.T) {
	for _, tt := range []struct {
		name   string
		nodes  int
		faults simnet.Faults
	}{
		{"one node", 1, near},
		{"three nodes", 3, near},
		{"three nodes on a bad network", 3, simnet.Faults{Spread: time.Millisecond, Loss: 5, Twice: 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chattest.TestDesk(t, synctest.Test, func(t *testing.T) []chat.Desk {
				return openViews(t, tt.nodes, tt.faults)
			})
		})
	}
}

// TestNodes tests the promises of the chat's nodes on three views of a desk that they keep together.
func TestNodes(t *testing.T) {
	chattest.TestNodes(t, synctest.Test, func(t *testing.T, options []chat.Options) []*chat.Node {
		nodes := make([]*chat.Node, len(options))
		for i, d := range openViews(t, len(options), near) {
			options[i].Desk = d
			nodes[i] = chat.New(options[i])
			t.Cleanup(nodes[i].Close)
		}
		return nodes
	})
}
