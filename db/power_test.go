//go:build unix

package db

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"parley/chat"
)

// A forgetfulDisk is a folder on a disk that keeps through a power cut only what it was asked to sync: the content of a
// file at the last sync of the file, the entries of a folder at the last sync of the folder. Of what came later any
// part may be there: some sectors and not others, some entries and not others.
type forgetfulDisk struct {
	t    *testing.T
	root string
	cut  func() // called before each sync, which has not happened then

	mu    sync.Mutex // guards nodes
	nodes map[uint64]*inode
	// which entries of the store's folder a cut leaves as they are now, and not as they were synced
	force map[string]bool
}

// An inode is a file or a folder whatever its name.
type inode struct {
	f       *os.File // held open, so that its number is not used again
	synced  bool
	content []byte            // of a file, when it was synced last
	entries map[string]uint64 // of a folder, when it was synced last
}

var forgetful sync.Map // root -> *forgetfulDisk

func init() {
	sync := syncFile
	syncFile = func(f *os.File) error {
		var disk *forgetfulDisk
		forgetful.Range(func(root, d any) bool {
			if f.Name() == root || strings.HasPrefix(f.Name(), root.(string)+"/") {
				disk = d.(*forgetfulDisk)
			}
			return disk == nil
		})
		if disk == nil {
			return sync(f)
		}
		disk.cut()
		if err := sync(f); err != nil {
			return err
		}
		disk.keep(f)
		return nil
	}
}

// newForgetfulDisk makes what is in the folder root durable, and forgets all that comes later and is not synced.
func newForgetfulDisk(t *testing.T, root string, cut func()) *forgetfulDisk {
	t.Helper()
	d := &forgetfulDisk{t: t, root: root, cut: cut, nodes: make(map[uint64]*inode)}
	if err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		d.keep(f)
		return f.Close()
	}); err != nil {
		t.Fatal(err)
	}
	forgetful.Store(root, d)
	return d
}

func (d *forgetfulDisk) close() {
	forgetful.Delete(d.root)
	for _, n := range d.nodes {
		n.f.Close()
	}
}

// node returns the inode at path and its number, nil if there is none.
func (d *forgetfulDisk) node(path string) (*inode, uint64) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0
	}
	number := info.Sys().(*syscall.Stat_t).Ino
	if n := d.nodes[number]; n != nil {
		f.Close()
		return n, number
	}
	n := &inode{f: f}
	d.nodes[number] = n
	return n, number
}

// keep makes durable what is in f now, whatever its name is by now.
func (d *forgetfulDisk) keep(f *os.File) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, _ := d.node(descriptor(f))
	n.synced = true
	if n.folder() {
		n.entries = d.list(n)
	} else {
		n.content = n.now()
	}
}

