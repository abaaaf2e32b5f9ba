package db

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStats(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	before, err := d.Stats()
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, 20)
	if err := os.WriteFile(filepath.Join(dir, "more"), make([]byte, 12345), 0o600); err != nil {
		t.Fatal(err)
	}
	after, err := d.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if before.Writes != 0 || after.Writes < 20 {
		t.Errorf("writes: %d, then %d, want 0, then 20 or more", before.Writes, after.Writes)
	}
	if grown := after.Bytes - before.Bytes; before.Bytes <= 0 || grown < 12345 {
		t.Errorf("bytes: %d, then %d, want some, then 12,345 more", before.Bytes, after.Bytes)
	}
	if after.Free == 0 {
		t.Error("no free space")
	}
}
