//go:build experiment

package main

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
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
	t.Logf("memory: %.1f MiB at rest, %.1f MiB after four hashes, %.1f MiB eight seconds later", float64(before)/1024,
		float64(after)/1024, float64(rest)/1024)
	if rest > 40<<10 {
		t.Error("the promise does not hold")
	}
}

// TestExperimentSlow: 100 users do not read while ten others say 1,000 lines a second to all.
func TestExperimentSlow(t *testing.T) {
	const speakers, frozen, perSecond, seconds = 10, 100, 1000, 30
	p := startProcess(t, t.TempDir(), "--guests", "chat") // loopback is exempt: nobody is paced
	var users []*script
	for range speakers {
		s := dialScript(t, p.address)
		s.send("guest")
		s.expect(":0> ")
		users = append(users, s)
	}
	talk := func(d time.Duration) (said times) {
		var mu sync.Mutex // guards said
		var talking sync.WaitGroup
		for i, s := range users {
			talking.Go(func() {
				time.Sleep(time.Duration(i) * time.Second / perSecond) // not all at once
				tick := time.NewTicker(time.Second * speakers / perSecond)
				defer tick.Stop()
				for n := range int(d.Seconds()) * perSecond / speakers {
					start := <-tick.C
					line := fmt.Sprintf("%s from %d number %d.", strings.Repeat("word ", 20), i, n)
					s.send("shout " + line)
					_ = s.conn.SetReadDeadline(time.Now().Add(patience))
					for heard := ""; !strings.HasSuffix(heard, line+"\r\n"); { // expect would be too slow
						var err error
						if heard, err = s.r.ReadString('\n'); err != nil {
							t.Error(err)
							return
						}
					}
					mu.Lock()
					said = append(said, time.Since(start))
					mu.Unlock()
				}
			})
		}
		talking.Wait()
		return said
	}
	t.Logf("shout, with everybody reading: %v", talk(5*time.Second))
	var idle []*script
	for range frozen {
		s := dialScript(t, p.address)
		_ = s.conn.(*net.TCPConn).SetReadBuffer(4096)
		s.send("guest")
		s.expect(":0> ")
		idle = append(idle, s)
	}
	before := p.memory("VmRSS")
	said := talk(seconds * time.Second)
	peak := p.memory("VmHWM")
	cut := strings.Count(p.log.String(), "ended because it does not read")
	t.Logf("shout, with %d who do not read: %v", frozen, said)
	t.Logf("memory: %.1f MiB before, at most %.1f MiB", float64(before)/1024, float64(peak)/1024)
	t.Logf("%d ended; the first: %s", cut, regexp.MustCompile(`.*does not read.*`).FindString(p.log.String()))
	if said.at(99) > 10*time.Millisecond || peak-before > 40<<10 || cut != frozen {
		t.Error("the promise does not hold")
	}
	for _, s := range idle {
		s.conn.Close()
	}
}
