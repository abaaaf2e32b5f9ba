package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"parley/chat/chattest"
	"parley/chat/record"
	"parley/cluster/natstest"
	"parley/cluster/wire"
	"parley/db"
	"parley/internal/testenv"
)

func TestMain(m *testing.M) {
	testenv.InMemory()
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// A cluster is where nodes of a test are.
type cluster struct {
	t       testing.TB
	servers *natstest.Servers
	prefix  string
	way     string // to the first server; "" for that itself
}

var clusters atomic.Int64

func newCluster(t testing.TB, servers *natstest.Servers) *cluster {
	return &cluster{t: t, servers: servers, prefix: fmt.Sprint("test", clusters.Add(1))}
}

// A node is one process of a test.
type node struct {
	*Store
	wire *wire.Wire
	db   *db.DB
	dir  string
}

// connect connects a node.
func (c *cluster) connect(name string) *wire.Wire {
	c.t.Helper()
	urls := c.servers.URLs()
	if c.way != "" {
		urls = []string{c.way}
	}
	w, err := wire.Connect(c.t.Context(), wire.Options{Servers: urls, Node: name, Prefix: c.prefix,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	return w
}

// open opens the store of a node on the data folder dir.
func (c *cluster) open(name, dir string) (*node, error) {
	c.t.Helper()
	log := slog.New(slog.DiscardHandler)
	replica, err := db.Open(dir, &db.Options{Log: log})
	if err != nil {
		c.t.Fatal(err)
	}
	n := &node{db: replica, dir: dir, wire: c.connect(name)}
	if n.Store, err = Open(c.t.Context(), Options{Wire: n.wire, Replica: replica, Log: log}); err != nil {
		n.wire.Close()
		if err := replica.Close(); err != nil {
			c.t.Error(err)
		}
		return nil, err
	}
	return n, nil
}

// must opens the store of a node, and closes it at the end of the test.
func (c *cluster) must(name, dir string) *node {
	c.t.Helper()
	n, err := c.open(name, dir)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { n.close(c.t) })
	return n
}

func (n *node) close(t testing.TB) {
	if n.Store == nil {
		return
	}
	n.Store.Close()
	n.wire.Close()
	if err := n.db.Close(); err != nil {
		t.Error(err)
	}
	n.Store = nil
}

// know waits until n has heard of so many others.
func (n *node) know(t testing.TB, others int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		n.mu.Lock()
		known := len(n.others)
		n.mu.Unlock()
		if known == others {
			return
		}
	}
	t.Error("a node does not hear of the others")
}

// A spread asks one store after the other.
type spread struct {
	stores []record.Store
	next   atomic.Int64
}

func (s *spread) turn() record.Store { return s.stores[int(s.next.Add(1))%len(s.stores)] }

func (s *spread) Get(ctx context.Context, bucket, key string) (record.Record, error) {
	return s.turn().Get(ctx, bucket, key)
}

func (s *spread) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	return s.turn().Put(ctx, bucket, key, value, revision)
}

func (s *spread) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	return s.turn().Delete(ctx, bucket, key, revision)
}

func (s *spread) List(ctx context.Context, bucket string) iter.Seq2[record.Record, error] {
	return s.turn().List(ctx, bucket)
}

// TestStore tests the promises of a store, on one node, and on three nodes of which each call asks another one.
func TestStore(t *testing.T) {
	for _, tt := range []struct {
		name           string
		servers, nodes int
	}{
		{"one node", 1, 1},
		{"three nodes", 1, 3},
		{"three nodes and servers", 3, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.servers+tt.nodes != 4 && testing.Short() {
				t.Skip("takes a while")
			}
			servers := natstest.Start(t, tt.servers, func(o *server.Options) { o.SyncAlways = false })
			chattest.TestStore(t, func(t *testing.T) record.Store {
				c, s := newCluster(t, servers), new(spread)
				for i := range tt.nodes {
					n := c.must(string(rune('a'+i)), filepath.Join(t.TempDir(), "data"))
					defer n.know(t, tt.nodes-1)
					s.stores = append(s.stores, n)
				}
				return s
			})
		})
	}
}

