//go:build experiment

package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestExperimentSilentCrowd: connections from many sources say nothing, and come again as soon as they are sent away.
func TestExperimentSilentCrowd(t *testing.T) {
	for _, tt := range []struct{ sources, each int }{{2000, 1}, {64, 4}} {
		t.Run(fmt.Sprintf("%d sources with %d", tt.sources, tt.each), func(t *testing.T) {
			p := startProcess(t, t.TempDir(), "--limits-exempt", "none")
			alice := scriptFrom(t, "127.0.0.11", p.address)
			alice.send("guest")
			alice.expect("<guest:0> ")
			before := p.memory("VmRSS")

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var attack sync.WaitGroup
			var opened atomic.Int64
			var first sync.WaitGroup // all have been there once
			for i := range tt.sources * tt.each {
				first.Add(1)
				attack.Go(func() {
					silent(ctx, fmt.Sprintf("127.1.%d.%d", i/tt.each/250, i/tt.each%250+1), p.address, &opened,
						first.Done)
				})
			}
			first.Wait()
			t.Logf("%d connections opened", opened.Load())

			var who, prompt times
			attack.Go(func() {
				for ctx.Err() == nil {
					start := time.Now()
					alice.send("who")
					if alice.until("online:") != nil {
						t.Error("alice hears nothing")
						return
					}
					who = append(who, time.Since(start))
					time.Sleep(20 * time.Millisecond)
				}
			})
			late := 0
			next := time.NewTicker(newcomerEvery)
			defer next.Stop()
			for n := range 100 {
				<-next.C
				start := time.Now()
				s := scriptFrom(t, fmt.Sprintf("127.2.0.%d", n+1), p.address)
				if err := s.until("Enter your username: "); err != nil {
					late++
					continue
				}
				if prompt = append(prompt, time.Since(start)); time.Since(start) > time.Second {
					late++
				}
				s.send("guest", "quit")
				s.expect("See you next time.")
				s.conn.Close()
			}
			cancel()
			attack.Wait()
			peak := p.memory("VmHWM")
			t.Logf("attackers: %d connections opened", opened.Load())
			t.Logf("who: %v", who)
			t.Logf("prompt of newcomers: %v; later than 1 s, or never: %d", prompt, late)
			t.Logf("memory: %.1f MiB before, at most %.1f MiB", float64(before)/1024, float64(peak)/1024)
			if who.at(99) > 50*time.Millisecond || late > 1 || peak-before > 100<<10 {
				t.Error("the promise does not hold")
			}
		})
	}
}

// silent connects from source, says nothing, and connects again a second after it was sent away, until ctx is done.
func silent(ctx context.Context, source, address string, opened *atomic.Int64, connected func()) {
	var once sync.Once
	defer once.Do(connected)
	for ctx.Err() == nil {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: patience}
		conn, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			opened.Add(1)
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			once.Do(connected)
			for buf := make([]byte, 1024); err == nil; {
				_, err = conn.Read(buf)
			}
			stop()
			conn.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
