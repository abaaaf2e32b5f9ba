//go:build unix

package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"parley/cluster/natstest"
)

// clusterNames are the nodes of a cluster in tests.
var clusterNames = []string{"a", "b", "c"}

// A clusterTest is three servers in processes of their own that are one Parley, over NATS servers in this process.
type clusterTest struct {
	t     testing.TB
	nats  *natstest.Servers
	dirs  map[string]string
	nodes map[string]*process
}

// startCluster starts NATS servers and three nodes, and waits until these are in touch.
func startCluster(t testing.TB, servers int) *clusterTest {
	t.Helper()
	c := &clusterTest{t: t, nats: natstest.Start(t, servers, nil), dirs: make(map[string]string),
		nodes: make(map[string]*process)}
	for _, name := range clusterNames {
		c.dirs[name] = filepath.Join(t.TempDir(), "data")
		c.start(name)
	}
	c.calm()
	return c
}

// args returns the options of a node.
func (c *clusterTest) args(name string) []string {
	return []string{"--cluster", strings.Join(c.nats.URLs(), ","), "--cluster-node", name,
		"--cluster-nodes", strings.Join(clusterNames, ",")}
}

func (c *clusterTest) start(name string) {
	c.t.Helper()
	c.nodes[name] = startProcess(c.t, c.dirs[name], append(c.args(name), "--admin-listen", "127.0.0.1:0")...)
}

