//go:build experiment && linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"parley/cluster/natstest"
	"parley/internal/testenv"
)

// TestExperimentCluster compares three nodes with one server. Each node, and the NATS server that it is connected to,
// is a process of its own, as where each is on its own machine. What a message takes over these NATS servers alone is
// measured too, in the same run: nothing that is said between nodes can take less.
func TestExperimentCluster(t *testing.T) {
	t.Setenv("PARLEY_GUESTS", "chat")
	urls := natsProcesses(t)
	c := &clusterTest{t: t, nodes: make(map[string]*process)}
	for i, name := range clusterNames {
		c.nodes[name] = startProcess(t, t.TempDir(), "--cluster", strings.Join(slices.Concat(urls[i:], urls[:i]), ","),
			"--cluster-node", name, "--cluster-nodes", strings.Join(clusterNames, ","), "--admin-listen", "127.0.0.1:0")
	}
	c.calm()
	alone := startProcess(t, t.TempDir())
	nodes := []*process{c.nodes["a"], c.nodes["b"], c.nodes["c"]}
	atRest(t, "a server alone", alone)
	atRest(t, "a node of three", nodes...)
	for round := range 2 {
		t.Logf("round %d", round+1)
		thereAndBack(t, "over one NATS server", urls[0], urls[0])
		thereAndBack(t, "over two NATS servers", urls[0], urls[1])
		speech(t, "a server alone", fmt.Sprint("s", round), []*process{alone, alone, alone})
		speech(t, "three nodes", fmt.Sprint("t", round), nodes)
		fanOut(t, "a server alone", []*process{alone})
		fanOut(t, "three nodes", nodes)
	}
}

