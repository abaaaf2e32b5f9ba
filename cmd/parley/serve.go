package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"parley/chat"
	"parley/commands"
	"parley/doors"
	"parley/internal/build"
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
		err := errPanic
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

// A service is the server while it is put together.
type service struct {
	program *program
	options *options
	stop    context.CancelFunc
	log     *slog.Logger
	level   *slog.LevelVar
	out     *outlet // of the log
	screen  *outlet // of what is said to whoever has started the program
}

// run serves until ctx is done. It opens in one order and closes in the reverse. Addresses come first: where one is in
// use nothing is made.
func (s *service) run(ctx context.Context) (err error) {
	p, o, log := s.program, s.options, s.log
	exempt, err := o.exempt()
	if err != nil {
		return err
	}
	proxies, err := o.proxies()
	if err != nil {
		return err
	}
	texts := new(textFiles)
	if err := texts.read(o); err != nil {
		return err
	}
	given, err := inherited()
	if err != nil {
		return err
	}
	entrances, err := p.enter(ctx, o, given)
	if err != nil {
		return err
	}
	defer entrances.close()
	monitor, err := p.listenMonitor(ctx, o, given[adminDoor])
	if err != nil {
		return err
	}
	defer monitor.close()

	if err := refuseForeign(o.Data); err != nil {
		return err
	}
	ground := p.standsOn(o)
	store, err := ground.open(ctx, o.Data, log)
	if err != nil {
		return err
	}
	warnOfOthers(o.Data, log)
	defer func() { err = s.put(ground, err) }()

	registry := commands.New(p.commands...)
	registry.Version = build.Read().String()
	memory := newRelease(log)
	defer memory.close()
	node := chat.New(chat.Options{
		Store: store, Desk: ground.desk(), Cluster: ground.cluster(), Hash: p.hash, Guests: o.Guests,
		Registration: o.Registration, Exempt: exempt,
		Reserved: registry.Reserved(), Hold: time.Duration(o.Hold),
		PasswordMin: int(o.PasswordMin), Hashing: s.hashing(memory), Stop: s.stop, Log: log,
		Random: p.random,
	})
	defer node.Close()
	node.SweepGraves(ctx)
	node.SweepReports()
	sessions := &session.Server{Chat: node, Commands: registry, Texts: texts.current, Exempt: exempt, Log: log}
	server := &doors.Server{
		Gate: &doors.Gate{MaxConns: maxConns(), SourceOf: chat.SourceOf, Exempt: exempt.Has,
			Known: node.Knows},
		Proxy:  proxies.Has,
		Logger: log, Why: whyEnded,
	}
	visitors := &handler{ctx: context.WithoutCancel(ctx), sessions: sessions, visited: memory.visited}
	if o.MSSP {
		encrypted := portsOf(entrances.of(tlsDoor).listeners())
		visitors.advert = &advert{chat: node, name: func() string { return texts.current().Name },
			hostname: string(o.MSSPHostname), ports: map[string][]int{
				"PORT": portsOf(entrances.of(telnetDoor).listeners()), "TLS": encrypted, "SSL": encrypted}}
		sessions.Status = visitors.advert.text
	}

	figures := newMetrics(node, server, sessions, store, s.out.total.Load)
	registry.Observe = figures.observe
	health := &health{store: store, ground: ground, log: log}
	monitor.serve(o, figures.registry(ground.collector()), health, log)
	admin, err := p.serveAdmin(ctx, o.Data, console{chat: node, registry: registry, store: store, sessions: sessions,
		ground: ground},
		log)
	if err != nil {
		return err
	}
	defer admin.close()
	log.Info("starting", "version", build.Read().String())
	free := handshakeSlots()
	secure, err := s.secure(ctx, entrances, free)
	if err != nil {
		return err
	}
	defer secure.close()
	visitors.secure = secure
	figures.certs.Store(secure.source())
	registry.WebURL = o.webURL(entrances, secure)
	visitors.web = s.website(entrances, secure, node, proxies)
	defer visitors.web.close()
	if visitors.ssh, err = s.sshEntry(node, entrances, free); err != nil {
		return err
	}
	for _, e := range entrances {
		for _, l := range e.listeners {
			log.Info("listening", "address", l.Addr().String(), "door", e.door, "data", o.Data)
		}
	}
	s.out.flush() // before what follows on the same terminal
	if store.Made() {
		fmt.Fprintf(s.screen, "Made %s, no accounts yet.\n", absolute(o.Data))
	}
	printWelcome(s.screen, entrances, page{o.webHosts(secure), registry.WebURL}, o.Data, p.called, p.args)
	secure.print(s.screen)
	visitors.ssh.print(s.screen)
	r := &running{
		entrances: entrances, door: visitors.door, web: visitors.web, server: server, sessions: sessions, node: node,
		health: health, log: log, reload: p.reload, stop: s.stop, outcast: ground.failed(),
		lookAround: admin.look,
		settings: &settings{args: p.args, options: o, log: log, level: s.level, texts: texts, node: node,
			certs: secure.source()},
	}
	s.takeSeats(ctx, node) // as the last thing: a start that fails before leaves them to the next one
	node.OpenStanding(ctx, o.KeepRooms)
	err = r.untilDone(ctx)
	s.leaveSeats(node)
	return err
}

// put closes what is stored, and returns err with what went wrong in that.
func (s *service) put(g ground, err error) error {
	closing := g.close(err == nil)
	if chat.CannotSave(closing) {
		s.log.Warn("not everything could be put away; the next start takes a little longer", "err", closing)
		closing = nil // all that was acknowledged is on the disk
	}
	return errors.Join(err, closing)
}

// warnOfOthers tells the operator if others on this machine can look into the data folder, which Parley itself makes
// for its own user alone.
func warnOfOthers(dir string, log *slog.Logger) {
	if info, err := os.Stat(dir); err == nil && openToOthers(info) {
		log.Warn("others can look into the data folder, where passwords' hashes are; chmod 700 ends that", "data", dir,
			"mode", fmt.Sprintf("%#o", info.Mode().Perm()))
	}
}

// openToOthers reports whether others on this machine can do anything in the folder of info.
func openToOthers(info fs.FileInfo) bool { return posix && info.Mode().Perm()&0o077 != 0 }

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
				err := errPanic
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

// A handler are the texts of an operator's files, as they were last read. Safe for concurrent use.
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
