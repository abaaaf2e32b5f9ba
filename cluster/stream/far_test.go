package stream

import (
	"fmt"
	"testing"
	"time"

	"parley/cluster/natstest"
	"parley/cluster/simnet"
)

// TestFar opens a store whose server is half a second away, there and back, and writes while another does: the replica
// gets what there is. It was not given the time that the first of it needs.
func TestFar(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	c := newCluster(t, servers)
	near := c.must("near", t.TempDir())
	put := func(s *Store, key string) {
		t.Helper()
		if _, err := s.Put(t.Context(), "accounts", key, []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		put(near.Store, fmt.Sprint("early", i))
	}
	way := simnet.NewWay(t, servers.URLs()[0])
	way.Take(250 * time.Millisecond)
	far := newCluster(t, servers)
	far.prefix, far.way = c.prefix, way.URL()
	n := far.must("far", t.TempDir())
	put(n.Store, "alice")
	put(near.Store, "bob")
	for _, key := range []string{"early19", "alice", "bob"} {
		if _, err := n.Get(t.Context(), "accounts", key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}
