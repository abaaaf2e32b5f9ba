package db

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzReader feeds the reader anything at all.
func FuzzReader(f *testing.F) {
	whole, _ := sampleJournal([]byte("alice\x00bob"))
	f.Add(whole)
	f.Add(whole[:len(whole)-7])
	f.Add(append(bytes.Clone(whole), make([]byte, 100)...))
	f.Add([]byte(magic))
	enc, skips := encoder{sha256.Sum256(whole[:headerSize])}, bytes.Clone(whole[:headerSize])
	for _, e := range []*entry{baseEntry(3, 0), {op: opSkip, number: 9}, {op: opPut, number: 10, key: "k"}} {
		skips = enc.append(skips, e)
	}
	f.Add(skips)
	mustHaveSeeds(f, "FuzzReader")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := scanEntries(bytes.NewReader(b), func(*entry) error { return nil })
		if err == nil && s.size+s.torn != int64(len(b)) {
			t.Errorf("%d bytes are entries and %d are torn, of %d", s.size, s.torn, len(b))
		}
		// What the reader takes, the encoder writes alike.
		r, err := newReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		enc, again := encoder{r.chain}, bytes.Clone(b[:headerSize])
		for {
			e, err := r.next()
			if err != nil {
				break
			}
			again = enc.append(again, e)
		}
		if !bytes.Equal(again, b[:len(again)]) || int64(len(again)) != r.offset {
			t.Error("encoding what was read gives something else")
		}
	})
}

// FuzzHarm cuts a journal and changes a byte of it: what is read is how it began, and unless nothing was harmed, or it
// was cut just between two entries, the reader says so.
func FuzzHarm(f *testing.F) {
	f.Add([]byte("alice\x00bob\x00carol"), uint16(20), uint16(300), byte(1))
	f.Add([]byte("x"), uint16(0), uint16(40), byte(0x80))
	f.Add([]byte("\x00\x00\x00"), uint16(9), uint16(0), byte(0))
	mustHaveSeeds(f, "FuzzHarm")
	f.Fuzz(func(t *testing.T, content []byte, cut, at uint16, xor byte) {
		if len(content) > 2000 {
			return
		}
		whole, entries := sampleJournal(content)
		b := bytes.Clone(whole[:len(whole)-min(int(cut), len(whole))])
		flipped := xor != 0 && int(at) < len(b)
		if flipped {
			b[at] ^= xor
		}
		var got []*entry
		s, err := scanEntries(bytes.NewReader(b), func(e *entry) error {
			got = append(got, e)
			return nil
		})
		if len(got) > len(entries) || len(got) > 0 && !reflect.DeepEqual(got, entries[:len(got)]) {
			t.Fatalf("read entries that were never written")
		}
		if err == nil && s.torn == 0 && (flipped || !bytes.Equal(b, whole[:len(b)])) {
			t.Errorf("byte %d was changed, and nothing was said", at)
		}
		if err == nil && s.torn == 0 && len(got) == len(entries) != (len(b) == len(whole)) {
			t.Errorf("%d entries of %d in %d bytes of %d, and nothing was said", len(got), len(entries), len(b),
				len(whole))
		}
		if flipped && err == nil && int64(at) < s.size {
			t.Errorf("byte %d was changed, within what was taken for whole", at)
		}
		if flipped && err == nil && cut == 0 {
			t.Errorf("byte %d was changed, and the journal was taken for torn", at)
		}
	})
}

// TestReaderFlips changes every single bit: no change may look like the end of the journal.
func TestReaderFlips(t *testing.T) {
	whole, _ := sampleJournal([]byte("alice\x00bob\x00carol\x00dave"))
	for bit := range len(whole) * 8 {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		if s, err := scanEntries(bytes.NewReader(b), nil); err == nil {
			t.Errorf("bit %d of byte %d was changed, and %d bytes were taken for whole, %d for torn", bit%8, bit/8,
				s.size, s.torn)
		}
	}
}

// sampleJournal makes a journal of the words in content: half are the snapshot, then come puts and deletes.
func sampleJournal(content []byte) ([]byte, []*entry) {
	words := bytes.Split(content, []byte{0})
	b := newHeader()
	clear(b[12:28]) // the salt, so that the fuzzer finds the same again
	binary.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], castagnoli))
	enc := encoder{sha256.Sum256(b)}
	var entries []*entry
	add := func(e *entry) {
		b = enc.append(b, e)
		if e.op != opBase {
			entries = append(entries, e)
		}
	}
	number, half := uint64(0), len(words)/2
	for _, w := range words[:half] {
		number += 2
		add(&entry{op: opPut, number: number, bucket: "words", key: string(w), value: bytes.Repeat(w, 2)})
	}
	add(baseEntry(number, uint64(half)))
	for i, w := range words[half:] {
		number++
		if i%3 == 2 {
			add(&entry{op: opDelete, number: number, bucket: "words", key: string(w), value: []byte{}})
		} else {
			add(&entry{op: opPut, number: number, bucket: "", key: string(w), value: append([]byte{}, w...)})
		}
	}
	return b, entries
}

