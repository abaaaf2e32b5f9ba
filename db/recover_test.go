package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4/options"

	"parley/chat"
)

// fill writes n accounts, some of them twice and some deleted again, and returns what must be there.
func fill(t testing.TB, d *DB, n int) map[string]chat.Record {
	t.Helper()
	for i := range n {
		key := fmt.Sprintf("user%03d", i)
		value := fmt.Appendf(nil, `{"name":%q,"info":%q}`, key, strings.Repeat("i", i%90))
		r, err := d.Put(t.Context(), "accounts", key, value, 0)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 10 {
		case 3:
			_, err = d.Put(t.Context(), "accounts", key, []byte("changed"), r)
		case 7:
			err = d.Delete(t.Context(), "accounts", key, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all(t, d)
}

func all(t testing.TB, d *DB) map[string]chat.Record {
	t.Helper()
	records := make(map[string]chat.Record)
	for r, err := range d.List(context.Background(), "accounts") {
		if err != nil {
			t.Fatal(err)
		}
		records[r.Key] = r
	}
	return records
}

// same reports whether d has exactly the records of want, at the same revisions, by List and by Get.
func same(t testing.TB, d *DB, want map[string]chat.Record) bool {
	t.Helper()
	equal := func(a, b chat.Record) bool {
		return a.Key == b.Key && a.Revision == b.Revision && bytes.Equal(a.Value, b.Value)
	}
	for key, r := range want {
		if got, err := d.Get(context.Background(), "accounts", key); err != nil || !equal(got, r) {
			return false
		}
	}
	return maps.EqualFunc(all(t, d), want, equal)
}

// copyFolder copies what is in the folder src to a new folder, holes as holes. Taken of an open store it is what a kill
// would leave.
func copyFolder(t testing.TB, src string) string {
	t.Helper()
	dst, hole := t.TempDir(), make([]byte, 4096)
	if err := filepath.WalkDir(src, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return vanished(err)
		}
		to := filepath.Join(dst, strings.TrimPrefix(path, src))
		if e.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return vanished(err) // Badger has flushed it meanwhile
		}
		f, err := os.Create(to)
		if err != nil {
			return err
		}
		defer f.Close()
		for at := 0; at < len(b); at += 4096 {
			if page := b[at:min(at+4096, len(b))]; !bytes.Equal(page, hole[:len(page)]) {
				if _, err := f.WriteAt(page, int64(at)); err != nil {
					return err
				}
			}
		}
		return f.Truncate(int64(len(b)))
	}); err != nil {
		t.Fatal(err)
	}
	return dst
}

// folders returns a folder with a store of 50 accounts as a clean close and as a kill leaves it, and the accounts.
func folders(t testing.TB) (closed, killed string, want map[string]chat.Record) {
	t.Helper()
	closed = t.TempDir()
	d := open(t, closed)
	fill(t, d, 30)
	d.Close()
	d = open(t, closed)
	for i := range 20 {
		if _, err := d.Put(t.Context(), "accounts", fmt.Sprintf("late%d", i), []byte("late"), 0); err != nil {
			t.Fatal(err)
		}
	}
	want = all(t, d)
	killed = copyFolder(t, closed)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return closed, killed, want
}

func TestReopen(t *testing.T) {
	closed, killed, want := folders(t)
	for _, dir := range []string{closed, killed} {
		var log bytes.Buffer
		for range 3 {
			d, err := Open(dir, &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			if !same(t, d, want) {
				t.Errorf("after reopening %d records, want %d", len(all(t, d)), len(want))
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if restarts := strings.Count(log.String(), "\n"); restarts > 1 || strings.Contains(log.String(), "WARN") {
			t.Errorf("want at most the one restart after the kill to be logged:\n%s", log.String())
		}
	}
}

func TestFolderMode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing", "data")
	open(t, dir)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Stat(d); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v, %v, want 0700", d, info.Mode(), err)
		}
	}
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := Open(dir, nil)
	if want := "The data folder " + dir + " is in use by another Parley."; !errors.Is(err, ErrLocked) ||
		err.Error() != want {
		t.Errorf("Open: got %v, want ErrLocked and %q", err, want)
	}
	if _, err := Check(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("Check: got %v, want ErrLocked", err)
	}
}

