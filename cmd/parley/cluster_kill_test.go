//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/testenv"
)

// TestClusterKills kills one node after the other, and the NATS servers in between, while users register at all nodes.
// Everything that was acknowledged is there at the end, on every node. PARLEY_KILLS is how often.
func TestClusterKills(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("PARLEY_KILLS")); err == nil {
		rounds = n
	}
	c := startCluster(t, 3)
	acknowledged := make([]acknowledgements, len(clusterNames))
	for round := range rounds {
		var working sync.WaitGroup
		var changes atomic.Int64
		for i, name := range clusterNames {
			s := dialScript(t, c.nodes[name].address)
			working.Go(func() { // until its node dies, or refuses something
				acknowledged[i].work(s, fmt.Sprintf("r%d%s", round, name), &changes)
			})
			defer s.conn.Close()
		}
		for end := time.Now().Add(patience); changes.Load() < 3 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		victim := clusterNames[rand.IntN(len(clusterNames))]
		c.nodes[victim].kill()
		if round%4 == 3 { // a NATS server too
			n := rand.IntN(3)
			c.nats.Stop(n)
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
			c.nats.Restart(n)
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		for _, name := range clusterNames { // all stop, so that the next round begins with all
			c.nodes[name].kill()
		}
		working.Wait()
		c.nats.Await()
		for _, name := range clusterNames {
			c.start(name)
		}
		c.calm()
	}
	for _, name := range clusterNames {
		look := dialScript(t, c.nodes[name].address)
		look.send("guest")
		look.expect(":0> ")
		total := 0
		for i := range acknowledged {
			total += acknowledged[i].check(look)
		}
		t.Logf("%s: %d acknowledged changes are all there after %d rounds", name, total, rounds)
		if total < rounds {
			t.Errorf("only %d changes in %d rounds prove little", total, rounds)
		}
	}
	exports := make(map[string]bool)
	for _, name := range clusterNames {
		out, err := c.console(name, "user", "list")
		if err != nil {
			t.Errorf("user list: %v: %s", err, out)
		}
		exports[out] = true
	}
	if len(exports) != 1 {
		t.Errorf("the nodes list different accounts: %v", exports)
	}
}

// TestClusterRolls stops and starts one node after the other, as for a new version: no room closes, and everybody finds
// what was there.
func TestClusterRolls(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	c := startCluster(t, 1)
	// By the node that they came to first, and where they are.
	people, at := make(map[string]*script), make(map[string]string)
	for i, node := range clusterNames {
		people[node], at[node] = c.come(node, "user"+node), node
		people[node].send("open room of " + node)
		people[node].expect(fmt.Sprintf("user%s created room %d", node, i))
	}
	for _, node := range clusterNames {
		for i, other := range clusterNames {
			if other != node {
				people[node].send(fmt.Sprintf("join %d", i))
				people[node].expect(fmt.Sprintf("You joined Room %d", i))
			}
		}
	}
	for i, node := range clusterNames {
		next := clusterNames[(i+1)%len(clusterNames)]
		if status := c.nodes[node].stop(); status != 0 {
			t.Fatalf("%s ended with status %d:\n%s", node, status, c.nodes[node].log)
		}
		c.calm(next, clusterNames[(i+2)%len(clusterNames)]) // if the node was the desk, there is none for a moment
		for _, name := range clusterNames {                 // those who were there, those who have come in between too
			if at[name] == node {
				people[name].expect("Another server keeps your seat")
				people[name], at[name] = c.login(next, "user"+name), next
			}
			people[name].send("say " + strconv.Itoa(i) + " after " + node + " I am " + name)
			people[name].expect("after " + node + " I am " + name)
		}
		c.start(node)
		c.calm()
	}
	people["a"].send("rooms")
	for i := range clusterNames {
		people["a"].expect(fmt.Sprintf("Room %d, topic: room of", i))
	}
}

// TestClusterTry starts all of it as deploy/cluster/try.sh does, stops a node, and then all as Ctrl-C does.
func TestClusterTry(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	parley, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	nats := filepath.Join(dir, "nats-server")
	build := exec.Command("go", "build", "-o", nats, "github.com/nats-io/nats-server/v2")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the NATS server: %v: %s", err, out)
	}
	port := 20000 + rand.IntN(10000)
	cmd := exec.Command("../../deploy/cluster/try.sh", filepath.Join(dir, "data"))
	cmd.Env = append(os.Environ(), "PARLEY="+parley, "NATS_SERVER="+nats, "PORT="+strconv.Itoa(port))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the script
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	address := func(node int) string { return fmt.Sprintf("127.0.0.1:%d", port+node) }
	for end := time.Now().Add(2 * patience); ; time.Sleep(100 * time.Millisecond) {
		shown, err := exec.Command(parley, "--data", filepath.Join(dir, "data", "a"), "cluster").Output()
		if err == nil &&
			strings.Count(string(shown), " runs") == 3 && strings.Contains(string(shown), "is the desk") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the nodes do not find each other:\n%s", out.String())
		}
	}
	one, two := dialScript(t, address(1)), dialScript(t, address(2))
	one.send("guest")
	one.expect(":0> ")
	two.send("guest")
	two.expect(":0> ")
	one.send("shout hello")
	if err := two.until("hello"); err != nil {
		t.Error(err)
	}
	// A node that is stopped comes back, and the others go on.
	stop := exec.Command(parley, "--data", filepath.Join(dir, "data", "b"), "shutdown", "in", "1s")
	if shown, err := stop.CombinedOutput(); err != nil {
		t.Fatalf("shutdown: %v: %s", err, shown)
	}
	for end := time.Now().Add(2 * patience); !strings.Contains(out.String(), "b is started again"); {
		if time.Sleep(100 * time.Millisecond); time.Now().After(end) {
			t.Fatalf("b does not come back:\n%s", out.String())
		}
	}
	one.send("shout still here")
	one.expect("still here")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the script ended with %v:\n%s", err, out.String())
		}
	case <-time.After(patience):
		t.Errorf("the script does not end:\n%s", out.String())
	}
}
