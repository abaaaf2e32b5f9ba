package db

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// TestWriterPanics lets the writer panic in the middle of a group: nobody waits for ever, reads go on, and what was
// acknowledged is there after the next start.
func TestWriterPanics(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	d, err := Open(dir, &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	want := fill(t, d, 10)
	mark := d.mark
	defer mark.close()
	if err := d.do(t.Context(), func() error { d.mark = nil; return nil }); err != nil { // to set it panics
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	for i := range 50 {
		writing.Go(func() {
			if _, err := d.Put(t.Context(), "late", fmt.Sprint(i), []byte("secret words"), 0); !errors.Is(err,
				errBroken) {
				t.Errorf("Put: got %v, want errBroken", err)
			}
		})
	}
	writing.Wait()
	if err := d.do(t.Context(), func() error { return nil }); !errors.Is(err, errBroken) {
		t.Errorf("do: got %v, want errBroken", err)
	}
	if !same(t, d, want) {
		t.Error("after the panic the records are not the same")
	}
	if err := d.Close(); !errors.Is(err, errBroken) {
		t.Errorf("Close: got %v, want errBroken", err)
	}
	if err := d.badger.Close(); err != nil { // which Close has left as it was
		t.Error(err)
	}
	if s := log.String(); strings.Count(s, "level=ERROR") != 1 || !strings.Contains(s, "write.go") ||
		strings.Contains(s, "secret") {
		t.Errorf("not one panic with its stack in the log, or what was written:\n%s", s)
	}

	again := open(t, dir)
	if !same(t, again, want) {
		t.Error("acknowledged records are lost")
	}
	if _, err := again.Put(t.Context(), "accounts", "fresh", nil, 0); err != nil {
		t.Errorf("Put after the next start: %v", err)
	}
}
