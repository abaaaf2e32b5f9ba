package db

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"parley/chat"
	"parley/chat/chattest"
	"parley/internal/testenv"
)

func TestMain(m *testing.M) {
	if what := os.Getenv("PARLEY_DB_CHILD"); what != "" {
		if err := runChild(what, os.Args[1]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	testenv.InMemory()
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

var noContext = context.Background()
