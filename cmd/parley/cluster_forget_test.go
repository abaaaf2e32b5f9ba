//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/cluster/natstest"
	"parley/internal/testenv"
)

// deleteStream does what "nats stream rm parley-writes" does.
func (c *clusterTest) deleteStream() {
	c.t.Helper()
	nc, err := nats.Connect(c.nats.URLs()[0])
	if err != nil {
		c.t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err == nil {
		err = js.DeleteStream(c.t.Context(), "parley-writes")
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// forgotten looks whether no node starts that has more than the stream, and whether check says what to do. It returns
// the node that has the most.
func (c *clusterTest) forgotten() (best string) {
	c.t.Helper()
	most := 0
	for _, name := range clusterNames {
		out, err := c.console(name, append([]string{"check"}, c.args(name)...)...)
		m := regexp.MustCompile(` (\d+) writes\.`).FindStringSubmatch(out)
		if m == nil {
			c.t.Fatalf("check: %v: %s", err, out)
		}
		if writes, _ := strconv.Atoi(m[1]); writes > most {
			best, most = name, writes
		}
		if err == nil {
			continue // the stream has all that this node has
		}
		for _, want := range []string{"NATS has forgotten what it had acknowledged", `"parley backup FILE"`,
			`"nats stream rm parley-writes"`, `"parley cluster found FILE"`, "move the data folders away"} {
			if !strings.Contains(out, want) {
				c.t.Errorf("check of %s does not say %q: %s", name, want, out)
			}
		}
		if got := c.refused(c.dirs[name], c.args(name)...); !strings.Contains(got, "NATS has forgotten what it had") {
			c.t.Errorf("start of %s: %q", name, got)
		}
	}
	return best
}

// bringBack does what check says, with the data folder of a node.
func (c *clusterTest) bringBack(best string) {
	c.t.Helper()
	backup := filepath.Join(c.t.TempDir(), "backup")
	if out, err := c.console(best, "backup", backup); err != nil {
		c.t.Fatalf("backup: %v: %s", err, out)
	}
	if out, err := c.console(best, append([]string{"cluster", "found", backup}, c.args(best)...)...); err != nil {
		c.t.Fatalf("cluster found: %v: %s", err, out)
	}
	for _, name := range clusterNames {
		if err := os.Rename(c.dirs[name], c.dirs[name]+".old"); err != nil {
			c.t.Fatal(err)
		}
		c.start(name)
	}
	c.calm()
}

// TestClusterForgets deletes the stream while the nodes run: they say so, write nothing more, and go on with all else.
// No node starts again, and check says what to do.
func TestClusterForgets(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	alice, bob := c.come("a", "alice"), c.come("b", "bob")
	alice.send("info before")
	alice.expect("<alice:1>")
	c.deleteStream()
	for answer, end := "", time.Now().Add(patience); !strings.Contains(answer, "have lost something"); {
		if strings.Contains(answer, "updated") || time.Now().After(end) {
			t.Fatalf("what is to be stored where there is no stream: %q\n%s", answer, c.nodes["a"].log)
		}
		from := alice.all.Len()
		alice.send("info after")
		alice.expect("<alice:")
		answer = alice.all.String()[from:]
	}
	alice.send("tell bob nothing is kept")
	bob.expect("alice: nothing is kept")
	c.login("c", "alice").send("status alice")
	for _, name := range clusterNames {
		c.nodes[name].stop()
	}
	c.bringBack(c.forgotten())
	again := c.login("b", "alice")
	again.send("status alice")
	again.expect("Info: before")
}

// TestClusterOldCopy puts an older copy of what NATS has stored in the place of the present one, and does what check
// says: all that was acknowledged is there again.
func TestClusterOldCopy(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	var stored string
	c := &clusterTest{t: t, dirs: make(map[string]string), nodes: make(map[string]*process),
		nats: natstest.Start(t, 1, func(o *server.Options) { stored = o.StoreDir })}
	start := func() {
		for _, name := range clusterNames {
			c.start(name)
		}
		c.calm()
	}
	stop := func() {
		for _, name := range clusterNames {
			if c.nodes[name].cmd.ProcessState == nil {
				c.nodes[name].stop()
			}
		}
		c.nats.Stop(0)
	}
	for _, name := range clusterNames {
		c.dirs[name] = filepath.Join(t.TempDir(), "data")
	}
	start()
	c.come("a", "alice")
	stop()
	older := filepath.Join(t.TempDir(), "older")
	if err := os.CopyFS(older, os.DirFS(stored)); err != nil {
		t.Fatal(err)
	}
	c.nats.Restart(0)
	start()
	c.nodes["b"].stop() // so that its data folder is older than those of the others
	c.come("c", "bob")
	stop()
	if err := os.RemoveAll(stored); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(older, stored); err != nil {
		t.Fatal(err)
	}
	c.nats.Restart(0)
	best := c.forgotten()
	if best == "b" {
		t.Error("the folder of b has the most")
	}
	c.deleteStream()
	c.bringBack(best)
	c.login("a", "alice")
	c.login("b", "bob")
}
