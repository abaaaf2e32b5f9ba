package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/chat"
	"parley/words"
)

// TestStopCrowd stops a server with 500 sessions, in 50 of which the output goes nowhere because nobody reads it: all
// others are told, and the process is gone within ten seconds.
func TestStopCrowd(t *testing.T) {
	t.Parallel()
	people, frozen := 500, 50
	if testing.Short() {
		people, frozen = 60, 10
	}
	server := startProcess(t, t.TempDir())
	scripts := make([]*script, people)
	for i := range scripts {
		scripts[i] = dialScript(t, server.address)
		if i < frozen {
			_ = scripts[i].conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		scripts[i].send("guest")
		scripts[i].expect(":0> ")
	}
	for _, s := range scripts[:frozen] {
		s.send(strings.Repeat("help\n", 4000)) // the answers are more than all buffers between here and there hold
	}
	time.Sleep(500 * time.Millisecond) // until they are full
	var told atomic.Int64
	var reading sync.WaitGroup
	for _, s := range scripts[frozen:] {
		reading.Go(func() {
			_ = s.conn.SetReadDeadline(time.Now().Add(patience))
			if rest, err := io.ReadAll(s.r); err == nil &&
				strings.Contains(string(rest), words.English.Sentence(chat.ErrStopped)) {
				told.Add(1)
			}
		})
	}
	start := time.Now()
	status := server.stop()
	took := time.Since(start)
	reading.Wait()
	if status != 0 || took > 10*time.Second || int(told.Load()) != people-frozen {
		t.Errorf("exit status %d after %v; %d of %d were told\n%s", status, took, told.Load(), people-frozen,
			server.log)
	}
	if log := server.log.String(); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
	t.Logf("%d sessions, %d of them not reading: gone after %v", people, frozen, took.Round(time.Millisecond))
}
