//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/cluster/natstest"
)

// A world has three machines with a node and a NATS server each. A machine is a network namespace; by one interface it
// reaches the other machines, and by another its users come, who are outside. The world is in a namespace of its own,
// too: it ends with its processes.
type world struct {
	t        *testing.T
	machines []*machine
	js       jetstream.JetStream
}

// A machine is one of three.
type machine struct {
	w      *world
	name   string // of the node, and of the namespace
	number int    // 1, 2 or 3, which is in all of its addresses
	data   string
	node   *process
	nats   *exec.Cmd
	spec   natstest.Spec
}

// inWorld is set in the process that has a world for itself.
const inWorld = "PARLEY_TEST_WORLD"

// ipRun configures the network.
func ipRun(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// must configures the network as the lines of script say.
func (w *world) must(script string) {
	w.t.Helper()
	for line := range strings.Lines(script) {
		if words := strings.Fields(line); len(words) > 0 {
			if err := ipRun(words...); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// newWorld makes the machines and starts what is on them. This process is alone in its network namespace.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.must(`
		link set lo up
		link add hub type bridge
		address add 10.77.0.254/24 dev hub
		link set hub up`)
	var routes []string
	for i := 1; i <= 3; i++ {
		routes = append(routes, fmt.Sprintf("nats://10.77.0.%d:6222", i))
	}
	for i, name := range clusterNames {
		m := &machine{w: w, name: name, number: i + 1, data: filepath.Join(t.TempDir(), name)}
		m.spec = natstest.Spec{Name: "n" + name, Host: m.inner(), Port: 4222, RoutePort: 6222, Routes: routes,
			Dir: filepath.Join(t.TempDir(), "js")}
		m.mount(m.data)
		m.mount(m.spec.Dir)
		w.must(strings.NewReplacer("NAME", name, "N", fmt.Sprint(i+1)).Replace(`
			netns add NAME
			link add cN type veth peer name inner netns NAME
			link set cN master hub up
			link add uN type veth peer name outer netns NAME
			address add 10.78.N.1/24 dev uN
			link set uN up
			-n NAME address add 10.77.0.N/24 dev inner
			-n NAME address add 10.78.N.2/24 dev outer
			-n NAME link set lo up
			-n NAME link set inner up
			-n NAME link set outer up`))
		w.machines = append(w.machines, m)
		m.startNATS()
		t.Cleanup(func() {
			m.signalNATS(syscall.SIGCONT)
			m.killNATS()
		})
	}
	w.awaitNATS()
	for _, m := range w.machines {
		m.start()
	}
	for _, m := range w.machines {
		m.awaitReady()
	}
	return w
}

// mount makes a folder a disk of its own, in memory.
func (m *machine) mount(dir string) {
	m.w.t.Helper()
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = exec.Command("mount", "-t", "tmpfs", "-o", "size=64m", "none", dir).Run()
	}
	if err != nil {
		m.w.t.Fatal(err)
	}
	m.w.t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
}

// inner is the address by which other machines reach m, and outer the one by which users do.
func (m *machine) inner() string { return fmt.Sprintf("10.77.0.%d", m.number) }
func (m *machine) outer() string { return fmt.Sprintf("10.78.%d.2", m.number) }

func (m *machine) startNATS() {
	m.w.t.Helper()
	cmd, err := natstest.Command(m.spec, "ip", "netns", "exec", m.name)
	if err == nil {
		cmd.Stderr = os.Stderr
		err = cmd.Start()
	}
	if err != nil {
		m.w.t.Fatal(err)
	}
	m.nats = cmd
}

func (m *machine) killNATS() {
	if m.nats.ProcessState == nil {
		_ = m.nats.Process.Kill()
		_ = m.nats.Wait()
	}
}

func (m *machine) signalNATS(s syscall.Signal) { _ = m.nats.Process.Signal(s) }

// awaitNATS waits until the servers have one that leads them.
func (w *world) awaitNATS() {
	w.t.Helper()
	nc, err := nats.Connect(w.urls(), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(50*time.Millisecond))
	if err == nil {
		w.t.Cleanup(nc.Close)
		w.js, err = jetstream.New(nc)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for end := time.Now().Add(3 * patience); ; time.Sleep(100 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		_, err := w.js.AccountInfo(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("the NATS servers do not find each other: %v", err)
		}
	}
}

func (w *world) urls() string {
	var urls []string
	for _, m := range w.machines {
		urls = append(urls, "nats://"+net.JoinHostPort(m.inner(), "4222"))
	}
	return strings.Join(urls, ",")
}

// start starts the node.
func (m *machine) start() {
	m.w.t.Helper()
	path, err := binary()
	if err != nil {
		m.w.t.Fatal(err)
	}
	m.node = startCommand(m.w.t, exec.Command("ip", "netns", "exec", m.name, path, "--data", m.data,
		"--listen", m.outer()+":4000", "--admin-listen", m.outer()+":9100", "--admin-listen-public",
		"--limits-exempt", "10.78.0.0/16", "--cluster", m.w.urls(), "--cluster-node", m.name,
		"--cluster-nodes", strings.Join(clusterNames, ",")))
}

// ready reports whether the node says that it serves users.
func (m *machine) ready() bool {
	client := http.Client{Timeout: time.Second}
	r, err := client.Get("http://" + m.outer() + ":9100/readyz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

func (m *machine) awaitReady() {
	m.w.t.Helper()
	for end := time.Now().Add(3 * patience); !m.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			m.w.t.Fatalf("%s does not serve:\n%s", m.name, m.node.log)
		}
	}
}

// desk returns the machine whose node is the desk, and the others.
func (w *world) desk() (desk *machine, others []*machine) {
	w.t.Helper()
	for end := time.Now().Add(3 * patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		desk, others = nil, nil
		for _, m := range w.machines {
			if m.node.figure("parley_cluster_desk") == "1" {
				desk = m
			} else {
				others = append(others, m)
			}
		}
		if desk != nil {
			return desk, others
		}
	}
	w.t.Fatal("there is no desk")
	return nil, nil
}

// leader returns the machine whose NATS server leads the stream.
func (w *world) leader() *machine {
	w.t.Helper()
	for end := time.Now().Add(3 * patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		s, err := w.js.Stream(ctx, "parley-writes")
		cancel()
		if err != nil || s.CachedInfo().Cluster == nil {
			continue
		}
		for _, m := range w.machines {
			if m.spec.Name == s.CachedInfo().Cluster.Leader {
				return m
			}
		}
	}
	w.t.Fatal("the stream has no leader")
	return nil
}
