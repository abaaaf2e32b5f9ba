package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/chat"
	"parley/chat/chattest"
	"parley/chat/record"
	"parley/cluster/natstest"
	"parley/cluster/wire"
)

// A natsHall opens views over NATS servers, each time in a cluster of its own.
type natsHall struct {
	urls   []string
	opened atomic.Int64
}

func (h *natsHall) open(t *testing.T, nodes int) []chat.Desk {
	t.Helper()
	prefix := fmt.Sprint("test", h.opened.Add(1))
	store, log := record.NewMemoryStore(), slog.New(slog.DiscardHandler)
	names := []string{"a", "b", "c", "d", "e"}[:nodes]
	views := make([]chat.Desk, nodes)
	var wg sync.WaitGroup
	for i, name := range names {
		w, err := wire.Connect(t.Context(), wire.Options{Servers: h.urls, Node: name, Log: log,
			Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Close)
		v, err := Open(t.Context(), Options{Name: name, Nodes: names, Link: w.Link(), Store: store, Log: log,
			slack: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(v.Close)
		views[i] = v
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := v.Await(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	return views
}

// TestDeskOverNATS tests the promises of a desk that three nodes keep together over NATS.
func TestDeskOverNATS(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	hall := &natsHall{urls: natstest.Start(t, 1, nil).URLs()}
	chattest.TestDesk(t, chattest.Parallel, func(t *testing.T) []chat.Desk { return hall.open(t, 3) })
}

// TestNodesOverNATS tests the promises of the chat's nodes on views over NATS.
func TestNodesOverNATS(t *testing.T) {
	hall := &natsHall{urls: natstest.Start(t, 1, nil).URLs()}
	chattest.TestNodes(t, chattest.Parallel, func(t *testing.T, options []chat.Options) []*chat.Node {
		nodes := make([]*chat.Node, len(options))
		for i, d := range hall.open(t, len(options)) {
			options[i].Desk = d
			nodes[i] = chat.New(options[i])
			t.Cleanup(nodes[i].Close)
		}
		return nodes
	})
}
