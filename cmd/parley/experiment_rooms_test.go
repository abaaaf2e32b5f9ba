//go:build experiment

package main

import (
	"testing"
	"time"
)

// TestExperimentRest: what the process keeps of the memory that passwords took.
func TestExperimentRest(t *testing.T) {
	p := startProcess(t, t.TempDir())
	time.Sleep(2 * time.Second)
	before := p.memory("VmRSS")
	s := dialScript(t, p.address)
	s.send("guest", "register alice s3cret", "register bob s3cret", "login alice", "s3cret", "login bob", "s3cret")
	s.expect("<bob:0> ")
	after := p.memory("VmRSS")
	time.Sleep(8 * time.Second)
	rest := p.memory("VmRSS")
	t.Logf("memory: %.1f MiB at rest, %.1f MiB after four hashes, %.1f MiB eight seconds later", float64(before)/1024, float64(after)/1024, float64(rest)/1024)
	if rest > 40<<10 {
		t.Error("the promise does not hold")
	}
}
