package db

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"parley/chat"
	"parley/chat/chattest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// open opens the store in dir and closes it at the end of the test.
func open(t testing.TB, dir string) *DB {
	t.Helper()
	d, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestStore(t *testing.T) {
	chattest.TestStore(t, func(t *testing.T) chat.Store { return open(t, t.TempDir()) })
}
