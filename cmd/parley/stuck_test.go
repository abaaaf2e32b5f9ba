package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/commands"
	"parley/internal/crash"
	"parley/telnet/telnettest"
)

// TestStopStuck stops a server in which a command does not end, whatever is done to its session, as when it waits for a
// disk that does not answer.
func TestStopStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		hang := commands.Command{Name: "hang", Usage: "hang",
			Run: func(context.Context, *commands.Call) error {
				<-never
				return nil
			}}
		l := telnettest.Listen(4000)
		log := new(lockedBuffer)
		p := &program{stderr: log, commands: []commands.Command{hang},
			listen: func(_ context.Context, network, _ string) (net.Listener, error) {
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
		if took := time.Since(began); err != nil && !errors.Is(err, errStuck) || took > 10*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		if !strings.Contains(log.String(), "did not end in time") {
			t.Errorf("the log does not say it:\n%s", log)
		}
		close(never)
		guest.Close()
		time.Sleep(time.Minute) // what was left behind ends now
	})
}

// TestEndInTime has a server whose stop itself hangs, and one that ends well, badly and in a panic.
func TestEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		log := new(lockedBuffer)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began := time.Now()
		err := endInTime(ctx, slog.New(slog.NewTextHandler(log, nil)), func(context.Context) error {
			<-never
			return nil
		})
		if took := time.Since(began); !errors.Is(err, errStuck) || took != time.Minute+stopLimit {
			t.Errorf("got %v after %v", err, took)
		}
		if !strings.Contains(log.String(), "TestEndInTime") {
			t.Errorf("the log does not say what hangs:\n%s", log)
		}
		close(never)
		broken := errors.New("broken")
		for _, want := range []error{nil, broken, crash.ErrPanic} {
			got := endInTime(t.Context(), slog.New(slog.DiscardHandler), func(context.Context) error {
				if want == crash.ErrPanic {
					panic("oops")
				}
				return want
			})
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}
