package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"parley/chat"
	"parley/doors"
	"parley/internal/crash"
	"parley/session"
)

// shutdownTime is how long the sessions may take to end: less than the ten seconds in which the process is to be gone.
const shutdownTime = 8 * time.Second

// stopLimit is how long all of the stop may take, from the signal on.
const stopLimit = 9500 * time.Millisecond

// errStuck is returned when something in the program does not end, such as a command that waits for a disk that does
// not answer.
var errStuck = errors.New("the server did not stop in time, and was ended; what was acknowledged is on the disk, " +
	"and the log says what did not end")

// serve runs the server until ctx is done, and returns stopLimit later whatever happens.
func (p *program) serve(ctx context.Context, o *options, stdout io.Writer) error {
	// A log or a terminal that nobody reads any more must not end the program, nor stop it.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	level := new(slog.LevelVar)
	level.Set(o.LogLevel.level())
	out := newOutlet(p.errorWriter())
	direct := o.logger(out.w, level)
	out.tell = func(lost int) {
		direct.Warn("lines of this log were lost, because it was not read in time", "lines", lost)
	}
	out.start()
	defer out.close()
	screen := newOutlet(stdout).start()
	defer screen.close()

	s := &service{program: p, options: o, stop: stop, log: o.logger(out, level), level: level, out: out, screen: screen}
	return endInTime(ctx, s.log, s.run)
}

// endInTime returns what run does, or errStuck when run has not returned stopLimit after ctx was done.
func endInTime(ctx context.Context, log *slog.Logger, run func(context.Context) error) error {
	ended := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { // until run returns: if that hangs, the process ends without it
		err := crash.ErrPanic
		defer func() { ended <- err }()
		defer crash.Survive(log, "server")
		err = run(ctx)
	})
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(stopLimit)
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		log.Error("the server did not stop in time", "stacks", stacks())
		return errStuck
	}
}

// stacks returns what goroutines do, as far as 64 KiB tell it.
func stacks() string {
	b := make([]byte, 64<<10)
	return string(b[:runtime.Stack(b, true)])
}

// running is a server at work.
type running struct {
	entrances entrances
	door      func(name string) doors.Door
	web       *website
	server    *doors.Server
	sessions  *session.Server
	node      *chat.Node
	health    *health
	settings  *settings
	reload    <-chan os.Signal
	outcast   <-chan error       // why the server cannot stay one of several
	stop      context.CancelFunc // begins the stop of all
	// lookAround makes anew what an operator may have removed.
	lookAround func()
	log        *slog.Logger
}

// untilDone serves the listeners until ctx is done or one of them fails, and then ends the sessions.
func (r *running) untilDone(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	failed := make(chan error, len(r.entrances.listeners()))
	for _, e := range r.entrances {
		for _, l := range e.listeners {
			serving.Go(func() { // until Shutdown
				err := crash.ErrPanic
				defer func() { failed <- err }()
				defer crash.Survive(r.log, "listener")
				err = r.server.Serve(l, r.door(e.door))
			})
		}
	}
	supervisor := newSupervisor(r.log)
	defer supervisor.stop()
	r.health.accepting.Store(true)
	supervisor.tell(daemon.SdNotifyReady)
	var err error
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case err = <-failed:
			running = false
		case err = <-r.outcast:
			running = false
		case <-r.reload:
			supervisor.tell(daemon.SdNotifyReloading)
			r.lookAround()
			r.settings.reload()
			r.settings.renew()
			supervisor.tell(daemon.SdNotifyReady)
		case <-supervisor.beats():
			// The figures take the locks that everybody needs: where one is held for ever, no sign of life is given.
			r.sessions.Stats()
			r.node.Stats(ctx)
			supervisor.tell(daemon.SdNotifyWatchdog)
		}
	}
	r.stop() // the time for it runs, also where a listener has failed
	r.log.Info("shutting down")
	r.health.accepting.Store(false)
	supervisor.tell(daemon.SdNotifyStopping)
	r.node.Suspend(context.WithoutCancel(ctx))
	r.sessions.Stop(chat.ErrStopped)
	r.web.rest()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if cut := r.server.Shutdown(patience); cut != nil {
		r.log.Warn("some sessions did not end in time", "err", cut)
	}
	r.sessions.Wait()
	if moved, left := r.node.Drain(patience); moved+left > 0 {
		r.log.Info("other nodes have the seats", "moved", moved, "left", left)
	}
	return err
}
