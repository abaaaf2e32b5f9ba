package db

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"parley/chat"
)

// The test binary runs itself with one of these as PARLEY_DB_CHILD, and the folder as its last argument.
const (
	childWrites = "write until killed"
	childRests  = "tell how much memory an open store takes"
)

func runChild(what, dir string) error {
	d, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if what == childRests {
		debug.FreeOSMemory()
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		os.Stdout.Write(status)
		return d.Close()
	}
	var wg sync.WaitGroup
	for w := range killWriters {
		wg.Go(func() {
			if err := writeSteps(d, w); err != nil {
				fmt.Println("error", err)
			}
		})
	}
	wg.Wait()
	return nil
}

const killWriters = 8

// writeSteps creates records, changes one and deletes some, and tells of every step that has been acknowledged.
func writeSteps(d *DB, w int) error {
	ctx := noContext
	counter, err := d.Get(ctx, "counters", fmt.Sprint(w))
	if err != nil && err != chat.ErrNotFound {
		return err
	}
	revision, n := counter.Revision, 0
	fmt.Sscan(string(counter.Value), &n)
	revisions := make(map[int]uint64)
	for {
		n++
		if revisions[n], err = d.Put(ctx, "records", fmt.Sprint(w, n), killValue(w, n), 0); err != nil {
			// The step before the kill may have been written without being told of.
			if err != chat.ErrConflict {
				return err
			}
		}
		if r := revisions[n-2]; n%5 == 0 && r > 0 {
			if err := d.Delete(ctx, "records", fmt.Sprint(w, n-2), r); err != nil {
				return err
			}
			fmt.Println("deleted", w, n-2)
		}
		if revision, err = d.Put(ctx, "counters", fmt.Sprint(w), fmt.Append(nil, n), revision); err != nil {
			return err
		}
		fmt.Println("written", w, n)
	}
}

func killValue(w, n int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("%d-%d ", w, n), 200))
}

// TestKill kills a process that writes, at random moments, and looks for what it was told had been written.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	written, deleted := make(map[int]int), make(map[[2]int]bool)
	for round := range 10 {
		acknowledged, out := killAfter(t, dir, 1+rand.IntN(300))
		for line := range strings.Lines(out) {
			var what string
			var w, n int
			fmt.Sscan(line, &what, &w, &n)
			switch what {
			case "written":
				written[w] = n
			case "deleted":
				deleted[[2]int{w, n}] = true
			default:
				t.Fatalf("round %d: the child says %q", round, line)
			}
		}
		var get func(bucket, key string) (value string, there bool)
		var d *DB
		if round%2 == 0 {
			d = open(t, dir)
			get = func(bucket, key string) (string, bool) {
				r, err := d.Get(t.Context(), bucket, key)
				if err != nil && err != chat.ErrNotFound {
					t.Error(err)
				}
				return string(r.Value), err == nil
			}
		} else { // the next child starts from what the kill left
			get = journalRecords(t, dir)
		}
		missing := 0
		for w, last := range written {
			var n int
			value, _ := get("counters", fmt.Sprint(w))
			if fmt.Sscan(value, &n); n < last || n > last+1 {
				t.Errorf("round %d: counter %d is %q, want %d or one more", round, w, value, last)
			}
			for i := 1; i <= last; i++ {
				value, there := get("records", fmt.Sprint(w, i))
				switch {
				case deleted[[2]int{w, i}] && there:
					t.Errorf("round %d: record %d %d was deleted and is back", round, w, i)
				case deleted[[2]int{w, i}]:
				case !there && i == last-1 && (last+1)%5 == 0:
					deleted[[2]int{w, i}] = true // in the step the kill cut short
				case value != string(killValue(w, i)):
					missing++
				}
			}
			written[w] = n
		}
		if missing > 0 {
			t.Errorf("round %d: %d acknowledged records missing or altered after %d", round, missing, acknowledged)
		}
		if d != nil {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func journalRecords(t *testing.T, dir string) func(bucket, key string) (string, bool) {
	t.Helper()
	records := make(map[[2]string]string)
	if _, err := scanJournal(filepath.Join(dir, journalName), func(e *entry) error {
		if e.op == opPut {
			records[[2]string{e.bucket, e.key}] = string(e.value)
		} else {
			delete(records, [2]string{e.bucket, e.key})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return func(bucket, key string) (string, bool) {
		value, there := records[[2]string{bucket, key}]
		return value, there
	}
}

// killAfter runs a child until it has said n lines, kills it, and returns all that it said.
func killAfter(t *testing.T, dir string, n int) (int, string) {
	t.Helper()
	cmd := child(t, childWrites, dir)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r := bufio.NewReader(stdout)
	for range n {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Errorf("the child ended by itself: %q", line)
			break
		}
		out.WriteString(line)
	}
	cmd.Process.Kill()
	rest, _ := io.ReadAll(r)
	cmd.Wait()
	out.Write(rest[:bytes.LastIndexByte(rest, '\n')+1])
	return n, out.String()
}

func child(t testing.TB, what, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, dir)
	cmd.Env = append(os.Environ(), "PARLEY_DB_CHILD="+what)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestMemory logs how much memory a process takes that has a store of 2,000 accounts open and at rest.
func TestMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("there is no /proc here to tell")
	}
	dir := t.TempDir()
	d := open(t, dir)
	var wg sync.WaitGroup
	for w := range 50 {
		wg.Go(func() {
			for n := range 40 {
				if _, err := d.Put(t.Context(), "accounts", fmt.Sprint(w, n), make([]byte, 400), 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, childRests, dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(out), "VmRSS:")
	var kib int
	if fmt.Sscan(after, &kib); kib == 0 {
		t.Fatalf("no VmRSS in %q", out)
	}
	t.Logf("%.1f MiB", float64(kib)/1024)
	if kib > 80<<10 { // generous: the race detector multiplies it
		t.Errorf("an open store takes %d KiB at rest", kib)
	}
}