// natsProcesses starts three NATS servers, each in a process of its own, and returns their addresses.
func natsProcesses(t *testing.T) (urls []string) {
	t.Helper()
	var specs []natstest.Spec
	var routes []string
	for i := range 3 {
		s := natstest.Spec{Name: fmt.Sprint("n", i), Host: "127.0.0.1", Dir: t.TempDir(), Port: testenv.FreePort(t),
			RoutePort: testenv.FreePort(t)}
		specs = append(specs, s)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", s.RoutePort))
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", s.Port))
	}
	for _, s := range specs {
		s.Routes = routes
		cmd, err := natstest.Command(s)
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	return urls
}

// atRest measures what nodes take of which nobody wants anything.
func atRest(t *testing.T, what string, nodes ...*process) {
	time.Sleep(3 * time.Second)
	const long = 10 * time.Second
	var ticks []int
	for _, p := range nodes {
		ticks = append(ticks, p.ticks())
	}
	time.Sleep(long)
	for i, p := range nodes {
		took := time.Duration(p.ticks()-ticks[i]) * 10 * time.Millisecond
		t.Logf("%s, at rest: %.2f %% of a core, %.1f MiB, of which %.1f are pages of files", what,
			100*took.Seconds()/long.Seconds(), float64(p.memory("VmRSS"))/1024,
			float64(p.memory("RssFile")+p.memory("RssShmem"))/1024) // the program may be on a disk in memory
	}
}

// thereAndBack measures how long a message of the length of a line takes from a client of NATS to another, and back.
func thereAndBack(t *testing.T, what, from, to string) {
	var ends []*nats.Conn
	for _, url := range []string{from, to} {
		nc, err := nats.Connect(url)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		ends = append(ends, nc)
	}
	back := make(chan struct{}, 1)
	_, err := ends[1].Subscribe("there", func(m *nats.Msg) { _ = ends[1].Publish("back", m.Data) })
	if err == nil {
		_, err = ends[0].Subscribe("back", func(*nats.Msg) { back <- struct{}{} })
	}
	for _, nc := range ends {
		err = errors.Join(err, nc.FlushTimeout(patience))
	}
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // until each server has told the other who listens
	var took times
	for range 500 {
		began := time.Now()
		if err := ends[0].Publish("there", make([]byte, 450)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-back:
		case <-time.After(patience):
			t.Fatal("nothing came back")
		}
		took = append(took, time.Since(began))
	}
	t.Logf("%s, there and back: %s", what, took)
}

// speech measures how long it takes until one reads the own line, and until another reads what is told. The two are at
// the first and at the second of nodes.
func speech(t *testing.T, what, names string, nodes []*process) {
	var guests []*script
	for i := range 2 {
		s := dialScript(t, nodes[i].address)
		name := fmt.Sprint(names, "x", i)
		s.send("guest", "register "+name+" quicksand", "login "+name, "quicksand")
		s.expect("<" + name + ":0> ")
		guests = append(guests, s)
	}
	alice, bob := guests[0], guests[1]
	alice.send("start tea")
	bob.expect(names + "x0 created room ")
	room := string(alice.roomNumber())
	var own, told times
	for i := range 500 {
		began := time.Now()
		alice.send(fmt.Sprintf("say %s line %d.", room, i))
		alice.expect(fmt.Sprintf("line %d.", i))
		own = append(own, time.Since(began))
		began = time.Now()
		alice.send(fmt.Sprintf("tell %sx1 told %d.", names, i))
		bob.expect(fmt.Sprintf("told %d.", i))
		told = append(told, time.Since(began))
		alice.expect("Told ")
	}
	t.Logf("%s: own line %s; tell %s", what, own, told)
	alice.send("quit")
	bob.send("quit")
}

// roomNumber returns the number of the room that was created just now.
func (s *script) roomNumber() []byte {
	s.expect("created room ")
	from := s.all.Len()
	s.expect(",")
	return []byte(strings.TrimSuffix(s.all.String()[from:], ","))
}

// fanOut measures what a node takes of the processor for each line that one of its members hears, in a room with 200
// members at each node.
func fanOut(t *testing.T, what string, nodes []*process) {
	const each, lines = 200, 300
	var reading sync.WaitGroup
	var heard atomic.Int64
	var conns []net.Conn
	speaker := dialScript(t, nodes[0].address)
	name := fmt.Sprintf("f%d", time.Now().UnixNano()%1e9)
	speaker.send("guest", "register "+name+" quicksand", "login "+name, "quicksand")
	speaker.expect("<" + name + ":0> ")
	speaker.send("start tea")
	room := string(speaker.roomNumber())
	for _, p := range nodes {
		for range each {
			conn, err := net.Dial("tcp", p.address)
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
			fmt.Fprintf(conn, "guest\njoin %s\n", room)
			reading.Go(func() { // until conn is closed
				b := make([]byte, 64<<10)
				for {
					n, err := conn.Read(b)
					heard.Add(int64(bytes.Count(b[:n], []byte("*: fan"))))
					if err != nil {
						return
					}
				}
			})
		}
	}
	go io.Copy(io.Discard, speaker.r) // until the connection is closed
	for end := time.Now().Add(patience); heard.Load() < int64(len(conns)) && time.Now().Before(end); {
		fmt.Fprintf(speaker.conn, "say %s fan\n", room)
		time.Sleep(500 * time.Millisecond)
	}
	heard.Store(0)
	var before []int
	for _, p := range nodes {
		before = append(before, p.ticks())
	}
	for range lines {
		fmt.Fprintf(speaker.conn, "say %s fan\n", room)
		time.Sleep(10 * time.Millisecond)
	}
	want := int64(lines * len(conns))
	for end := time.Now().Add(patience); heard.Load() < want && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	for i, p := range nodes {
		took := time.Duration(p.ticks()-before[i]) * 10 * time.Millisecond
		t.Logf("%s: %d of %d deliveries; %.2f µs of the processor for each at node %d", what, heard.Load(), want,
			took.Seconds()*1e6/(float64(heard.Load())/float64(len(nodes))), i)
	}
	for _, conn := range append(conns, speaker.conn) {
		conn.Close()
	}
	reading.Wait()
}
