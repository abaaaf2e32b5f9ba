package chat_test

import (
	"testing"

	"parley/chat"
	"parley/chat/chattest"
)

func TestMemoryStore(t *testing.T) {
	chattest.TestStore(t, func(*testing.T) chat.Store { return chat.NewMemoryStore() })
}

func TestMemoryDirectory(t *testing.T) {
	chattest.TestDirectory(t, func(*testing.T) chat.Directory { return chat.NewMemoryDirectory() })
}

func TestMemoryBus(t *testing.T) {
	chattest.TestBus(t, func(*testing.T) chat.Bus { return chat.NewMemoryBus() })
}
