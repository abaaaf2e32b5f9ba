package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/commands"
	"parley/telnet/telnettest"
)

// TestStopStuck stops a server in which a command does not end, whatever is done to its session, as when it waits for a disk that does not answer.
func TestStopStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		hang := commands.Command{Name: "hang", Usage: "hang", Help: "Hang.", Example: "hang", Run: func(context.Context, *commands.Call) error {
			<-never
			return nil
		}}
		l := telnettest.Listen(4000)
		log := new(lockedBuffer)
		p := &program{stderr: log, commands: []commands.Command{hang}, listen: func(_ context.Context, network, _ string) (net.Listener, error) {
			if network == "unix" {
				return telnettest.Listen(1), nil
			}
			return l, nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- p.run(ctx, []string{"--listen", "127.0.0.1:4000", "--data", t.TempDir()}, new(lockedBuffer))
		}() // until cancel
		synctest.Wait()
		guest, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := guest.Write([]byte("guest\nhang\n")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		began := time.Now()
		cancel()
		err = <-ended
		if took := time.Since(began); !errors.Is(err, errStuck) || took > 10*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		if !strings.Contains(log.String(), "the server did not stop in time") || !strings.Contains(log.String(), "TestStopStuck") {
			t.Errorf("the log does not say what hangs:\n%s", log)
		}
		close(never)
		guest.Close()
		synctest.Wait()
	})
}
