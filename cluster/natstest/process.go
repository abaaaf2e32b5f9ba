package natstest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// specVariable is the variable of the environment by which [Command] says to [Serve] what to be.
const specVariable = "PARLEY_TEST_NATS"

// A Spec says what a NATS server in a process of its own is.
type Spec struct {
	Name, Host, Dir string
	Port, RoutePort int
	Routes          []string // addresses such as nats://192.0.2.1:6222, its own too
	SkipSync        bool     // the disk is not waited for
	Store           int64    // bytes; zero is as much as there is
}

// Serve makes this process a NATS server if [Command] has started it: then it never returns. TestMain calls it first.
func Serve() {
	text := os.Getenv(specVariable)
	if text == "" {
		return
	}
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	o := &server.Options{ServerName: spec.Name, Host: spec.Host, Port: spec.Port, JetStream: true, StoreDir: spec.Dir,
		SyncAlways: !spec.SkipSync, JetStreamMaxStore: spec.Store, NoLog: true,
		Cluster: server.ClusterOpts{Name: "test", Host: spec.Host, Port: spec.RoutePort, PoolSize: -1,
			PingInterval: 2 * time.Second, MaxPingsOut: 2}} // as docs/cluster.md says
	for _, r := range spec.Routes {
		u, err := url.Parse(r)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		o.Routes = append(o.Routes, u)
	}
	n, err := server.NewServer(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	n.Start() // until the process is stopped
	if !n.ReadyForConnections(time.Minute) {
		os.Exit(1)
	}
	n.WaitForShutdown()
	os.Exit(0)
}

// Command returns what starts a server in a process of its own, behind the words of prefix. The process is this program
// again, whose TestMain calls [Serve].
func Command(spec Spec, prefix ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	words := append(append([]string(nil), prefix...), self)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), specVariable+"="+string(text))
	return cmd, nil
}