// mustHaveSeeds fails when the folder of seeds is gone, as the fuzz test would go on passing without.
func mustHaveSeeds(f *testing.F, name string) {
	f.Helper()
	if seeds, err := os.ReadDir("testdata/fuzz/" + name); err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds in testdata/fuzz/%s: %v", name, err)
	}
}

func TestReaderOrder(t *testing.T) {
	journal := func(entries ...*entry) io.Reader {
		h := newHeader()
		enc := encoder{sha256.Sum256(h)}
		for _, e := range entries {
			h = enc.append(h, e)
		}
		return bytes.NewReader(h)
	}
	put := func(n uint64) *entry { return &entry{op: opPut, number: n, key: "k"} }
	del := func(n uint64) *entry { return &entry{op: opDelete, number: n, key: "k"} }
	skip := func(n uint64) *entry { return &entry{op: opSkip, number: n} }
	for _, tt := range []struct {
		name    string
		journal io.Reader
		whole   bool
	}{
		{"empty", journal(baseEntry(0, 0)), true},
		{"snapshot in any order, then writes", journal(put(9), put(2), baseEntry(12, 2), put(13), del(14), put(15)),
			true},
		{"no base", journal(put(1)), false},
		{"nothing", journal(), false},
		{"a write is missing", journal(baseEntry(0, 0), put(1), put(3)), false},
		{"a write twice", journal(baseEntry(0, 0), put(1), put(1)), false},
		{"a record of the snapshot is missing", journal(put(1), baseEntry(5, 2)), false},
		{"a record of the snapshot from the future", journal(put(6), baseEntry(5, 1)), false},
		{"a delete in the snapshot", journal(del(1), baseEntry(5, 1)), false},
		{"two bases", journal(baseEntry(0, 0), baseEntry(1, 0)), false},
		{"an unknown operation", journal(baseEntry(0, 0), &entry{op: 9, number: 1}), false},
		{"revision zero", journal(put(0), baseEntry(5, 1)), false},
		{"numbers that are skipped", journal(baseEntry(0, 0), skip(4), put(5), skip(8), skip(9), put(10)), true},
		{"nothing skipped", journal(baseEntry(0, 0), put(1), skip(1), put(2)), false},
		{"back to an earlier number", journal(baseEntry(7, 0), skip(5), put(6)), false},
		{"numbers skipped in the snapshot", journal(skip(1), baseEntry(5, 0)), false},
		{"a skip with a key", journal(baseEntry(0, 0), &entry{op: opSkip, number: 1, key: "k"}), false},
		{"a delete with a value", journal(baseEntry(0, 0), &entry{op: opDelete, number: 1, value: []byte("v")}), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := scanEntries(tt.journal, nil); (err == nil) != tt.whole || s.torn != 0 {
				t.Errorf("got %+v, %v, want whole %v", s, err, tt.whole)
			}
		})
	}
}

// TestHoles has a power cut leave some sectors of the last entries and not others.
func TestHoles(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	want := fill(t, d, 20)
	synced := d.journal.size
	for i := range 3 {
		if _, err := d.Put(t.Context(), "accounts", fmt.Sprint("late", i), bytes.Repeat([]byte("late"), 300),
			0); err != nil {
			t.Fatal(err)
		}
	}
	number := d.journal.number - 3
	all, err := os.ReadFile(filepath.Join(dir, journalName))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	sectors := (int64(len(all)) - synced/sector*sector + sector - 1) / sector
	for lost := range 1 << sectors {
		left := bytes.Clone(all)
		for i := range sectors {
			if lost>>i&1 == 1 {
				from := synced/sector*sector + i*sector
				clear(left[max(from, synced):min(from+sector, int64(len(all)))])
			}
		}
		s, err := scanEntries(bytes.NewReader(left), nil)
		if err != nil || s.number < number || s.number > number+3 || (s.number < number+3) != (lost != 0) {
			t.Fatalf("without the sectors %b: write %d of %d, %v", lost, s.number, number+3, err)
		}
	}
	// One that is not a hole is damage, and so is one before an end that the mark or the seal knows.
	left := bytes.Clone(all)
	left[synced+700] ^= 1
	if _, err := scanEntries(bytes.NewReader(left), nil); err == nil {
		t.Error("a changed bit was taken for a hole")
	}
	clear(left[synced/sector*sector+sector:][:sector])
	if err := errors.Join(os.Remove(filepath.Join(dir, sealName)), os.WriteFile(filepath.Join(dir, journalName), left,
		0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("a hole before the mark: got %v, want ErrDamaged", err)
	}
	if err := os.Remove(filepath.Join(dir, markName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("a hole, and no mark: got %v, want ErrDamaged", err)
	}
	m, err := openMark(dir, number)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.close(); err != nil {
		t.Fatal(err)
	}
	if !same(t, open(t, dir), want) {
		t.Error("after a power cut the records are not those that were acknowledged")
	}
}

// TestSyncFile proves that files are synced, which no other test can see: what cannot be synced has an error.
func TestSyncFile(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := syncFile(w); err == nil {
		t.Error("a pipe was synced")
	}
}