// descriptor returns the path of a file or folder that is open.
func descriptor(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

func (n *inode) folder() bool {
	info, err := n.f.Stat()
	return err == nil && info.IsDir()
}

func (n *inode) now() []byte {
	info, err := n.f.Stat()
	if err != nil {
		return nil
	}
	b, _ := io.ReadAll(io.NewSectionReader(n.f, 0, info.Size()))
	return b
}

// list returns what is in the folder n now, wherever it is.
func (d *forgetfulDisk) list(n *inode) map[string]uint64 {
	path := descriptor(n.f)
	found, _ := os.ReadDir(path)
	entries := make(map[string]uint64)
	for _, e := range found {
		if node, number := d.node(filepath.Join(path, e.Name())); node != nil {
			entries[e.Name()] = number
		}
	}
	return entries
}

// pending returns the entries of the folder at path that are not as they were synced.
func (d *forgetfulDisk) pending(path string) (names []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, _ := d.node(path)
	if n == nil {
		return nil
	}
	now := d.list(n)
	for name, number := range now {
		if n.entries[name] != number {
			names = append(names, name)
		}
	}
	for name := range n.entries {
		if _, ok := now[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A lossy choice says what a power cut leaves of what was not synced.
type lossy func() int // lost, there, or partly

const (
	lost = iota
	there
	partly
)

// after writes to the folder dst what is on the disk after a power cut now.
func (d *forgetfulDisk) after(dst string, choose lossy) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, _ := d.node(d.root)
	d.write(dst, n, choose)
}

func (d *forgetfulDisk) write(dst string, n *inode, choose lossy) {
	if !n.folder() {
		if err := os.WriteFile(dst, n.left(choose), 0o600); err != nil {
			d.t.Error(err)
		}
		return
	}
	if err := os.MkdirAll(dst, 0o700); err != nil {
		d.t.Error(err)
	}
	now, names := d.list(n), make(map[string]bool)
	for name := range now {
		names[name] = true
	}
	for name := range n.entries {
		names[name] = true
	}
	for name := range names {
		number := n.entries[name]
		isNow, forced := d.force[name]
		if forced && isNow || !forced && choose() != lost {
			number = now[name]
		}
		if child := d.nodes[number]; child != nil {
			d.write(filepath.Join(dst, name), child, choose)
		}
	}
}

// left returns what is left of a file: of each sector the synced or the present content, up to any length.
func (n *inode) left(choose lossy) []byte {
	now := n.now()
	if n.synced && bytes.Equal(now, n.content) {
		return now
	}
	switch choose() {
	case lost:
		return n.content
	case there:
		return now
	}
	size := len(now)
	switch choose() {
	case lost:
		size = len(n.content)
	case partly:
		size = (min(len(now), len(n.content)) + max(len(now), len(n.content))) / 2
	}
	b := make([]byte, size)
	for at := 0; at < size; at += sector {
		from := n.content
		if choose() == there {
			from = now
		}
		if at < len(from) {
			copy(b[at:min(at+sector, size)], from[at:])
		}
	}
	return b
}

// A promise is what users were told of a store: of each key the value that was acknowledged, and the one that is on its
// way.
type promise struct {
	mu    sync.Mutex
	told  map[string]string // "" for none
	asked map[string]string
}

func (p *promise) put(d *DB, key, value string, revision uint64) (uint64, error) {
	p.mu.Lock()
	p.asked[key] = value
	p.mu.Unlock()
	var err error
	if value == "" {
		err = d.Delete(noContext, "accounts", key, revision)
	} else {
		revision, err = d.Put(noContext, "accounts", key, []byte(value), revision)
	}
	if err == nil {
		p.mu.Lock()
		p.told[key] = value
		p.mu.Unlock()
	}
	return revision, err
}

// kept returns an error unless the store holds what was told, or what was asked for.
func (p *promise) kept(records map[string]chat.Record) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, asked := range p.asked {
		if got := string(records[key].Value); got != p.told[key] && got != asked {
			return fmt.Errorf("%s is %.20q, want %.20q or %.20q", key, got, p.told[key], asked)
		}
	}
	for key := range records {
		if _, ok := p.asked[key]; !ok {
			return fmt.Errorf("nobody has asked for %s", key)
		}
	}
	return nil
}

// A cutter cuts the power of a disk again and again, and looks what is left.
type cutter struct {
	t       *testing.T
	disk    *forgetfulDisk
	promise promise
	random  *rand.Rand
	mending bool // the store was damaged by hand, so warnings are due
	cuts    int
}

// look cuts the power in some ways, and opens what is left. Of the entries of the store's folder it tries all mixtures
// of those that are synced and those that are there.
func (c *cutter) look() {
	if c.cuts++; testing.Short() && c.cuts%8 > 0 {
		return
	}
	pending := c.disk.pending(filepath.Join(c.disk.root, "data"))
	for mixture := 1; mixture < 1<<len(pending)-1 && len(pending) <= 4; mixture++ {
		c.disk.force = make(map[string]bool)
		for i, name := range pending {
			c.disk.force[name] = mixture>>i&1 == 1
		}
		c.try(fmt.Sprintf("of the entries %v are there", c.disk.force), func() int { return there })
	}
	c.disk.force = nil
	for name, choose := range map[string]lossy{
		"all that was not synced is lost": func() int { return lost },
		"nothing is lost":                 func() int { return there },
		"some is lost":                    func() int { return c.random.IntN(3) },
		"some more is lost":               func() int { return c.random.IntN(3) },
	} {
		c.try(name, choose)
	}
}

// try cuts the power once.
func (c *cutter) try(name string, choose lossy) {
	if c.t.Failed() {
		return
	}
	dir := c.t.TempDir()
	defer os.RemoveAll(dir)
	c.disk.after(dir, choose)
	if err := c.check(filepath.Join(dir, "data")); err != nil {
		c.t.Errorf("cut %d, %s: %v", c.cuts, name, err)
	}
}

// check returns an error unless the store in dir, after a power cut, keeps the promise and can be opened.
func (c *cutter) check(dir string) error {
	v := newView()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s, err := inspect(dir, v.add)
	if err != nil {
		return err
	}
	plan, finding := s.decide()
	switch {
	case plan == planRefuse:
		return errors.New(finding)
	case plan == planMendJournal && c.mending:
		v = nil // its records are in Badger
	case !c.mending && (plan == planMendBadger || plan == planMendJournal):
		return fmt.Errorf("a power cut is called damage: %s", finding)
	}
	if v != nil {
		if err := c.promise.kept(v.buckets["accounts"]); err != nil {
			return err
		}
	}
	if v != nil && plan != planOpen && c.random.IntN(4) > 0 {
		return nil // a store that was not closed is made from what was just read
	}
	d, err := Open(dir, &Options{Log: slog.New(slog.DiscardHandler), MinFree: -1})
	if err != nil {
		return err
	}
	err = c.promise.kept(all(c.t, d))
	if err == nil {
		_, err = d.Put(c.t.Context(), "other", "after", nil, 0)
	}
	return errors.Join(err, d.Close())
}

// live opens the store on a forgetful disk whose root is given, lets f use it, and cuts the power before every sync.
func (c *cutter) live(root string, f func(d *DB)) {
	c.disk = newForgetfulDisk(c.t, root, c.look)
	defer c.disk.close()
	d, err := Open(filepath.Join(root, "data"), &Options{Log: slog.New(slog.DiscardHandler), MinFree: -1})
	if err != nil {
		c.t.Fatal(err)
	}
	f(d)
	if err := d.Close(); err != nil {
		c.t.Error(err)
	}
	c.look()
}

// write has several users write at once, change and delete.
func (c *cutter) write(d *DB, round, users, writes, size int) {
	var writing sync.WaitGroup
	for u := range users {
		writing.Go(func() {
			var revisions []uint64
			for n := range writes {
				value := strings.Repeat(fmt.Sprintf("%d-%d-%d ", round, u, n), size/8+n)
				r, err := c.promise.put(d, fmt.Sprintf("r%du%dn%d", round, u, n), value, 0)
				if err != nil {
					c.t.Error(err)
					return
				}
				revisions = append(revisions, r)
				if n%3 == 2 {
					if _, err := c.promise.put(d, fmt.Sprintf("r%du%dn%d", round, u, n-1), "changed",
						revisions[n-1]); err != nil {
						c.t.Error(err)
					}
					if _, err := c.promise.put(d, fmt.Sprintf("r%du%dn%d", round, u, n-2), "",
						revisions[n-2]); err != nil {
						c.t.Error(err)
					}
				}
			}
		})
	}
	writing.Wait()
}

func newCutter(t *testing.T) *cutter {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &cutter{t: t, promise: promise{told: make(map[string]string), asked: make(map[string]string)},
		random: rand.New(rand.NewPCG(seed, 0))}
}

// TestPowerCut cuts the power while a store is made, written to, closed, opened again, and so on from what a cut has
// left.
func TestPowerCut(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("there is no /proc here")
	}
	t.Parallel()
	c := newCutter(t)
	root := t.TempDir()
	for round := range 3 {
		next := t.TempDir()
		c.live(root, func(d *DB) {
			c.write(d, round, 1+round, 3, 700)
			c.disk.after(next, func() int { return c.random.IntN(3) })
		})
		if round == 1 {
			root = next // not closed in good order
		}
	}
	t.Logf("%d cuts", c.cuts)
	if c.cuts < 30 {
		t.Errorf("only %d cuts", c.cuts)
	}
}

// TestPowerCutWhileCompacting cuts the power while the journal is rewritten.
func TestPowerCutWhileCompacting(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("there is no /proc here")
	}
	t.Parallel()
	c := newCutter(t)
	root := t.TempDir()
	d, err := Open(filepath.Join(root, "data"), &Options{Log: slog.New(slog.DiscardHandler), MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	var r uint64
	value := strings.Repeat("v", 40<<10)
	for range 25 { // just below what is rewritten
		if r, err = c.promise.put(d, "big", value, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(root, "data", journalName))
	if err != nil {
		t.Fatal(err)
	}
	c.live(root, func(d *DB) {
		for n := range 3 {
			if r, err = c.promise.put(d, "big", value+fmt.Sprint(n), r); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.promise.put(d, "after", "wards", 0); err != nil {
			t.Error(err)
		}
	})
	if after, err := os.Stat(filepath.Join(root, "data", journalName)); err != nil || after.Size() > before.Size()/2 {
		t.Errorf("the journal was not rewritten: %d bytes of %d, %v", after.Size(), before.Size(), err)
	}
}

// TestPowerCutWhileMending cuts the power while damage is mended, of the journal and of Badger's files.
func TestPowerCutWhileMending(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("there is no /proc here")
	}
	t.Parallel()
	for _, name := range []string{journalName, filepath.Join(badgerName, "MANIFEST"), sealName, markName} {
		c := newCutter(t)
		root := t.TempDir()
		d, err := Open(filepath.Join(root, "data"), &Options{Log: slog.New(slog.DiscardHandler), MinFree: -1})
		if err != nil {
			t.Fatal(err)
		}
		c.write(d, 0, 1, 3, 500)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		c.mending = true
		flip(t, filepath.Join(root, "data", name), 5)
		c.live(root, func(d *DB) { c.write(d, 1, 1, 1, 500) })
	}
}

// TestPowerCutWhileRestoring cuts the power while a backup is restored: all of it is there when Restore has returned.
func TestPowerCutWhileRestoring(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("there is no /proc here")
	}
	t.Parallel()
	from := open(t, t.TempDir())
	want := fill(t, from, 20)
	var backup bytes.Buffer
	if err := from.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	c := newCutter(t)
	for key, r := range want {
		c.promise.asked[key] = string(r.Value)
	}
	c.live(t.TempDir(), func(d *DB) {
		if err := d.Restore(t.Context(), &backup); err != nil {
			t.Error(err)
		}
		for key, r := range want {
			c.promise.told[key] = string(r.Value)
		}
		c.look()
	})
}
