package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"parley/chat"
	"parley/commands"
	"parley/doors"
	"parley/internal/build"
	"parley/session"
)

// A service is the server while it is put together.
type service struct {
	program *program
	options *options
	stop    context.CancelFunc
	log     *slog.Logger
	level   *slog.LevelVar
	out     *outlet // of the log
	screen  *outlet // of what is said to whoever has started the program

	// What the steps of run make, each for those that follow.
	exempt    chat.Sources
	proxies   func(netip.Addr) bool
	texts     *textFiles
	entrances entrances
	monitor   *monitor
	ground    ground
	store     records
	registry  *commands.Registry
	memory    *release
	node      *chat.Node
	sessions  *session.Server
	server    *doors.Server
	health    *health
	figures   *metrics
	admin     *adminServer
	visitors  *handler
}

// run serves until ctx is done. It opens in one order and closes in the reverse. Addresses come first: where one is in
// use nothing is made.
func (s *service) run(ctx context.Context) (err error) {
	if err := s.read(); err != nil {
		return err
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	defer s.entrances.close()
	defer s.monitor.close()
	if err := s.openStore(ctx); err != nil {
		return err
	}
	defer func() { err = s.put(err) }()
	s.makeChat(ctx)
	defer s.memory.close()
	defer s.node.Close()
	s.makeSessions()
	if err := s.letOperators(ctx); err != nil {
		return err
	}
	defer s.admin.close()
	s.log.Info("starting", "version", build.Read().String())
	if err := s.openDoors(ctx); err != nil {
		return err
	}
	defer s.visitors.secure.close()
	defer s.visitors.web.close()
	s.welcome()
	s.takeSeats(ctx, s.node) // as the last thing: a start that fails before leaves them to the next one
	s.node.OpenStanding(ctx, s.options.KeepRooms)
	err = s.running().untilDone(ctx)
	s.leaveSeats(s.node)
	return err
}

// read reads what the options name.
func (s *service) read() (err error) {
	if s.exempt, err = s.options.exempt(); err != nil {
		return err
	}
	if s.proxies, err = s.options.proxies(); err != nil {
		return err
	}
	s.texts = new(textFiles)
	return s.texts.read(s.options)
}

// listen opens the sockets.
func (s *service) listen(ctx context.Context) error {
	given, err := inherited()
	if err != nil {
		return err
	}
	if s.entrances, err = s.program.enter(ctx, s.options, given); err != nil {
		return err
	}
	if s.monitor, err = s.program.listenMonitor(ctx, s.options, given[adminDoor]); err != nil {
		s.entrances.close()
	}
	return err
}

// openStore opens the data folder.
func (s *service) openStore(ctx context.Context) (err error) {
	dir := s.options.Data
	if err := refuseForeign(dir); err != nil {
		return err
	}
	s.ground = s.program.standsOn(s.options)
	if s.store, err = s.ground.open(ctx, dir, s.log); err != nil {
		return err
	}
	warnOfOthers(dir, s.log)
	return nil
}

// makeChat makes the chat, and removes what deleted accounts have left.
func (s *service) makeChat(ctx context.Context) {
	p, o := s.program, s.options
	s.registry = commands.New(p.commands...)
	s.registry.Version = build.Read().String()
	s.memory = newRelease(s.log)
	s.node = chat.New(chat.Options{
		Store: s.store, Desk: s.ground.desk(), Cluster: s.ground.cluster(), Hash: p.hash, Guests: o.Guests,
		Registration: o.Registration, Exempt: s.exempt, Reserved: s.registry.Reserved(), Hold: time.Duration(o.Hold),
		PasswordMin: int(o.PasswordMin), Hashing: s.hashing(s.memory), Stop: s.stop, Log: s.log, Random: p.random,
	})
	s.node.SweepGraves(ctx)
	s.node.SweepReports()
}

// makeSessions makes what serves those who come.
func (s *service) makeSessions() {
	s.sessions = &session.Server{Chat: s.node, Commands: s.registry, Texts: s.texts.current, Exempt: s.exempt,
		Log: s.log}
	s.server = &doors.Server{
		Gate:  &doors.Gate{MaxConns: maxConns(), SourceOf: chat.SourceOf, Exempt: s.exempt.Has, Known: s.node.Knows},
		Proxy: s.proxies, Logger: s.log, Why: whyEnded,
	}
}

// letOperators lets operators at the figures, and at the commands of the shell.
func (s *service) letOperators(ctx context.Context) (err error) {
	s.figures = newMetrics(s.node, s.server, s.sessions, s.store, s.out.total.Load)
	s.registry.Observe = s.figures.observe
	s.health = &health{store: s.store, ground: s.ground, log: s.log}
	s.monitor.serve(s.options, s.figures.registry(s.ground.collector()), s.health, s.log)
	s.admin, err = s.program.serveAdmin(ctx, s.options.Data, console{chat: s.node, registry: s.registry,
		store: s.store, sessions: s.sessions, ground: s.ground}, s.log)
	return err
}

// openDoors makes what the doors need: certificates, keys and pages.
func (s *service) openDoors(ctx context.Context) (err error) {
	v := &handler{ctx: context.WithoutCancel(ctx), sessions: s.sessions, visited: s.memory.visited}
	s.visitors = v
	if s.options.MSSP {
		v.advert = newAdvert(s.node, s.texts, s.options, s.entrances)
		s.sessions.Status = v.advert.text
	}
	free := handshakeSlots()
	if v.secure, err = s.secure(ctx, s.entrances, free); err != nil {
		return err
	}
	s.figures.certs.Store(v.secure.source())
	s.registry.WebURL = s.options.webURL(s.entrances, v.secure)
	v.web = s.website(s.entrances, v.secure, s.node, s.proxies)
	if v.ssh, err = s.sshEntry(s.node, s.entrances, free); err != nil {
		v.web.close()
		v.secure.close()
	}
	return err
}

// welcome tells the log, and whoever has started the program, how to get in.
func (s *service) welcome() {
	o, v := s.options, s.visitors
	for _, e := range s.entrances {
		for _, l := range e.listeners {
			s.log.Info("listening", "address", l.Addr().String(), "door", e.door, "data", o.Data)
		}
	}
	s.out.flush() // before what follows on the same terminal
	if s.store.Made() {
		fmt.Fprintf(s.screen, "Made %s, no accounts yet.\n", absolute(o.Data))
	}
	printWelcome(s.screen, s.entrances, page{o.webHosts(v.secure), s.registry.WebURL}, o.Data, s.program.called,
		s.program.args)
	v.secure.print(s.screen)
	v.ssh.print(s.screen)
}

// running returns the server that was put together, ready to work.
func (s *service) running() *running {
	certs := s.visitors.secure.source()
	return &running{
		entrances: s.entrances, door: s.visitors.door, web: s.visitors.web, server: s.server, sessions: s.sessions,
		node: s.node, health: s.health, log: s.log, reload: s.program.reload, stop: s.stop,
		outcast: s.ground.failed(), lookAround: s.admin.look,
		settings: &settings{args: s.program.args, options: s.options, log: s.log, level: s.level, texts: s.texts,
			node: s.node, certs: certs},
	}
}

// put closes what is stored, and returns err with what went wrong in that.
func (s *service) put(err error) error {
	closing := s.ground.close(err == nil)
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
