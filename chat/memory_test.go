package chat_test

import (
	"testing"
	"testing/synctest"

	"parley/chat"
	"parley/chat/chattest"
)

func TestMemoryStore(t *testing.T) {
	chattest.TestStore(t, func(*testing.T) chat.Store { return chat.NewMemoryStore() })
}

func TestMemoryDesk(t *testing.T) {
	for name, nodes := range map[string][]string{"one node": {""}, "three nodes": {"a", "b", "c"}} {
		t.Run(name, func(t *testing.T) {
			chattest.TestDesk(t, synctest.Test, func(*testing.T) []chat.Desk { return chat.NewMemoryDesks(nodes...) })
		})
	}
}

func TestMemoryNodes(t *testing.T) {
	chattest.TestNodes(t, synctest.Test, func(t *testing.T, options []chat.Options) []*chat.Node {
		nodes := make([]*chat.Node, len(options))
		for i, d := range chat.NewMemoryDesks("a", "b", "c") {
			options[i].Desk = d
			nodes[i] = chat.New(options[i])
			t.Cleanup(nodes[i].Close)
		}
		return nodes
	})
}
