package main

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// A supervisor tells the service manager how the server is, if there is one that listens (sd_notify(3)).
type supervisor struct {
	log  *slog.Logger
	beat *time.Ticker // nil if nobody waits for a sign of life
}

// newSupervisor returns what speaks to the service manager. Stop it.
func newSupervisor(log *slog.Logger) *supervisor {
	s := &supervisor{log: log}
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the watchdog of the service manager is not served", "err", err)
	}
	if interval > 0 {
		s.beat = time.NewTicker(interval / 2)
	}
	return s
}

func (s *supervisor) stop() {
	if s.beat != nil {
		s.beat.Stop()
	}
}

// beats returns when to tell that the server is alive; nil for never.
func (s *supervisor) beats() <-chan time.Time {
	if s.beat == nil {
		return nil
	}
	return s.beat.C
}

// tell sends states as sd_notify(3) lists them. Nothing happens without a service manager.
func (s *supervisor) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("the service manager was not told", "state", state, "err", err)
	}
}

// inherited returns the listeners that the service manager has opened for this process (sd_listen_fds(3)); none if it
// was started otherwise.
func inherited() ([]net.Listener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, err
	}
	for i, l := range all {
		if l == nil {
			return nil, fmt.Errorf("socket %d of the service manager is none that listens for streams", i)
		}
	}
	return all, nil
}