func TestClosed(t *testing.T) {
	d := open(t, t.TempDir())
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, getErr := d.Get(t.Context(), "b", "k")
	_, putErr := d.Put(t.Context(), "b", "k", nil, 0)
	errs := []error{getErr, putErr, d.Delete(t.Context(), "b", "k", 1), d.Backup(t.Context(), new(bytes.Buffer)),
		d.Restore(t.Context(), new(bytes.Buffer))}
	for _, err := range d.List(t.Context(), "b") {
		errs = append(errs, err)
	}
	if len(errs) != 6 {
		t.Errorf("List yields nothing, want ErrClosed")
	}
	for i, err := range errs {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("call %d: got %v, want ErrClosed", i, err)
		}
	}
}

func TestTooLarge(t *testing.T) {
	d := open(t, t.TempDir())
	for _, tt := range []struct{ bucket, key, value int }{{MaxKey + 1, 1, 1}, {1, MaxKey + 1, 1}, {1, 1, MaxValue +
		1}} {
		_, err := d.Put(t.Context(), strings.Repeat("b", tt.bucket), strings.Repeat("k", tt.key),
			make([]byte, tt.value), 0)
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("Put %v: got %v, want ErrTooLarge", tt, err)
		}
	}
	if _, err := d.Put(t.Context(), strings.Repeat("b", MaxKey), strings.Repeat("k", MaxKey), make([]byte, MaxValue),
		0); err != nil {
		t.Errorf("Put at the limits: %v", err)
	}
}

// TestDamage harms copies of a folder in ways a disk or an operator might, and opens them.
func TestDamage(t *testing.T) {
	closed, killed, want := folders(t)
	remove := func(name string) func(string) error {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, name)) }
	}
	cut := func(name string, n int64) func(string) error {
		return func(dir string) error {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			return os.Truncate(filepath.Join(dir, name), max(0, info.Size()-n))
		}
	}
	add := func(name string, b []byte) func(string) error {
		return func(dir string) error {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write(b)
			return errors.Join(err, f.Close())
		}
	}
	newer := func(dir string) error {
		path := filepath.Join(dir, journalName)
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint32(b[8:], schema+1)
		binary.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], castagnoli))
		return os.WriteFile(path, b, 0o600)
	}
	const mended, refused = "mended", "refused"
	for _, tt := range []struct {
		name           string
		harm           func(dir string) error
		closed, killed string // what comes of it: "", mended or refused
	}{
		{"nothing", func(string) error { return nil }, "", ""},
		{"journal missing", remove(journalName), refused, refused},
		{"journal empty", cut(journalName, 1<<40), mended, refused},
		{"journal cut within its last entry", cut(journalName, 5), mended, refused},
		{"journal cut by its last entry", cut(journalName, 8+13+8+len64("late19")+4+32), mended, refused},
		{"journal ends in a torn entry", add(journalName, []byte{20, 0, 0}), mended, ""},
		{"journal ends in zeros", add(journalName, make([]byte, 5000)), mended, ""},
		{"journal ends in rubbish", add(journalName, []byte("rubbish, rubbish")), mended, refused},
		{"seal missing", remove(sealName), "", ""},
		{"seal cut", func(dir string) error { os.Truncate(filepath.Join(dir, sealName), 90); return nil }, mended, ""},
		{"mark missing", remove(markName), "", mended},
		{"mark empty", cut(markName, 1<<40), "", mended},
		{"mark too long", add(markName, []byte("more")), "", mended},
		{"journal cut, and a seal from the past", func(dir string) error {
			m, err := openMark(dir, 1000)
			return errors.Join(err, m.close(), cut(journalName, 5)(dir))
		}, refused, refused},
		{"Badger missing", remove(badgerName), mended, ""},
		{"Badger's manifest missing", remove(badgerName + "/MANIFEST"), mended, ""},
		{"Badger's manifest cut", cut(badgerName+"/MANIFEST", 10), mended, ""},
		{"a file among Badger's", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, badgerName, "00099.mem"), []byte("x"), 0o600)
		}, mended, ""},
		{"a newer schema", newer, "newer", "newer"},
	} {
		for state, outcome := range map[string]string{closed: tt.closed, killed: tt.killed} {
			name := tt.name + ", killed"
			if state == closed {
				name = tt.name + ", closed"
			}
			t.Run(name, func(t *testing.T) {
				dir := copyFolder(t, state)
				if err := tt.harm(dir); err != nil {
					t.Fatal(err)
				}
				report, checkErr := Check(dir)
				var log bytes.Buffer
				d, err := Open(dir, &Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
				if (err == nil) != (checkErr == nil) || err != nil && err.Error() != checkErr.Error() {
					t.Errorf("Check says %v, Open says %v", checkErr, err)
				}
				switch {
				case outcome == refused && !errors.Is(err, ErrDamaged), outcome == "newer" && !errors.Is(err, ErrNewer):
					t.Fatalf("Open: got %v, want it %s", err, outcome)
				case err != nil && (!strings.HasPrefix(err.Error(), "The data folder "+dir+" ") ||
					strings.Contains(err.Error(), "\n")):
					t.Errorf("Open: got %q, want one sentence that names the folder", err)
				}
				if err != nil {
					if outcome == "" || outcome == mended {
						t.Fatalf("Open: %v", err)
					}
					return
				}
				if !same(t, d, want) {
					t.Errorf("%d records, want %d", len(all(t, d)), len(want))
				}
				if report.Mends != (outcome == mended) {
					t.Errorf("Check says that Open mends: %v", report.Mends)
				}
				if report.View != nil && report.Records != len(want) {
					t.Errorf("Check counts %d records, want %d", report.Records, len(want))
				}
				if err := d.Close(); err != nil {
					t.Error(err)
				}
				if r, err := Check(dir); err != nil || r.Records != len(want) ||
					r.Finding != "the store was closed in good order" {
					t.Errorf("Check after Open and Close: got %+v, %v", r, err)
				}
				if _, ok := readMark(dir); !ok {
					t.Error("there is no mark after Open and Close")
				}
				if loud := strings.Contains(log.String(), "WARN"); loud != (outcome == mended) {
					t.Errorf("logged as %q, want a warning if something was mended", log.String())
				}
			})
		}
	}
}