// ready reports whether a node says that it serves users.
func (c *clusterTest) ready(name string) bool {
	r, err := http.Get("http://" + c.nodes[name].monitorAddress() + "/readyz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// calm waits until the nodes serve users, all if none is named, and returns how long that took.
func (c *clusterTest) calm(nodes ...string) time.Duration {
	c.t.Helper()
	began := time.Now()
	if nodes == nil {
		nodes = clusterNames
	}
	for _, name := range nodes {
		for !c.ready(name) {
			if time.Since(began) > 2*patience {
				c.t.Fatalf("%s does not serve:\n%s", name, c.nodes[name].log)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return time.Since(began)
}

// desk returns the node that is the desk.
func (c *clusterTest) desk() string {
	c.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, name := range clusterNames {
			if c.figure(name, "parley_cluster_desk") == "1" {
				return name
			}
		}
	}
	c.t.Fatal("there is no desk")
	return ""
}

// figure returns a figure of a node: empty if the node is not there.
func (c *clusterTest) figure(name, what string) string {
	if c.nodes[name].cmd.ProcessState != nil {
		return ""
	}
	return c.nodes[name].figure(what)
}

// figure returns one of the figures that a process serves.
func (p *process) figure(what string) string {
	client := http.Client{Timeout: patience}
	r, err := client.Get("http://" + p.monitorAddress() + "/metrics")
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		return ""
	}
	for line := range strings.Lines(b.String()) {
		if value, found := strings.CutPrefix(line, what+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// come registers a user at a node.
func (c *clusterTest) come(node, name string) *script {
	c.t.Helper()
	s := dialScript(c.t, c.nodes[node].address)
	s.send("guest")
	s.expect(":0> ")
	s.send("register "+name, "password of "+name, "password of "+name)
	s.expect("User " + name + " registered")
	return c.login(node, name)
}

// login logs a user in at a node.
func (c *clusterTest) login(node, name string) *script {
	c.t.Helper()
	s := dialScript(c.t, c.nodes[node].address)
	s.send(name, "password of "+name)
	s.expect("<" + name + ":")
	return s
}

// TestCluster is three servers that are one: accounts, talk, take-over, and what an operator does at one of them.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	alice := c.come("a", "alice")
	bob := c.come("b", "bob")
	alice.send("open a room")
	bob.expect("alice created room 0") // which may be a moment later at another node
	bob.send("join 0")
	bob.expect("<bob:1> ")
	alice.expect("[Room 0] bob joined.")
	bob.send("say 0 hello")
	alice.expect("[Room 0] *bob*: hello")
	alice.send("tell bob psst")
	bob.expect("alice: psst")
	carol := c.come("c", "carol")
	carol.send("who")
	carol.expect("carol")

	// Bob takes his seat along to another node.
	again := dialScript(t, c.nodes["c"].address)
	again.send("bob", "password of bob")
	again.expect("<bob:")
	if err := bob.until("You logged in from another place."); err != nil {
		t.Error(err)
	}
	alice.send("say 0 still there?")
	again.expect("[Room 0] *alice*: still there?")

	// What an operator does at one node is done at all.
	if out, err := c.console("b", "kick", "bob", "enough"); err != nil {
		t.Errorf("kick: %v: %s", err, out)
	}
	if err := again.until("You were disconnected by an operator"); err != nil {
		t.Error(err)
	}
	if out, err := c.console("a", "ban", "carol"); err != nil {
		t.Errorf("ban: %v: %s", err, out)
	}
	if err := carol.until("banned"); err != nil {
		t.Error(err)
	}
	shown, err := c.console("b", "cluster")
	if err != nil || strings.Count(shown, " runs") != 3 || strings.Count(shown, "is the desk") != 1 ||
		!strings.Contains(shown, "Seen from b: epoch ") {
		t.Errorf("cluster: %v: %s", err, shown)
	}
	backups := make(map[string]bool)
	var path string
	for _, name := range clusterNames {
		path = filepath.Join(t.TempDir(), "backup")
		if out, err := c.console(name, "backup", path); err != nil {
			t.Errorf("backup: %v: %s", err, out)
		}
		out, err := c.console(name, "check", path)
		if err != nil || !strings.Contains(out, "3 of them accounts") {
			t.Errorf("check: %v: %s", err, out)
		}
		backups[strings.ReplaceAll(out, path, "")] = true
	}
	if len(backups) != 1 {
		t.Errorf("the backups of three nodes differ: %v", backups)
	}
	for _, name := range clusterNames {
		if status := c.nodes[name].stop(); status != 0 {
			t.Errorf("%s ended with status %d:\n%s", name, status, c.nodes[name].log)
		}
	}
	// Back to one server.
	c.dirs["one"] = filepath.Join(t.TempDir(), "one")
	if out, err := c.console("one", "restore", path); err != nil {
		t.Fatalf("restore: %v: %s", err, out)
	}
	c.nodes["one"] = startProcess(t, c.dirs["one"])
	c.login("one", "alice")
}

// console runs a command of the shell on the data folder of a node.
func (c *clusterTest) console(node string, args ...string) (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, append([]string{"--data", c.dirs[node]}, args...)...).CombinedOutput()
	return string(out), err
}

// refused starts a node with those options, and returns the sentence with which it ends.
func (c *clusterTest) refused(dir string, options ...string) string {
	c.t.Helper()
	path, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	return c.refusedBy(path, dir, options...)
}

// refusedBy is refused for a program of another version.
func (c *clusterTest) refusedBy(path, dir string, options ...string) string {
	c.t.Helper()
	args := append([]string{"--listen", "127.0.0.1:0", "--data", dir}, options...)
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err == nil {
		c.t.Errorf("a server with %q ended without an error", options)
	}
	for line := range strings.Lines(string(out)) {
		if sentence, found := strings.CutPrefix(line, "parley: "); found {
			return strings.TrimSpace(sentence)
		}
	}
	return string(out)
}

// TestClusterRefuses tries to start what would do harm. Nothing is left of it.
func TestClusterRefuses(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 1)
	c.come("a", "alice")
	for _, tt := range []struct {
		name    string
		options []string
		want    string
	}{
		{"a name that is taken", c.args("a"), "--cluster-node: a server of the name a is running already"},
		{"other nodes", append(c.args("d")[:4], "--cluster-nodes", "d,e,f"),
			"--cluster-nodes: the cluster is a, b, c, of which a, b, c run, and not d, e, f; stop all nodes before " +
				"you change that"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if got := c.refused(dir, tt.options...); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the data folder is there", tt.name)
		}
	}
	if status := c.nodes["c"].stop(); status != 0 {
		t.Errorf("c ended with status %d", status)
	}
	// A replica is no data folder of a single server.
	out, err := exec.Command(c.nodes["c"].cmd.Path, "--data", c.dirs["c"], "user", "promote", "alice").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is a replica of a cluster") {
		t.Errorf("promote without a server: %v: %s", err, out)
	}
	out, err = exec.Command(c.nodes["c"].cmd.Path, "--data", c.dirs["c"], "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is a replica of a cluster") {
		t.Errorf("start without --cluster: %v: %s", err, out)
	}
	// A folder of a single server is no replica.
	alone := filepath.Join(t.TempDir(), "alone")
	p := startProcess(t, alone)
	p.stop()
	add := exec.Command(p.cmd.Path, "--data", alone, "user", "add", "zoe")
	add.Stdin = strings.NewReader("password of zoe\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v: %s", err, out)
	}
	got := c.refused(alone, c.args("c")...)
	if !strings.HasPrefix(got, "The data folder does not belong to this cluster") {
		t.Errorf("a folder of a single server: got %q", got)
	}
}

// TestClusterCredentials has NATS ask for a password.
func TestClusterCredentials(t *testing.T) {
	t.Parallel()
	servers := natstest.Start(t, 1, func(o *server.Options) { o.Username, o.Password = "parley", "right" })
	c := &clusterTest{t: t, nats: servers}
	address := strings.TrimPrefix(servers.URLs()[0], "nats://")
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := binary(); err != nil { // which takes its time
		t.Fatal(err)
	}
	for _, login := range []string{"", "parley:wrong@"} {
		began := time.Now()
		got := c.refused(dir, append([]string{"--cluster", "nats://" + login + address}, c.args("a")[2:]...)...)
		if want := "--cluster: the NATS servers refuse the credentials of this node"; !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the refusal took %v", took)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the data folder is there")
	}
}