// TestReplica has a node miss something, and start again.
func TestReplica(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	dirs := []string{t.TempDir(), t.TempDir()}
	a, b := c.must("a", dirs[0]), c.must("b", dirs[1])
	a.know(t, 1)
	put(t, a, "one", "1", 0)
	same(t, a, b)
	b.close(t)
	two := put(t, a, "two", "2", 0)
	put(t, a, "two", "2 again", two)
	put(t, a, "three", "3", 0)
	if err := a.Delete(t.Context(), "b", "three", a.Number()); err != nil {
		t.Fatal(err)
	}
	b = c.must("b", dirs[1])
	same(t, a, b)
	same(t, a, c.must("new", t.TempDir()))
	if v := backupOf(t, b); v.Writes() != a.Number() || v.Records() != 3 {
		t.Errorf("backup of %d records, %d writes, want %d", v.Records(), v.Writes(), a.Number())
	}
}

func put(t *testing.T, s record.Store, key, value string, revision uint64) uint64 {
	t.Helper()
	r, err := s.Put(t.Context(), "b", key, []byte(value), revision)
	if err != nil {
		t.Fatalf("Put %s: %v", key, err)
	}
	return r
}

// same fails t if two replicas are not the same.
func same(t *testing.T, a, b *node) {
	t.Helper()
	held := func(n *node) string {
		all := make(map[string]string)
		for w, err := range n.db.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			all[w.Bucket+" "+w.Key] = fmt.Sprintf("%d %s", w.Number, w.Value)
		}
		return fmt.Sprint(n.Number(), all)
	}
	if held(a) != held(b) {
		t.Errorf("one replica has\n%s\nand another\n%s", held(a), held(b))
	}
}

// tapeOf returns the stream as an operator reaches it.
func tapeOf(t *testing.T, n *node) *tape {
	t.Helper()
	tape, err := newTape(n.wire)
	if err != nil {
		t.Fatal(err)
	}
	return tape
}

// TestForgotten takes the stream away, or puts another in its place: while a node runs, and before it starts.
func TestForgotten(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	for name, tt := range map[string]struct {
		harm func(t *testing.T, c *cluster, n *node)
		want error
	}{
		"deleted": {func(t *testing.T, _ *cluster, n *node) {
			remove(t, n)
		}, ErrForgot},
		"an older copy": {func(t *testing.T, _ *cluster, n *node) {
			tape := tapeOf(t, n)
			id := get(t, n, idBucket, idKey)
			remove(t, n)
			if _, err := tape.js.CreateStream(t.Context(), tape.settings()); err != nil {
				t.Fatal(err)
			}
			publish(t, tape, db.Write{Bucket: idBucket, Key: idKey, Value: id})
		}, ErrForgot},
		"an older copy that went on": {func(t *testing.T, _ *cluster, n *node) {
			tape := tapeOf(t, n)
			id := get(t, n, idBucket, idKey)
			remove(t, n)
			if _, err := tape.js.CreateStream(t.Context(), tape.settings()); err != nil {
				t.Fatal(err)
			}
			publish(t, tape, db.Write{Bucket: idBucket, Key: idKey, Value: id})
			for i := range 20 {
				publish(t, tape, db.Write{Bucket: "b", Key: fmt.Sprint(i)})
			}
		}, ErrForgot},
		"another cluster's": {func(t *testing.T, c *cluster, n *node) {
			remove(t, n)
			other := c.must("z", t.TempDir())
			for i := range 20 {
				put(t, other, fmt.Sprint(i), "v", 0)
			}
		}, ErrOther},
		"filled by half": {func(t *testing.T, _ *cluster, n *node) {
			publish(t, tapeOf(t, n), db.Write{Bucket: idBucket, Key: fillKey})
		}, ErrUnfinished},
		"other settings": {func(t *testing.T, _ *cluster, n *node) {
			tape := tapeOf(t, n)
			settings := tape.settings()
			settings.MaxAge = time.Hour
			if _, err := tape.js.UpdateStream(t.Context(), settings); err != nil {
				t.Fatal(err)
			}
		}, ErrSettings},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, servers)
			dir := t.TempDir()
			n := c.must("a", dir)
			for i := range 5 {
				put(t, n, fmt.Sprint("key", i), "v", 0)
			}
			held := n.Number()
			n.close(t)
			admin := &node{wire: c.connect("admin"), dir: dir}
			defer admin.wire.Close()
			tt.harm(t, c, admin)
			if again, err := c.open("a", dir); !errors.Is(err, tt.want) {
				t.Errorf("Open: got %v, want %v", err, tt.want)
				if err == nil {
					again.close(t)
				}
			}
			view, err := db.OpenView(dir)
			if err != nil || view.Writes() != held {
				t.Errorf("the replica has %d writes, %v, want %d", view.Writes(), err, held)
			}
			if _, err := Compare(t.Context(), admin.wire, view); !errors.Is(err, tt.want) {
				t.Errorf("Compare: got %v, want %v", err, tt.want)
			}
		})
	}
}

