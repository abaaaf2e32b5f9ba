// Package natstest starts NATS servers for tests: in this process, on loopback addresses, with JetStream in a folder of
// the test. Only tests import it, so that no server is linked into the program.
package natstest

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"parley/internal/testenv"
)

// startTime is how long servers may take to find each other.
const startTime = 20 * time.Second

// Servers are NATS servers that are one cluster, or a single one.
type Servers struct {
	t       testing.TB
	options []*server.Options
	running []*server.Server // nil where one is stopped
}

// Start starts count servers, waits until they can store something, and stops them at the end of the test. change, if
// it is not nil, may change the options of each.
func Start(t testing.TB, count int, change func(*server.Options)) *Servers {
	t.Helper()
	s := &Servers{t: t, options: make([]*server.Options, count), running: make([]*server.Server, count)}
	clients, routes := freePorts(t, count), freePorts(t, count)
	for i := range count {
		o := &server.Options{
			ServerName: fmt.Sprintf("n%d", i+1), Host: "127.0.0.1", Port: clients[i],
			JetStream: true, StoreDir: filepath.Join(t.TempDir(), "js"), SyncAlways: true,
			NoLog: true, NoSigs: true,
		}
		if count > 1 {
			o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: routes[i], PoolSize: -1}
			for _, port := range routes {
				o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: "127.0.0.1:" + strconv.Itoa(port)})
			}
		}
		if change != nil {
			change(o)
		}
		s.options[i] = o
	}
	for i := range count {
		s.Restart(i)
	}
	t.Cleanup(func() {
		for i := range count {
			s.Stop(i)
		}
	})
	s.Await()
	return s
}

func freePorts(t testing.TB, count int) (ports []int) {
	t.Helper()
	for range count {
		ports = append(ports, testenv.FreePort(t))
	}
	return ports
}

// Stop stops the server of that number.
func (s *Servers) Stop(i int) {
	if s.running[i] != nil {
		s.running[i].Shutdown()
		s.running[i].WaitForShutdown()
		s.running[i] = nil
	}
}

// Restart starts the server of that number, which is stopped, on what it has stored.
func (s *Servers) Restart(i int) {
	s.t.Helper()
	n, err := server.NewServer(s.options[i].Clone())
	if err != nil {
		s.t.Fatal(err)
	}
	s.running[i] = n
	n.Start() // until Stop
	if !n.ReadyForConnections(startTime) {
		s.t.Fatalf("NATS server %s does not start", n.Name())
	}
}

// Await waits until the servers that run can store something.
func (s *Servers) Await() {
	s.t.Helper()
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ready := true
		for _, n := range s.running {
			ready = ready && (n == nil || len(s.running) == 1 || n.JetStreamIsCurrent())
		}
		if ready && s.led() {
			return
		}
	}
	s.t.Fatal("the NATS servers do not find each other")
}

// led reports whether one of the servers leads the others.
func (s *Servers) led() bool {
	for _, n := range s.running {
		if n != nil && (len(s.running) == 1 || n.JetStreamIsLeader()) {
			return true
		}
	}
	return false
}

// URLs returns the addresses of all servers.
func (s *Servers) URLs() (urls []string) {
	for _, o := range s.options {
		urls = append(urls, "nats://"+net.JoinHostPort(o.Host, strconv.Itoa(o.Port)))
	}
	return urls
}
