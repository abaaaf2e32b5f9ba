package held

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"parley/chat/record"
)

// A note is a value that is over when it says so.
type note struct {
	Text  string
	Ended bool
	again bool
}

func (n note) Over() bool    { return n.Ended }
func (n note) Resumed() note { n.again = true; return n }

func open(t *testing.T, store record.Store) *Table[note] {
	var wg sync.WaitGroup
	closing := make(chan struct{})
	t.Cleanup(func() { close(closing); wg.Wait() })
	return New[note](Options{
		Store: store, Bucket: "notes", Max: 3, Closing: closing, Go: func(_ string, f func()) { wg.Go(f) },
	})
}

// TestTable tests what is in memory, what is on disk, and what a table that is opened again has.
func TestTable(t *testing.T) {
	ctx := t.Context()
	store := record.NewMemoryStore()
	table := open(t, store)
	for i, lasting := range []bool{true, true, false} {
		if err := table.Put(ctx, fmt.Sprint(i), note{Text: fmt.Sprint("note ", i)}, lasting); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Put(ctx, "3", note{}, true); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v, want ErrFull", err)
	}
	if err := table.Put(ctx, "2", note{Text: "new"}, false); err != nil {
		t.Errorf("in place of another: %v", err)
	}
	// What is over makes room, on disk too.
	if err := table.Put(ctx, "0", note{Ended: true}, true); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(table.Put(ctx, "3", note{}, true), table.Remember(ctx, "1",
		note{Text: "in memory"})); err != nil {
		t.Fatal(err)
	}
	table.Forget("3")
	for key, want := range map[string]string{"0": "", "1": "in memory", "2": "new", "3": "", "4": ""} {
		if n, found, err := table.Find(ctx, key); err != nil || n.Text != want || found != (want != "") {
			t.Errorf("%s: %+v, %v, %v, want %q", key, n, found, err, want)
		}
	}
	if n, found, err := table.Delete(ctx, "0"); err != nil || found {
		t.Errorf("Delete of nothing = %+v, %v, %v", n, found, err)
	}

	again := open(t, store)
	all, err := again.All(ctx)
	if err != nil || len(all) != 2 || all["1"].Text != "note 1" || !all["1"].again {
		t.Errorf("opened again: %+v, %v", all, err)
	}
	if _, found, err := again.Delete(ctx, "1"); err != nil || !found {
		t.Errorf("Delete: %v, %v", found, err)
	}
	if all, err := open(t, store).All(ctx); err != nil || len(all) != 1 {
		t.Errorf("opened once more: %+v, %v", all, err)
	}
}
