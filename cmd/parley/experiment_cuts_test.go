//go:build experiment && linux

package main

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// TestExperimentCuts cuts the machine off, in three ways and two times each, whose NATS server leads, while people talk
// and clerks register. It measures how long it takes until /readyz of that machine says so, until its node is in touch
// with the others again, so that its users may speak, and until it is ready. PARLEY_ORDEALS=1 takes two minutes.
func TestExperimentCuts(t *testing.T) { performAll(t, []ordeal{{"many cuts", manyCuts}}, binary) }

func manyCuts(w *world, _ time.Duration) {
	for _, cut := range []struct{ what, do, undo string }{
		{"cut off", "link set c{n} down", "link set c{n} up"},
		{"deaf", "netns exec {name} iptables -A INPUT -i inner -j DROP", "netns exec {name} iptables -F"},
		{"mute", "netns exec {name} iptables -A OUTPUT -o inner -j DROP", "netns exec {name} iptables -F"},
	} {
		var noticed, inTouch, ready times
		for range 2 {
			m := w.leader()
			w.must(replaced(cut.do, m))
			noticed = append(noticed, m.until("not ready", func() bool { return m.says() != http.StatusOK }))
			time.Sleep(3*time.Second + rand.N(10*time.Second)) // what NATS waits for to come again is over, or not
			w.must(replaced(cut.undo, m))
			spoke := m.until("in touch", func() bool { return m.node.figure("parley_cluster_in_touch") == "1" })
			inTouch = append(inTouch, spoke)
			ready = append(ready, spoke+m.until("ready", func() bool { return m.says() == http.StatusOK }))
			time.Sleep(3 * time.Second)
		}
		w.t.Logf("a machine is %s: not ready after %s; in touch again after %s, ready after %s", cut.what, noticed,
			inTouch, ready)
	}
}

// says returns what the node answers to who asks whether it is ready, and waits for that for as long as it takes.
func (m *machine) says() int {
	r, err := http.Get("http://" + m.outer() + ":9100/readyz")
	if err != nil {
		m.w.t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

// until waits for what becomes true, and returns how long that takes.
func (m *machine) until(what string, is func() bool) time.Duration {
	m.w.t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > calmTime {
			m.w.t.Fatalf("%s is never %s:\n%s", m.name, what, m.node.log)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(began)
}
