package main

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
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

// inherited returns the listeners that the service manager has opened for this process (sd_listen_fds_with_names(3)),
// by the names of the doors; none if it was started otherwise. A socket without a name of its own is one for telnet.
func inherited() (map[string][]net.Listener, error) {
	all := make(map[string][]net.Listener)
	end := func(err error) (map[string][]net.Listener, error) {
		for _, some := range all {
			for _, l := range some {
				l.Close()
			}
		}
		return nil, err
	}
	for i, f := range activation.Files(true) {
		door := f.Name()
		if door == "" || strings.HasSuffix(door, ".socket") || strings.HasPrefix(door, "LISTEN_FD_") {
			door = telnetDoor
		}
		l, err := net.FileListener(f)
		f.Close()
		if err != nil {
			return end(fmt.Errorf("socket %d of the service manager is none that listens for streams", i))
		}
		all[door] = append(all[door], l)
		if !slices.Contains([]string{telnetDoor, tlsDoor, webDoor, sshDoor, adminDoor}, door) {
			return end(fmt.Errorf("socket %d of the service manager has the name %q: FileDescriptorName= is to be "+
				"telnet, tls, web, ssh or admin", i, door))
		}
	}
	return all, nil
}
