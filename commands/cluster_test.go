package commands

import (
	"errors"
	"slices"
	"testing"

	"parley/chat"
)

// TestCluster shows nodes of all states.
func TestCluster(t *testing.T) {
	r := New()
	status := chat.ClusterStatus{Node: "a", Epoch: 7, Event: 1204}
	n := chat.New(chat.Options{Hash: chat.HashParams{Memory: 8, Time: 1},
		Cluster: func() chat.ClusterStatus {
			s := status
			s.Nodes = []chat.ClusterNode{{Name: "a", State: chat.NodeApart, Write: 120}, {Name: "b",
				State: chat.NodeLags, Write: 100, Behind: 20}, {Name: "c", State: chat.NodeNotHeard}}
			return s
		}})
	t.Cleanup(n.Close)
	s := &stage{t, n, r}
	olga := s.operator("olga")
	want := lines("3 nodes, seen from a:", "a: cannot reach the others, 0 users, at write 120.",
		"b: does not keep up, 0 users, at write 100, 20 behind.", "c: not heard of, 0 users.",
		"Epoch 7, event 1204.", "No NATS server can be reached.")
	if got := olga.does("cluster"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	status.Server, status.Trouble = "nats://192.0.2.1:4222", errors.New("disk full")
	want = append(want[:5], "NATS server: nats://192.0.2.1:4222.",
		"This node does not follow what is stored: disk full.")
	if got := olga.does("cluster"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