func remove(t *testing.T, n *node) {
	t.Helper()
	tape := tapeOf(t, n)
	if err := tape.js.DeleteStream(t.Context(), tape.name); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, n *node, bucket, key string) []byte {
	t.Helper()
	v, err := db.OpenView(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Get(t.Context(), bucket, key)
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

func publish(t *testing.T, tape *tape, w db.Write) {
	t.Helper()
	if _, err := tape.js.Publish(t.Context(), tape.subjectOf(w.Bucket, w.Key), encode(&w)); err != nil {
		t.Fatal(err)
	}
}

// TestForgottenMeanwhile takes the stream away from a node that runs: it writes nothing more, and reads on.
func TestForgottenMeanwhile(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	n := c.must("a", t.TempDir())
	revision := put(t, n, "key", "v", 0)
	remove(t, n)
	tape := tapeOf(t, n)
	if _, err := tape.js.CreateStream(t.Context(), tape.settings()); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Put(t.Context(), "b", "key", nil, revision); err == nil || errors.Is(err, record.ErrConflict) {
		t.Errorf("Put at once: got %v", err)
	}
	for end := time.Now().Add(20 * time.Second); !errors.Is(n.Trouble(), ErrForgot); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("Trouble: got %v, want ErrForgot", n.Trouble())
		}
	}
	if _, err := n.Put(t.Context(), "b", "key", nil, revision); !errors.Is(err, record.ErrForgotten) {
		t.Errorf("Put: got %v, want ErrForgotten", err)
	}
	if r, err := n.Get(t.Context(), "b", "key"); err != nil || string(r.Value) != "v" {
		t.Errorf("Get: got %q, %v", r.Value, err)
	}
}

// TestUnreachable takes the server away: reads go on, writes are refused in time, and all is well once it is back.
func TestUnreachable(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	n := c.must("a", t.TempDir())
	revision := put(t, n, "key", "before", 0)
	c.servers.Stop(0)
	began := time.Now()
	if _, err := n.Put(t.Context(), "b", "key", []byte("lost"), revision); !errors.Is(err, record.ErrUnreachable) &&
		!errors.Is(err, record.ErrMaybeSaved) || !record.CannotSave(err) {
		t.Errorf("Put: got %v, want ErrUnreachable", err)
	}
	if took := time.Since(began); took > writeTime+time.Second {
		t.Errorf("the refusal took %v", took)
	}
	if r, err := n.Get(t.Context(), "b", "key"); err != nil || string(r.Value) != "before" {
		t.Errorf("Get: got %q, %v", r.Value, err)
	}
	c.servers.Restart(0)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r, err := n.Get(t.Context(), "b", "key")
		if err == nil {
			_, err = n.Put(t.Context(), "b", "key", []byte("after"), r.Revision)
		}
		if err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("10 seconds after the server is back: %v", err)
		}
	}
}