func len64(s string) int64 { return int64(len(s)) }

func TestForeignJournal(t *testing.T) {
	closed, _, want := folders(t)
	other := t.TempDir()
	d := open(t, other)
	for len(all(t, d)) < 56 { // as many writes as the store has seen, so that only the chain tells
		if _, err := d.Put(t.Context(), "accounts", fmt.Sprint(len(all(t, d))), []byte("foreign"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	dir := copyFolder(t, closed)
	own := filepath.Join(dir, journalName)
	if err := errors.Join(os.Rename(own, own+".own"), os.Rename(filepath.Join(other, journalName), own)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, ErrDamaged) {
		t.Fatalf("Open: got %v, want ErrDamaged", err)
	}
	if err := os.Rename(own+".own", own); err != nil {
		t.Fatal(err)
	}
	if !same(t, open(t, dir), want) {
		t.Error("with its own journal again the store is not as it was")
	}
}

// TestDamagedJournalIsKept looks for the damaged journal beside the one that was made in its place.
func TestDamagedJournalIsKept(t *testing.T) {
	dir, _, want := folders(t)
	journal := filepath.Join(dir, journalName)
	flip(t, journal, 400)
	damaged, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if !same(t, open(t, dir), want) {
		t.Error("the records are not the same")
	}
	if kept, err := os.ReadFile(journal + ".damaged-1"); err != nil || !bytes.Equal(kept, damaged) {
		t.Errorf("the damaged journal is not kept: %d bytes, %v", len(kept), err)
	}
}

// TestSealAlone has nothing but the seal know that the journal has lost its last entry.
func TestSealAlone(t *testing.T) {
	dir, _, _ := folders(t)
	journal := filepath.Join(dir, journalName)
	info, err := os.Stat(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		os.Truncate(journal, info.Size()-(8+13+8+len64("late19")+4+32)),
		os.Remove(filepath.Join(dir, markName)), os.Remove(filepath.Join(dir, badgerName, "MANIFEST")),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
}

// TestMendInterrupted mends a journal, and gets no further.
func TestMendInterrupted(t *testing.T) {
	closed, _, want := folders(t)
	path := filepath.Join(closed, journalName)
	flip(t, path, 400)
	damaged, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &DB{dir: closed, log: slog.New(slog.DiscardHandler), space: &space{dir: closed, badger: filepath.Join(closed,
		badgerName)}}
	survey, err := look(closed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.mendJournal(path, &survey); err != nil {
		t.Fatal(err)
	}
	check := func(want plan) {
		t.Helper()
		survey, err := look(closed, nil)
		if got, finding := survey.decide(); got != want || err != nil {
			t.Errorf("got plan %d, %v because %s, want plan %d", got, err, finding, want)
		}
	}
	check(planOpen)
	mended, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for state, plan := range map[string]plan{string(damaged): planMendJournal, string(mended): planOpen} {
		if err := os.WriteFile(path, []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
		check(plan)
	}
	if !same(t, open(t, closed), want) {
		t.Error("the records are not the same")
	}
}

// reseal seals Badger's files as they now are.
func reseal(t *testing.T, dir string) {
	t.Helper()
	s, err := readSeal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Files, err = syncFiles(filepath.Join(dir, badgerName)); err != nil {
		t.Fatal(err)
	}
	if err := writeSeal(dir, *s); err != nil {
		t.Fatal(err)
	}
}

// TestBadgerForgets has Badger lose, keep or add a record before its files are sealed.
func TestBadgerForgets(t *testing.T) {
	closed, _, want := folders(t)
	for _, e := range []*entry{
		{op: opDelete, number: 90, bucket: "accounts", key: "late5"},
		{op: opPut, number: 90, bucket: "accounts", key: "late5", value: []byte("another")},
		{op: opPut, number: 90, bucket: "accounts", key: "nobody"},
	} {
		dir := copyFolder(t, closed)
		b, err := openBadger(filepath.Join(dir, badgerName), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(apply(b, []*entry{e}), b.Close()); err != nil {
			t.Fatal(err)
		}
		reseal(t, dir)
		if !same(t, open(t, dir), want) {
			t.Errorf("after %+v in Badger alone the records are not the same", e)
		}
	}
}

// TestBadgerRefuses seals files that Badger will not open.
func TestBadgerRefuses(t *testing.T) {
	closed, _, want := folders(t)
	if err := os.WriteFile(filepath.Join(closed, badgerName, "MANIFEST"), []byte("no manifest at all"),
		0o600); err != nil {
		t.Fatal(err)
	}
	reseal(t, closed)
	if !same(t, open(t, closed), want) {
		t.Error("the records are not the same")
	}
	if kept, err := os.ReadFile(filepath.Join(closed, badgerName+".damaged-1", "MANIFEST")); err != nil ||
		string(kept) != "no manifest at all" {
		t.Errorf("the refused files are not kept: %q, %v", kept, err)
	}
}

func TestBadgerPanics(t *testing.T) {
	o := badgerOptions(t.TempDir(), slog.New(slog.DiscardHandler)).WithCompression(options.Snappy)
	if b, err := openOptions(o); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("got %v, %v, want the panic as an error", b, err)
	}
}

func TestUnreadable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, nil); err == nil || !strings.HasPrefix(err.Error(), "The data folder "+file+
		" cannot be used: ") {
		t.Errorf("Open of a file: got %v", err)
	}
	if _, err := Check(filepath.Join(file, "..", "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Check of what does not exist: got %v, want fs.ErrNotExist", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, journalName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil); err == nil || !strings.HasPrefix(err.Error(), "The data folder "+dir+
		" cannot be used: ") {
		t.Errorf("Open with a folder as journal: got %v", err)
	}
	if r, err := Check(t.TempDir()); err != nil || r.Records != 0 || r.Finding != "there is no store yet" {
		t.Errorf("Check of an empty folder: got %+v, %v", r, err)
	}
}
