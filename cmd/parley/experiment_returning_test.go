//go:build experiment && linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestExperimentReturning kills a node with as many guests as PARLEY_CROWD says, 2,000 if it is not set, each from an
// address of its own. All come again at the other two at once, while strangers are at these who say half a name, more
// than may be there without having logged in, and come again as soon as they are sent away. Limits concern all
// addresses.
func TestExperimentReturning(t *testing.T) {
	t.Setenv("PARLEY_GUESTS", "chat")
	t.Setenv("PARLEY_LIMITS_EXEMPT", "none")
	users := 2000
	if n, err := strconv.Atoi(os.Getenv("PARLEY_CROWD")); err == nil {
		users = n
	}
	c := startCluster(t, 3)
	guest := func(int) (text, want string) { return "guest\n", "You are logged in as a guest" }
	took, failed := crowdComes(t, users, 32, "127.1", guest, c.nodes["c"])
	t.Logf("%d guests came to one node, 32 at a time: %s; %d did not", users, took, failed)
	a, b := c.nodes["a"], c.nodes["b"]
	stop := strangers(t, 300, a, b)
	c.nodes["c"].kill()
	took, failed = crowdComes(t, users, users, "127.1", guest, a, b)
	t.Logf("its node killed, they came to the others, all at once: %s; %d did not", took, failed)
	took, late := crowdComes(t, 100, 100, "127.3", guest, a, b)
	t.Logf("of 100 others who came then: %s; %d did not get in", took, late)
	opened := stop()
	t.Logf("strangers came %d times meanwhile", opened)
	if failed > 0 {
		t.Errorf("%d of %d were refused", failed, users)
	}
}

// crowdComes has many people come from addresses of their own, so many at a time, and type a text. It returns how long
// it took until they had read what they want, and how many never did.
func crowdComes(t *testing.T, users, atATime int, network string, says func(i int) (text, want string),
	nodes ...*process) (took times, failed int64) {
	var coming sync.WaitGroup
	var failures atomic.Int64
	took = make(times, users)
	places := make(chan struct{}, atATime)
	began := time.Now()
	for i := range users {
		places <- struct{}{}
		coming.Go(func() {
			defer func() { <-places }()
			source := fmt.Sprintf("%s.%d.%d", network, i/250, i%250+1)
			text, want := says(i)
			conn, all, err := comesFrom(source, nodes[i%len(nodes)].address, text, want)
			if err != nil {
				if failures.Add(1) <= 3 {
					t.Logf("%v after %s: ... %q", err, time.Since(began), all[max(0, len(all)-300):])
				}
			}
			if conn != nil {
				t.Cleanup(func() { conn.Close() })
			}
			took[i] = time.Since(began)
		})
	}
	coming.Wait()
	return took, failures.Load()
}

// comesFrom connects from source, types text and waits for want. It returns all that was read.
func comesFrom(source, address, text, want string) (conn net.Conn, all []byte, err error) {
	if conn, err = dialFrom(source, address); err != nil {
		return nil, nil, err
	}
	if _, err = fmt.Fprint(conn, text); err != nil {
		return conn, nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(6 * patience))
	b := make([]byte, 4096)
	for err == nil && !bytes.Contains(all, []byte(want)) {
		var n int
		n, err = conn.Read(b)
		all = append(all, b[:n]...)
	}
	return conn, all, err
}

// strangers have as many strangers as are given at each node, who come again half a second after they were sent away,
// until stop is called. It returns when all were there once; stop returns how often they came.
func strangers(t *testing.T, each int, nodes ...*process) (stop func() int64) {
	ctx, cancel := context.WithCancel(t.Context())
	var attack, first sync.WaitGroup
	var opened atomic.Int64
	for at, p := range nodes {
		for i := range each {
			first.Add(1)
			attack.Go(func() { // until cancel
				once := sync.OnceFunc(first.Done)
				defer once()
				for ctx.Err() == nil {
					conn, err := dialFrom(fmt.Sprintf("127.2.%d.%d", 2*at+i/250, i%250+1), p.address)
					if err == nil {
						opened.Add(1)
						end := context.AfterFunc(ctx, func() { conn.Close() })
						fmt.Fprint(conn, "half")
						once()
						for buf := make([]byte, 1024); err == nil; {
							_, err = conn.Read(buf)
						}
						end()
						conn.Close()
					}
					select {
					case <-ctx.Done():
					case <-time.After(500 * time.Millisecond):
					}
				}
			})
		}
	}
	first.Wait()
	time.Sleep(time.Second)
	return func() int64 {
		cancel()
		attack.Wait()
		return opened.Load()
	}
}
