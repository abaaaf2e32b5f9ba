//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An ordeal is something that goes wrong while people talk and register.
type ordeal struct {
	name string
	// do makes the trouble, and mends what does not mend by itself. long is how long it may last.
	do func(w *world, long time.Duration)
}

// victim returns one of the machines.
func (w *world) victim() *machine { return w.machines[rand.IntN(len(w.machines))] }

func (m *machine) restart() {
	m.node.kill()
	time.Sleep(3 * time.Second)
	m.start()
}

// while makes trouble by do on m, for so long, and ends it by undo.
func (m *machine) while(long time.Duration, do, undo string) {
	for i, script := range []string{do, undo} {
		if i > 0 {
			time.Sleep(long)
		}
		m.w.must(replaced(script, m))
	}
}

// fill leaves no room on the disk of a folder for so long.
func (m *machine) fill(dir string, long time.Duration) {
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		m.w.t.Error(err)
		return
	}
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	f.Close()
	time.Sleep(long)
	if err := os.Remove(filler); err != nil {
		m.w.t.Error(err)
	}
}

func killAll(w *world) {
	for _, m := range w.machines {
		m.killNATS()
		m.node.kill()
	}
	for _, m := range w.machines {
		m.startNATS()
	}
	for _, m := range w.machines {
		m.start()
	}
}

func replaced(script string, m *machine) string {
	return strings.NewReplacer("{name}", m.name, "{n}", strconv.Itoa(m.number)).Replace(script)
}

var ordeals = []ordeal{
	{"a node is killed", func(w *world, _ time.Duration) { _, others := w.desk(); others[0].restart() }},
	{"the desk is killed", func(w *world, _ time.Duration) { desk, _ := w.desk(); desk.restart() }},
	{"the NATS server is killed that leads", func(w *world, _ time.Duration) {
		m := w.leader()
		m.killNATS()
		time.Sleep(5 * time.Second)
		m.startNATS()
	}},
	{"the desk and the NATS server that leads are killed", func(w *world, _ time.Duration) {
		m := w.leader()
		desk, _ := w.desk()
		m.killNATS()
		desk.restart()
		m.startNATS()
	}},
	{"all NATS servers are away", func(w *world, long time.Duration) {
		for _, m := range w.machines {
			m.killNATS()
		}
		time.Sleep(4 * long)
		for _, m := range w.machines {
			m.startNATS()
		}
	}},
	{"all NATS servers are killed", func(w *world, _ time.Duration) {
		for range 3 {
			for _, m := range w.machines {
				m.killNATS()
			}
			for _, m := range w.machines {
				m.startNATS()
			}
			time.Sleep(10 * time.Second)
		}
	}},
	{"all is killed", func(w *world, _ time.Duration) { killAll(w) }},
	{"a machine is cut off", func(w *world, long time.Duration) {
		w.victim().while(long, "link set c{n} down", "link set c{n} up")
	}},
	{"a machine is deaf", func(w *world, long time.Duration) {
		w.victim().while(long, "netns exec {name} iptables -A INPUT -i inner -j DROP", "netns exec {name} iptables -F")
	}},
	{"a machine is mute", func(w *world, long time.Duration) {
		w.victim().while(long, "netns exec {name} iptables -A OUTPUT -o inner -j DROP", "netns exec {name} iptables -F")
	}},
	{"a node stands still", func(w *world, long time.Duration) {
		m := w.victim()
		_ = m.node.cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(long)
		_ = m.node.cmd.Process.Signal(syscall.SIGCONT)
	}},
	{"the NATS server stands still that leads", func(w *world, long time.Duration) {
		m := w.leader()
		m.signalNATS(syscall.SIGSTOP)
		time.Sleep(long)
		m.signalNATS(syscall.SIGCONT)
	}},
	{"the disk of a node is full", func(w *world, long time.Duration) {
		m := w.victim()
		m.fill(m.data, long)
	}},
	{"the disk of a NATS server is full", func(w *world, long time.Duration) {
		m := w.leader()
		m.fill(m.spec.Dir, long)
		m.killNATS() // it stores nothing any more until it is started again
		m.startNATS()
	}},
	{"a machine is slow", func(w *world, long time.Duration) {
		w.victim().while(long, "netns exec {name} tc qdisc add dev inner root tbf rate 800kbit burst 16kb limit 64kb",
			"netns exec {name} tc qdisc del dev inner root")
	}},
}

