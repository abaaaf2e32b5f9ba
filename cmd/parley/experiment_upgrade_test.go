//go:build experiment && linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// TestExperimentUpgrade starts three nodes of another version, whose program PARLEY_OLD names, and replaces one after
// the other by this version, while a room is open that a user of each node is in.
func TestExperimentUpgrade(t *testing.T) {
	old := os.Getenv("PARLEY_OLD")
	if old == "" {
		t.Skip("PARLEY_OLD names no program")
	}
	c := startCluster(t, 3)
	present := c.nodes["a"].cmd.Path
	replace := func(name, program string) {
		if status := c.nodes[name].stop(); status != 0 {
			t.Errorf("%s ended with status %d:\n%s", name, status, c.nodes[name].log)
		}
		args := append([]string{"--listen", "127.0.0.1:0", "--data", c.dirs[name], "--admin-listen", "127.0.0.1:0"},
			c.args(name)...)
		c.nodes[name] = startCommand(t, exec.Command(program, args...))
	}
	for _, name := range clusterNames {
		replace(name, old)
	}
	c.calm()
	people := map[string]*script{}
	for _, name := range clusterNames {
		people[name] = c.come(name, "user"+name)
	}
	people["a"].send("open tea")
	for _, name := range clusterNames {
		people[name].expect("created room 0")
		if name != "a" {
			people[name].send("join 0")
			people[name].expect("You joined Room 0")
		}
	}
	for i, name := range clusterNames {
		at := clusterNames[(i+1)%len(clusterNames)]
		replace(name, present)
		people[name].expect("Another server keeps your seat")
		c.calm()
		people[name] = c.login(at, "user"+name)
		for _, speaker := range clusterNames {
			line := fmt.Sprintf("%s speaks when %s is new", speaker, name)
			people[speaker].send("say 0 " + line)
			for _, hearer := range clusterNames {
				people[hearer].expect(line)
			}
		}
		t.Logf("%s is new: all hear each other in the room", name)
		if i < len(clusterNames)-1 { // each is at its own node again, which is the next to stop
			next := clusterNames[i+1]
			people[next] = c.login(next, "user"+next)
			people[name] = c.login(name, "user"+name)
		}
	}
}