// TestReconnects loses what the server sends to a replica while its connection is cut over and over.
func TestReconnects(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	a, b := c.must("a", t.TempDir()), c.must("b", t.TempDir())
	for i := range 40 {
		if i%4 == 0 {
			if err := b.wire.Conn().ForceReconnect(); err != nil {
				t.Fatal(err)
			}
		}
		put(t, a, fmt.Sprint(i), "v", 0)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := b.await(ctx, a.Number()); err != nil {
		t.Fatal(err)
	}
	same(t, a, b)
}

// TestForeign puts something into the stream that is not from Parley, and something from a later version.
func TestForeign(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	a, b := c.must("a", t.TempDir()), c.must("b", t.TempDir())
	a.know(t, 1)
	put(t, a, "before", "v", 0)
	tape := tapeOf(t, a)
	if _, err := tape.js.Publish(t.Context(), tape.subject+".x", []byte("foreign")); err != nil {
		t.Fatal(err)
	}
	put(t, a, "after", "v", 0)
	same(t, a, b)
	later := encode(&db.Write{Bucket: "b", Key: "later"})
	later[1]++
	if _, err := tape.js.Publish(t.Context(), tape.subject+".y", later, jetstream.WithMsgID("later")); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); a.Trouble() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a node takes what a later version has written")
		}
	}
	if err := a.Trouble(); !errors.Is(err, errLater) {
		t.Errorf("Trouble: got %v, want errLater", err)
	}
}

// TestFound makes a stream from a backup, which keeps everything but which cluster it was of.
func TestFound(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	old, c := newCluster(t, servers), newCluster(t, servers)
	was := old.must("a", t.TempDir())
	put(t, was, "alice", "account", 0)
	bob := put(t, was, "bob", "account", 0)
	put(t, was, "bob", "changed", bob)
	view := backupOf(t, was)
	w := c.connect("founder")
	defer w.Close()
	if n, err := Found(t.Context(), w, view); err != nil || n != 2 {
		t.Fatalf("Found: %d, %v", n, err)
	}
	if _, err := Found(t.Context(), w, view); !errors.Is(err, ErrThere) {
		t.Errorf("Found again: got %v, want ErrThere", err)
	}
	n := c.must("b", t.TempDir())
	if r, err := n.Get(t.Context(), "b", "bob"); err != nil || string(r.Value) != "changed" {
		t.Errorf("bob is %q, %v", r.Value, err)
	}
	if got := identity(t, n); got == identity(t, was) {
		t.Error("the new cluster has the identity of the old one")
	}
	was.close(t)
	if _, err := c.open("a", was.dir); !errors.Is(err, ErrOther) {
		t.Errorf("a replica of the old cluster: got %v, want ErrOther", err)
	}
}

// backupOf returns what n would back up now.
func backupOf(t *testing.T, n *node) *db.View {
	t.Helper()
	var backup bytes.Buffer
	if err := n.Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	view, err := db.ReadBackup(&backup)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

// TestFoundTogether has two found a cluster at the same time: one does, and the other leaves that stream alone.
func TestFoundTogether(t *testing.T) {
	servers := natstest.Start(t, 1, nil)
	old := newCluster(t, servers)
	was := old.must("a", t.TempDir())
	for i := range 10 {
		put(t, was, fmt.Sprint("user", i), "account", 0)
	}
	view := backupOf(t, was)
	for round := range 20 {
		c := newCluster(t, servers)
		founders := []*wire.Wire{c.connect("founder1"), c.connect("founder2")}
		errs := make(chan error, len(founders))
		for _, w := range founders {
			go func() {
				_, err := Found(t.Context(), w, view)
				errs <- err
			}()
		}
		first, second := <-errs, <-errs
		if first != nil {
			first, second = second, first
		}
		if first != nil || !errors.Is(second, ErrThere) {
			t.Fatalf("round %d: got %v and %v, want nil and ErrThere", round, first, second)
		}
		if last, err := Compare(t.Context(), founders[0], &db.View{}); err != nil || last < 10 {
			t.Errorf("round %d: the stream ends at %d, %v", round, last, err)
		}
		for _, w := range founders {
			w.Close()
		}
	}
}

func identity(t *testing.T, n *node) string {
	t.Helper()
	r, err := n.Get(t.Context(), idBucket, idKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Value)
}
