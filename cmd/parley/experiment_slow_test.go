//go:build experiment && linux

package main

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/cluster/simnet"
)

// TestExperimentSlowNode measures what the users of two nodes notice of a third one that is slow: it stands still now
// and then, or is far away. First that is a node which follows the desk, and then the desk itself.
func TestExperimentSlowNode(t *testing.T) {
	t.Setenv("PARLEY_GUESTS", "chat")
	c := &clusterTest{t: t, nodes: make(map[string]*process)}
	ways := make(map[string]*simnet.Way)
	for i, address := range natsProcesses(t) {
		name := clusterNames[i]
		ways[name] = simnet.NewWay(t, address)
		c.nodes[name] = startProcess(t, t.TempDir(), "--cluster", ways[name].URL(), "--cluster-node", name,
			"--cluster-nodes", strings.Join(clusterNames, ","), "--admin-listen", "127.0.0.1:0")
	}
	c.calm()
	desk := c.desk()
	var followers []string
	for _, name := range clusterNames {
		if name != desk {
			followers = append(followers, name)
		}
	}
	for round, slow := range []string{followers[1], desk} {
		var nodes []*process
		for _, name := range clusterNames {
			if name != slow {
				nodes = append(nodes, c.nodes[name])
			}
		}
		what, lines := "a node", 300
		if slow == desk {
			what, lines = "the desk", 60 // each of which takes long
		}
		s := newSpeakers(t, fmt.Sprint("s", round), nodes)
		t.Logf("nobody is slow: %s", s.speak(300))
		t.Logf("%s stands still for 0.3 s of each second: %s", what, s.beside(300, func() func() {
			return stutter(c.nodes[slow])
		}))
		t.Logf("%s is 0.2 s away: %s", what, s.beside(lines, func() func() {
			ways[slow].Take(200 * time.Millisecond)
			return func() { ways[slow].Take(0) }
		}))
		if now := c.desk(); now != desk {
			t.Fatalf("the desk is %s now, and was %s", now, desk)
		}
	}
}

// stutter stops a process for 0.3 s of each second, until the function is called that it returns.
func stutter(p *process) (end func()) {
	stop := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() { // until stop is closed
		for {
			_ = p.cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(300 * time.Millisecond)
			_ = p.cmd.Process.Signal(syscall.SIGCONT)
			select {
			case <-time.After(700 * time.Millisecond):
			case <-stop:
				return
			}
		}
	})
	return func() {
		close(stop)
		stopping.Wait()
	}
}

// speakers are two users at two nodes, in a room. A third one comes and goes at the first of the nodes.
type speakers struct {
	t          *testing.T
	alice, bob *script
	door       *process
	names      string
	room       string
	said       int
}

func newSpeakers(t *testing.T, names string, nodes []*process) *speakers {
	t.Helper()
	s := &speakers{t: t, alice: newMember(t, nodes[0], names+"x"), bob: newMember(t, nodes[1], names+"y"),
		door: nodes[0], names: names}
	newMember(t, nodes[0], names+"z").send("quit")
	s.alice.send("start tea")
	s.room = string(s.alice.roomNumber())
	s.bob.expect(names + "x created room ")
	s.bob.send("join " + s.room)
	s.alice.expect(names + "y joined.")
	return s
}

func newMember(t *testing.T, p *process, name string) *script {
	t.Helper()
	s := dialScript(t, p.address)
	s.send("guest", "register "+name+" quicksand", "login "+name, "quicksand")
	s.expect("<" + name + ":0> ")
	return s
}

// beside is speak while something is slow, from half a second after it began to be.
func (s *speakers) beside(lines int, begin func() (end func())) string {
	end := begin()
	defer func() {
		end()
		time.Sleep(3 * time.Second)
	}()
	time.Sleep(500 * time.Millisecond)
	return s.speak(lines)
}

// speak has lines said, some 30 a second, and measures when they are heard. Then it measures logins.
func (s *speakers) speak(lines int) string {
	var own, heard, told times
	for range lines {
		s.said++
		line := fmt.Sprintf("line %d.", s.said)
		began := time.Now()
		s.alice.send("say " + s.room + " " + line)
		s.alice.expect(line)
		own = append(own, time.Since(began))
		s.bob.expect(line)
		heard = append(heard, time.Since(began))
		line = fmt.Sprintf("told %d.", s.said)
		began = time.Now()
		s.alice.send("tell " + s.names + "y " + line)
		s.bob.expect(line)
		told = append(told, time.Since(began))
		s.alice.expect("Told ")
		time.Sleep(30 * time.Millisecond)
	}
	var came times
	for range 20 {
		began := time.Now()
		carol := dialScript(s.t, s.door.address)
		carol.send(s.names+"z", "quicksand")
		carol.expect("<" + s.names + "z:")
		came = append(came, time.Since(began))
		carol.send("quit")
		carol.expect("See you next time.")
		carol.conn.Close()
		time.Sleep(500 * time.Millisecond) // until she has left
	}
	return fmt.Sprintf("own line %s; heard by the other %s; tell %s; login %s", own, heard, told, came)
}