// TestClusterNodeDies kills the desk, and stops another node for longer than it may be silent: the others go on, and it
// comes back by itself.
func TestClusterNodeDies(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a while")
	}
	c := startCluster(t, 1)
	desk := c.desk()
	var rest []string
	for _, name := range clusterNames {
		if name != desk {
			rest = append(rest, name)
		}
	}
	alice, bob := c.come(rest[0], "alice"), c.come(rest[1], "bob")
	carol := c.come(desk, "carol")
	alice.send("open a room")
	bob.expect("alice created room 0") // which may be a moment later at another node
	bob.send("join 0")
	bob.expect("<bob:1> ")
	carol.send("join 0")
	carol.expect("<carol:1> ")

	c.nodes[desk].kill()
	killed := time.Now()
	bob.expect("[Room 0] carol left.")
	t.Logf("the death of the desk was noticed after %v", time.Since(killed))
	if took := time.Since(killed); took > 5*time.Second {
		t.Errorf("the death of the desk was noticed after %v", took)
	}
	bob.send("say 0 on we go")
	alice.expect("[Room 0] *bob*: on we go")
	c.login(rest[0], "carol")
	c.start(desk)
	t.Logf("the node was back after %v", c.calm())

	stopped := rest[1]
	if err := c.nodes[stopped].cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	alice.expect("[Room 0] bob left.")
	bob.send("say 0 from the past")
	time.Sleep(time.Second)
	if err := c.nodes[stopped].cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := bob.until("The other machines cannot be reached"); err != nil {
		t.Error(err)
	}
	t.Logf("the node that was stopped was back after %v", c.calm())
	alice.send("say 0 alone")
	alice.expect("[Room 0] *alice*: alone")
	if strings.Contains(alice.all.String(), "from the past") {
		t.Errorf("a node that was stopped has delivered something late: %s", alice.all.String())
	}
	again := c.login(stopped, "bob")
	again.send("join 0")
	alice.expect("[Room 0] bob joined.")
	alice.send("say 0 welcome back")
	again.expect("[Room 0] *alice*: welcome back")
}

// TestClusterWithoutNATS takes the NATS servers away for longer than a node may be silent: users are told, read on, and
// everything is back by itself, and nobody has to log in again.
func TestClusterWithoutNATS(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a while")
	}
	c := startCluster(t, 1)
	alice, bob := c.come("a", "alice"), c.come("b", "bob")
	c.nats.Stop(0)
	for _, s := range []*script{alice, bob} {
		if err := s.until("The other machines cannot be reached"); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	alice.send("tell bob anybody?")
	alice.expect("cannot be reached")
	late := dialScript(t, c.nodes["c"].address)
	late.send("alice", "password of alice")
	late.expect("cannot be reached")
	if took := time.Since(began); took > 20*time.Second { // who logs in waits ten for the others to come back
		t.Errorf("refusals took %v", took)
	}
	if c.ready("a") {
		t.Error("a node that reaches nobody says that it is ready")
	}
	time.Sleep(time.Until(began.Add(3 * time.Second))) // nobody can declare another gone meanwhile
	c.nats.Restart(0)
	back := time.Now()
	c.calm()
	t.Logf("all was back after %v", time.Since(back))
	if took := time.Since(back); took > 15*time.Second {
		t.Errorf("all was back after %v", took)
	}
	for _, s := range []*script{alice, bob} {
		s.expect("The other machines can be reached again.")
	}
	alice.send("tell bob there you are")
	bob.expect("alice: there you are")
	c.login("c", "alice").send("quit")
}
