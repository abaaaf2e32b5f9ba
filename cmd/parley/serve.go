package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"parley/chat"
	"parley/commands"
	"parley/db"
	"parley/doors"
	"parley/session"
)

// shutdownTime is how long the sessions may take to end: less than the ten seconds in which the process is to be gone.
const shutdownTime = 8 * time.Second

// serve runs the server until ctx is done. It opens in one order and closes in the reverse.
func (p *program) serve(ctx context.Context, o *options, stdout io.Writer) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	level := new(slog.LevelVar)
	level.Set(o.LogLevel.level())
	log := o.logger(p.errorWriter(), level)

	if err := refuseForeign(o.Data); err != nil {
		return err
	}
	store, err := db.Open(o.Data, &db.Options{Log: log})
	if err != nil {
		return err
	}
	warnOfOthers(o.Data, log)
	defer func() {
		end := store.Close
		if err != nil {
			end = store.Undo // what did not start leaves no new folder behind
		}
		closing := end()
		if chat.CannotSave(closing) {
			log.Warn("not everything could be put away; the next start takes a little longer", "err", closing)
			closing = nil // all that was acknowledged is on the disk
		}
		err = errors.Join(err, closing)
	}()

	exempt, err := o.exempt()
	if err != nil {
		return err
	}
	registry := commands.New(p.commands...)
	memory := newRelease(log)
	defer memory.close()
	node := chat.New(chat.Options{
		Store: store, Hash: p.hash, Guests: o.Guests, Registration: o.Registration, Exempt: exempt, Reserved: registry.Reserved(),
		PasswordMin: int(o.PasswordMin), Hashing: memory.uses, Stop: stop, Log: log,
	})
	defer node.Close()

	texts := new(textFiles)
	if err := texts.read(o); err != nil {
		return err
	}
	sessions := &session.Server{Chat: node, Commands: registry, Texts: texts.current, Exempt: exempt, Log: log}
	server := &doors.Server{
		Gate:   &doors.Gate{MaxConns: maxConns(), SourceOf: chat.SourceOf, Exempt: exempt.Has},
		Logger: log, Why: whyEnded,
	}
	visitors := &handler{ctx: context.WithoutCancel(ctx), sessions: sessions}

	figures := newMetrics(node, server, sessions, store)
	registry.Observe = figures.observe
	health := &health{store: store}
	monitor, err := p.serveMonitor(ctx, o, figures.registry(), health, log)
	if err != nil {
		return err
	}
	defer monitor.close()

	listeners, err := inherited()
	if err == nil && len(listeners) == 0 {
		listeners, err = p.listenAll(ctx, o.Listen)
	}
	if err != nil {
		return err
	}
	admin, err := p.serveAdmin(ctx, o.Data, console{chat: node, registry: registry, store: store, sessions: sessions}, log)
	if err != nil {
		// People can chat nevertheless.
		log.Error("commands from the shell will not reach this server", "err", err)
	} else {
		defer admin.close()
	}
	for _, l := range listeners {
		log.Info("listening", "address", l.Addr().String(), "data", o.Data)
	}
	if store.Made() {
		fmt.Fprintf(stdout, "Made %s, no accounts yet.\n", absolute(o.Data))
	}
	printWelcome(stdout, listeners, o.Data)
	r := &running{
		listeners: listeners, door: visitors.door(), server: server, sessions: sessions, node: node, health: health, log: log, reload: p.reload,
		settings: &settings{args: p.args, options: o, log: log, level: level, texts: texts, node: node},
	}
	return r.untilDone(ctx)
}

// warnOfOthers tells the operator if others on this machine can look into the data folder, which Parley itself makes for its own user alone.
func warnOfOthers(dir string, log *slog.Logger) {
	if info, err := os.Stat(dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		log.Warn("others can look into the data folder, where passwords' hashes are; chmod 700 ends that", "data", dir, "mode", fmt.Sprintf("%#o", info.Mode().Perm()))
	}
}

// running is a server at work.
type running struct {
	listeners []net.Listener
	door      doors.Door
	server    *doors.Server
	sessions  *session.Server
	node      *chat.Node
	health    *health
	settings  *settings
	reload    <-chan os.Signal
	log       *slog.Logger
}

// untilDone serves the listeners until ctx is done or one of them fails, and then ends the sessions.
func (r *running) untilDone(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	failed := make(chan error, len(r.listeners))
	for _, l := range r.listeners {
		serving.Go(func() { // until Shutdown
			err := errPanic
			defer func() { failed <- err }()
			defer survive(r.log, "listener")
			err = r.server.Serve(l, r.door)
		})
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
		case <-r.reload:
			supervisor.tell(daemon.SdNotifyReloading)
			r.settings.reload()
			supervisor.tell(daemon.SdNotifyReady)
		case <-supervisor.beats():
			// The figures take the locks that everybody needs: where one is held for ever, no sign of life is given.
			r.sessions.Stats()
			r.node.Stats(ctx)
			supervisor.tell(daemon.SdNotifyWatchdog)
		}
	}
	r.log.Info("shutting down")
	r.health.accepting.Store(false)
	supervisor.tell(daemon.SdNotifyStopping)
	r.sessions.Stop(chat.ErrStopped)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if cut := r.server.Shutdown(patience); cut != nil {
		r.log.Warn("some sessions did not end in time", "err", cut)
	}
	r.sessions.Wait()
	return err
}

// listenAll opens all addresses, or none.
func (p *program) listenAll(ctx context.Context, addresses []string) ([]net.Listener, error) {
	listen := p.listen
	if listen == nil {
		listen = new(net.ListenConfig).Listen
	}
	var listeners []net.Listener
	for _, address := range addresses {
		l, err := listen(ctx, "tcp", address)
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("the address %s is in use by another program", address)
			}
			return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// printWelcome tells the operator how to get in, and how to let others in.
func printWelcome(w io.Writer, listeners []net.Listener, data string) {
	open := false
	for _, l := range listeners {
		host, port, _ := net.SplitHostPort(l.Addr().String())
		ip := net.ParseIP(host)
		open = open || ip != nil && !ip.IsLoopback()
		if ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
			host = "localhost"
		}
		fmt.Fprintf(w, "Parley %s is listening on %s, data in %s.\n", version, l.Addr(), data)
		fmt.Fprintf(w, "Connect:        telnet %s %s\n", host, port)
	}
	if !open {
		fmt.Fprintln(w, "Let others in:  parley --listen :4000")
	}
}

// textFiles are the texts of an operator's files, as they were last read. Safe for concurrent use.
type textFiles struct {
	texts atomic.Pointer[session.Texts]
}

// read reads the files that o names. When one cannot be read, all stay as they were.
func (t *textFiles) read(o *options) error {
	texts, err := o.texts()
	if err == nil {
		t.texts.Store(&texts)
	}
	return err
}

func (t *textFiles) current() session.Texts { return *t.texts.Load() }