// TestOrdeals performs them with real processes on three machines, each a network namespace, while six people talk and
// three clerks register. What everybody heard and was answered is judged by two judges, not by eye.
//
// PARLEY_ORDEALS is how often. Once takes a quarter of an hour.
func TestOrdeals(t *testing.T) { performAll(t, ordeals, binary) }

// TestManyKills kills nodes 20 times in one world, the NATS server that leads four times, and all of them once.
// PARLEY_ORDEALS=5 makes that 100, 20 and 5 times, in a quarter of an hour.
func TestManyKills(t *testing.T) { performAll(t, []ordeal{{"many kills", manyKills}}, binary) }

func manyKills(w *world, _ time.Duration) {
	for n := range 20 {
		m := w.victim()
		m.node.kill()
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond) // dead for longer than 2 s, or not
		m.start()
		m.awaitReady()
		if n%5 == 4 {
			m := w.leader()
			m.killNATS()
			time.Sleep(time.Duration(rand.IntN(5000)) * time.Millisecond)
			m.startNATS()
			w.leader()
		}
	}
	killAll(w)
}

// performAll performs each of list in worlds of its own, as often as PARLEY_ORDEALS says, with the program that build
// returns the path of.
func performAll(t *testing.T, list []ordeal, build func() (string, error)) {
	t.Helper()
	if os.Getenv(inWorld) != "" {
		for _, o := range list {
			t.Run(o.name, o.perform)
		}
		return
	}
	rounds, err := strconv.Atoi(os.Getenv("PARLEY_ORDEALS"))
	if err != nil || rounds <= 0 {
		t.Skip("PARLEY_ORDEALS does not say how often they are to be performed")
	}
	// All that a world needs of the machine.
	const probe = `ip netns add x && ip link add v0 type veth peer name v1 netns x && ip link add v2 type bridge &&
		ip netns exec x iptables -A INPUT -i v1 -j DROP &&
		ip netns exec x tc qdisc add dev v1 root tbf rate 800kbit burst 16kb limit 64kb &&
		mount -t tmpfs -o size=64m none /mnt`
	if out, err := worldCommand(t.Context(), "sh", "-c", probe).CombinedOutput(); err != nil {
		t.Skipf("no machines can be made of network namespaces here: %v: %s", err, out)
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	test := t.Name()
	for _, o := range list {
		for round := range rounds {
			t.Run(fmt.Sprint(o.name, " ", round), func(t *testing.T) { inOwnWorld(t, path, test, o.name) })
		}
	}
}

// inOwnWorld runs one of the ordeals of a test in a process that has a world for itself.
func inOwnWorld(t *testing.T, program, test, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := worldCommand(ctx, self, "-test.run", "^"+test+"$/^"+name+"$", "-test.v")
	cmd.Env = append(os.Environ(), inWorld+"=1", builtBinary+"="+program)
	out, err := cmd.CombinedOutput()
	if t.Logf("%s", out); err != nil {
		t.Errorf("%v", err)
	}
}

// worldCommand returns a command that is alone in its network, its processes, and its folder for namespaces. All that
// it starts ends with it.
func worldCommand(ctx context.Context, words ...string) *exec.Cmd {
	args := []string{"--net", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if os.Getuid() != 0 {
		args = append(args, "--map-root-user")
	}
	args = append(args, "sh", "-c", `mount -t tmpfs none /run && exec "$@"`, "sh")
	return exec.CommandContext(ctx, "unshare", append(args, words...)...)
}

// troubleTime is how long trouble lasts that does not end by itself.
const troubleTime = 15 * time.Second

// calmTime is how long all may take until everybody talks again. On a busy machine that is some time.
const calmTime = 90 * time.Second

// settleTime is how long after the last change all nodes must know of it.
const settleTime = 3 * time.Second

// perform performs the ordeal.
func (o *ordeal) perform(t *testing.T) {
	w, k := newWorld(t), newTalk()
	var people []*talker
	for i := range 6 {
		m := w.machines[i%3]
		name := fmt.Sprint("u", i+1)
		s := dialScript(t, m.outer()+":4000")
		s.send("guest", "register "+name+" "+passwordOf(name))
		s.expect("User " + name + " registered")
		s.conn.Close()
		people = append(people, &talker{name: name, at: m, talk: k})
	}
	b := &books{start: time.Now()}
	end := make(chan struct{})
	var working sync.WaitGroup
	for _, p := range people {
		working.Go(func() { p.live(end) }) // until end
	}
	for i, m := range w.machines {
		working.Go(func() { (&clerk{at: m, books: b, id: i}).work(end) }) // until end
	}
	time.Sleep(3 * time.Second)
	began := time.Now()
	o.do(w, troubleTime)
	over := time.Now()
	for _, m := range w.machines {
		m.awaitReady()
	}
	ready := time.Now()
	w.awaitTalk(k, people)
	healed := time.Now()
	close(end)
	working.Wait()
	time.Sleep(settleTime)
	b.settled = true
	for i, m := range w.machines {
		(&clerk{at: m, books: b, id: i}).lookAtAll()
	}
	registered, all, unknown := b.count()
	ms := func(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
	t.Logf("trouble for %v; longest time in which nobody could speak %v; all nodes ready %v later, all speak %v "+
		"later; %d lines, %d accounts, %d operations on accounts of which %d without an answer", ms(over.Sub(began)),
		ms(k.longestPause(began, healed)), ms(ready.Sub(over)), ms(healed.Sub(over)), len(k.when), registered, all,
		unknown)
	faults := k.judge()
	for _, fault := range faults {
		t.Error(fault)
	}
	if len(faults) > 0 {
		t.Log(w.report(k))
	}
	if fault := b.judge(t); fault != "" {
		t.Error(fault)
	}
	if len(k.when) < 20 || registered == 0 {
		t.Error("too little was done to prove anything")
	}
}

// awaitTalk waits until each of people has said something that all of them have heard.
func (w *world) awaitTalk(k *talk, people []*talker) {
	w.t.Helper()
	since := time.Now()
	for end := since.Add(calmTime); ; time.Sleep(100 * time.Millisecond) {
		missing := k.unheard(since, people)
		if missing == "" {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("not all is as it was: %s\n%s", missing, w.report(k))
		}
	}
}

// report returns what helps to find out what is wrong: the end of what everybody received, and of the nodes' logs.
func (w *world) report(k *talk) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b strings.Builder
	last := make(map[string]*stay)
	for _, s := range k.stays {
		last[s.who] = s
	}
	for _, s := range last {
		fmt.Fprintf(&b, "%s at %s, who came %v ago:\n", s.who, s.at, time.Since(s.began).Round(time.Millisecond))
		for _, line := range s.received[max(0, len(s.received)-12):] {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	for _, m := range w.machines {
		log := m.node.log.String()
		fmt.Fprintf(&b, "the log of %s:\n%s\n", m.name, log[max(0, len(log)-3000):])
	}
	return b.String()
}

// unheard returns of whom nothing that was said since then was heard by all, or the empty string.
func (k *talk) unheard(since time.Time, people []*talker) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	heard := make(map[string]map[string]bool) // who heard each line
	for _, s := range k.stays {
		for _, h := range s.heard {
			if at, said := k.when[h.text]; said && at.After(since) {
				if heard[h.text] == nil {
					heard[h.text] = make(map[string]bool)
				}
				heard[h.text][s.who] = true
			}
		}
	}
	done := make(map[string]bool)
	for text, by := range heard {
		if len(by) == len(people) {
			who, _, _ := strings.Cut(text, "-")
			done[who] = true
		}
	}
	for _, p := range people {
		if !done[p.name] {
			return fmt.Sprintf("nobody heard %s, or not all did", p.name)
		}
	}
	return ""
}
