package db

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"parley/chat"
)

// followed returns writes of 40 accounts as a stream tells them that keeps only the last write of each.
func followed() (writes []Write) {
	for i := range uint64(40) {
		w := Write{Number: 3*i + 2, Bucket: "accounts", Key: fmt.Sprintf("user%02d", i)}
		w.Value = fmt.Append(nil, "value ", i)
		if i%10 == 7 {
			w.Value, w.Deleted = nil, true
		}
		writes = append(writes, w)
	}
	return writes
}

func TestFollow(t *testing.T) {
	writes := followed()
	want := make(map[string]chat.Record)
	for _, w := range writes {
		if !w.Deleted {
			want[w.Key] = chat.Record{Key: w.Key, Value: w.Value, Revision: w.Number}
		}
	}
	dir := t.TempDir()
	d := open(t, dir)
	var backup bytes.Buffer
	for i, step := range [][]Write{writes[:10], writes[5:20], nil, writes[:20], writes} {
		if err := d.Follow(t.Context(), step); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if !same(t, d, want) || d.Writes() != writes[39].Number {
		t.Errorf("after Follow: %d writes, %v", d.Writes(), all(t, d))
	}
	if err := d.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	killed := copyFolder(t, dir)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"closed": dir, "killed": killed} {
		d := open(t, dir)
		if !same(t, d, want) || d.Writes() != writes[39].Number {
			t.Errorf("%s and opened again: %d writes, %v", name, d.Writes(), all(t, d))
		}
		if err := d.Follow(t.Context(), []Write{{Number: 500, Bucket: "accounts", Key: name}}); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if v, err := d.View(); err != nil || v.Writes() != 500 || v.Records() != len(want)+1 {
			t.Errorf("%s: view of %d records, %d writes, %v", name, v.Records(), v.Writes(), err)
		}
	}
	v, err := ReadBackup(&backup)
	if err != nil || v.Writes() != writes[39].Number {
		t.Fatalf("backup of %d writes, %v", v.Writes(), err)
	}
	for _, w := range v.All() {
		if r := want[w.Key]; w.Number != r.Revision || !bytes.Equal(w.Value, r.Value) || w.Bucket != "accounts" {
			t.Errorf("backup has %+v, want %+v", w, r)
		}
	}
	if len(v.All()) != len(want) {
		t.Errorf("backup has %d records, want %d", len(v.All()), len(want))
	}
}

func TestFollowRefuses(t *testing.T) {
	d := open(t, t.TempDir())
	for name, tt := range map[string]struct {
		writes []Write
		want   error
	}{
		"too large": {[]Write{{Number: 1, Value: make([]byte, MaxValue+1)}}, ErrTooLarge},
		"backwards": {[]Write{{Number: 2}, {Number: 1}}, nil},
		"twice":     {[]Write{{Number: 2}, {Number: 2}}, nil},
		"zero":      {[]Write{{Number: 0}}, nil},
	} {
		err := d.Follow(t.Context(), tt.writes)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
	if d.Writes() != 0 {
		t.Errorf("%d writes, want none", d.Writes())
	}
}

// TestFollowCompacts has a replica take so much that its journal is rewritten.
func TestFollowCompacts(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	var number uint64
	for range 40 {
		var writes []Write
		for i := range 8 {
			number += 1 + number%3
			writes = append(writes, Write{Number: number, Bucket: "b", Key: fmt.Sprint(i), Value: make([]byte, 32<<10)})
		}
		if err := d.Follow(t.Context(), writes); err != nil {
			t.Fatal(err)
		}
	}
	if d.journal.size > 4*compactFloor {
		t.Errorf("the journal has %d bytes", d.journal.size)
	}
	var numbers []uint64
	for w, err := range d.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, w.Number)
	}
	if slices.Max(numbers) != number || len(numbers) != 8 {
		t.Errorf("All yields %d, want 8 up to %d", numbers, number)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if open(t, dir).Writes() != number {
		t.Error("opened again, the store has another number")
	}
}
