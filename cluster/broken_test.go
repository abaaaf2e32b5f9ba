package cluster

import (
	"runtime"
	"testing"
	"testing/synctest"

	"parley/cluster/order"
)

// A clumsy machine does something wrong with every 40th operation of another node.
type clumsy struct {
	order.Machine
	node  string
	seen  int
	wrong func(c *clumsy, op *order.Op)
	kept  *order.Op
}

func (c *clumsy) Apply(op *order.Op) any {
	if op.Kind == order.Submitted && op.Replica != c.node {
		if c.seen++; c.seen%40 == 0 {
			c.wrong(c, op)
			return nil
		}
	}
	result := c.Machine.Apply(op)
	if c.kept != nil {
		kept := c.kept
		c.kept = nil
		c.Machine.Apply(kept)
	}
	return result
}

// TestBroken tests that the judge finds what a node does wrong.
func TestBroken(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, wrong := range map[string]func(c *clumsy, op *order.Op){
		"skipped":  func(*clumsy, *order.Op) {},
		"twice":    func(c *clumsy, op *order.Op) { c.Machine.Apply(op); c.Machine.Apply(op) },
		"too late": func(c *clumsy, op *order.Op) { c.kept = op },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				found := false
				synctest.Test(t, func(*testing.T) {
					faults, _ := play(seed, func(node string, m order.Machine) order.Machine {
						if node != "b" {
							return m
						}
						return &clumsy{Machine: m, node: node, wrong: wrong}
					})
					found = len(faults) > 0
				})
				if found {
					return
				}
			}
			t.Error("no seed has found it")
		})
	}
}
