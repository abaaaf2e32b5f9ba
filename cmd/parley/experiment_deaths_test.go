//go:build experiment && linux

package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestExperimentDeaths kills a node, and the desk, of three again and again. It measures how long it takes until others
// read that a user of it has left, until they can speak again, and until the two that are left say that they are ready.
// PARLEY_DEATHS is how often; 10 if it is not set.
func TestExperimentDeaths(t *testing.T) {
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("PARLEY_DEATHS")); err == nil {
		rounds = n
	}
	c := startCluster(t, 3)
	for _, what := range []string{"the desk", "a node"} {
		var noticed, silent, ready times
		for round := range rounds {
			desk := c.desk()
			var victim string
			var rest []string
			for _, name := range clusterNames {
				if victim == "" && (name == desk) == (what == "the desk") {
					victim = name
				} else {
					rest = append(rest, name)
				}
			}
			names := fmt.Sprintf("%c%d", what[len(what)-1], round)
			alice, bob := c.guest(rest[0], names+"a"), c.guest(rest[1], names+"b")
			carol := c.guest(victim, names+"c")
			alice.send("start tea")
			room := string(alice.roomNumber())
			for _, s := range []*script{bob, carol} {
				s.expect("created room " + room) // which may be a moment later at another node
				s.send("join " + room)
				s.expect("You joined Room " + room)
			}
			c.nodes[victim].kill()
			killed := time.Now()
			var hearing sync.WaitGroup
			hearing.Go(func() {
				bob.expect(names + "c left.")
				noticed = append(noticed, time.Since(killed))
			})
			longest, last := time.Duration(0), killed
			for i := 0; time.Since(killed) < 6*time.Second; i++ {
				line := fmt.Sprintf("line %d.", i)
				alice.send("say " + room + " " + line)
				switch got, err := alice.untilOne(line, "That may not have been sent.", "so nothing was done."); {
				case err != nil:
					t.Fatal(err)
				case got == line:
					longest, last = max(longest, time.Since(last)), time.Now()
				}
				time.Sleep(10 * time.Millisecond)
			}
			hearing.Wait()
			silent = append(silent, longest)
			ready = append(ready, c.calm(rest...))
			for _, s := range []*script{alice, bob, carol} {
				s.conn.Close()
			}
			c.start(victim)
			c.calm()
		}
		t.Logf("%s dies: noticed after %s; longest time in which no line was heard %s; all ready %s after 6 s", what,
			noticed, silent, ready)
	}
}

// guest registers a user at a node, and logs in.
func (c *clusterTest) guest(node, name string) *script {
	s := dialScript(c.t, c.nodes[node].address)
	s.send("guest", "register "+name+" quicksand", "login "+name, "quicksand")
	s.expect("<" + name + ":0> ")
	return s
}

// TestExperimentReturningByPassword kills a node with as many users as PARLEY_CROWD says, 2,000 if it is not set, who
// come again at the other two and log in with their passwords. All come at once.
func TestExperimentReturningByPassword(t *testing.T) {
	users := 2000
	if n, err := strconv.Atoi(os.Getenv("PARLEY_CROWD")); err == nil {
		users = n
	}
	c := startCluster(t, 3)
	c.accounts(users)
	all := func(nodes ...*process) (took times, failed int64) {
		return crowdComes(t, users, users, "127.1", func(i int) (text, want string) {
			return fmt.Sprintf("u%d\nquicksand\n", i), fmt.Sprintf("<u%d:", i)
		}, nodes...)
	}
	dies := c.desk()
	var rest []string
	for _, name := range clusterNames {
		if name != dies {
			rest = append(rest, name)
		}
	}
	took, failed := all(c.nodes[dies])
	t.Logf("%d users came to one node, the desk, by password: %s; %d did not", users, took, failed)
	var before []int
	for _, name := range rest {
		before = append(before, c.nodes[name].ticks())
	}
	peak := c.nodes[rest[0]].memory("VmHWM")
	c.nodes[dies].kill()
	took, failed = all(c.nodes[rest[0]], c.nodes[rest[1]])
	t.Logf("its node killed, they came to the others: %s; %d did not", took, failed)
	for i, name := range rest {
		spent := time.Duration(c.nodes[name].ticks()-before[i]) * 10 * time.Millisecond
		t.Logf("node %s: %v of the processor, %.1f ms for each", name, spent,
			spent.Seconds()*1e3/(float64(users)/2))
	}
	t.Logf("memory of node %s: %d KiB at most before, %d KiB after", rest[0], peak, c.nodes[rest[0]].memory("VmHWM"))
}

// accounts makes as many accounts, u0 and so on, which all have one password: they are exported, and imported under
// other names.
func (c *clusterTest) accounts(count int) {
	c.t.Helper()
	c.guest("a", "model").conn.Close()
	out, err := c.console("a", "export")
	if err != nil {
		c.t.Fatal(err, out)
	}
	lines := strings.SplitAfter(out, "\n") // a header, the account, a trailer with the sum of both
	model := lines[1]
	var b strings.Builder
	b.WriteString(lines[0])
	for i := range count {
		b.WriteString(strings.ReplaceAll(model, `"model"`, fmt.Sprintf(`"u%d"`, i)))
	}
	fmt.Fprintf(&b, `{"accounts":%d,"sha256":"%x"}`+"\n", count, sha256.Sum256([]byte(b.String())))
	path := filepath.Join(c.t.TempDir(), "accounts")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if out, err := c.console("a", "import", path); err != nil {
		c.t.Fatal(err, out)
	}
}
