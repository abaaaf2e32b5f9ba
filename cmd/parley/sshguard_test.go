package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
	"parley/doors"
)

// TestSSHQueue has a password by SSH wait behind others for longer than a handshake may take: the user is told how
// long, and let in.
func TestSSHQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = 40 * time.Second
		slow := false
		var logged bytes.Buffer
		log := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))
		node := chat.New(chat.Options{Store: chat.NewMemoryStore(), Hash: cheapHash, Log: log, Hashing: func(uint32) {
			if slow {
				time.Sleep(each / 2)
			}
		}})
		if err := node.AddUser(t.Context(), chat.AtConsole(), "alice", "s3cret-alice"); err != nil {
			t.Fatal(err)
		}
		slow = true
		try := chat.Try{Name: "alice", Typed: "wrong-one", Source: netip.MustParseAddr("192.0.2.1")}
		ended := make(chan error, 3)
		for range cap(ended) {
			go func() { // until its turn is over
				_, err := node.Authenticate(t.Context(), try)
				ended <- err
			}()
			synctest.Wait()
		}
		nc, peer := net.Pipe()
		defer peer.Close()
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(sshTime))
		guard := &sshGuard{entry: &sshEntry{chat: node, log: log}, ctx: t.Context(),
			pass: new(doors.Pass), nc: nc}
		var told []string
		guard.Talks(t.Context(), func(sentence string) error {
			told = append(told, sentence)
			return nil
		})
		start := time.Now()
		who, err := guard.Password("alice", "s3cret-alice")
		if err != nil || who.(chat.Proof).User.Name != "alice" {
			t.Errorf("%v, %v", who, err)
		}
		if took := time.Since(start); took != 3*each {
			t.Errorf("that took %v", took)
		}
		const last = "Many passwords wait to be checked. Yours is number 1: about 1m20s."
		if len(told) != 8 || told[7] != last {
			t.Errorf("told %q", told)
		}
		go func() { _, _ = nc.Read(make([]byte, 1)) }() // until the deadline
		for range cap(ended) {
			<-ended
		}
		there, gone := context.WithCancel(t.Context())
		guard.Talks(there, func(string) error { return nil })
		go func() { // until it is called off
			_, err := node.Authenticate(t.Context(), try)
			ended <- err
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, gone)
		start = time.Now()
		_, err = guard.Password("alice", "s3cret-alice")
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("the peer has gone: %v after %v", err, time.Since(start))
		}
		<-ended
		if logged.Len() > 0 {
			t.Errorf("the log has:\n%s", &logged)
		}
	})
}
