package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	gotelnet "github.com/reiver/go-telnet"

	"parley/chat"
	"parley/commands"
	"parley/db"
	"parley/session"
	"parley/telnet"
)

// shutdownTime is how long the sessions may take to end: less than the ten seconds in which the process is to be gone.
const shutdownTime = 8 * time.Second

// serve runs the server until ctx is done. It opens in one order and closes in the reverse.
func (p *program) serve(ctx context.Context, o *options, stdout io.Writer) (err error) {
	stderr := p.stderr
	if stderr == nil {
		stderr = os.Stderr
	}
	log := o.logger(stderr)

	store, err := db.Open(o.Data, &db.Options{Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	registry := commands.New()
	node := chat.New(chat.Options{Store: store, Guests: o.Guests, Reserved: registry.Names(), Log: log})
	defer node.Close()

	texts, err := newTextFiles(o)
	if err != nil {
		return err
	}
	sessions := &session.Server{Chat: node, Commands: registry, Texts: texts.current, Log: log}
	server := &telnet.Server{Handler: handler{ctx: context.WithoutCancel(ctx), sessions: sessions}, Logger: log}

	listeners, err := p.listenAll(ctx, o.Listen)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		log.Info("listening", "address", l.Addr().String(), "data", o.Data)
	}
	printWelcome(stdout, listeners, o.Data)
	return p.runUntilDone(ctx, log, listeners, server, sessions, texts)
}

// runUntilDone serves the listeners until ctx is done or one of them fails, and then ends the sessions.
func (p *program) runUntilDone(ctx context.Context, log *slog.Logger, listeners []net.Listener, server *telnet.Server, sessions *session.Server, texts *textFiles) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		serving.Go(func() { failed <- server.Serve(l) }) // until Shutdown
	}
	var err error
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case err = <-failed:
			running = false
		case <-p.reload:
			if err := texts.read(); err != nil {
				log.Error("text files not read again", "err", err)
			} else {
				log.Info("text files read again")
			}
		}
	}
	log.Info("shutting down")
	sessions.Stop(chat.ErrStopped)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if cut := server.Shutdown(patience); cut != nil {
		log.Warn("some sessions did not end in time", "err", cut)
	}
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

// A handler serves each connection as a session.
type handler struct {
	ctx      context.Context // not done before the last session is over
	sessions *session.Server
}

var _ session.Terminal = (*telnet.Conn)(nil)

// ServeTELNET implements the contract of github.com/reiver/go-telnet.
func (h handler) ServeTELNET(_ gotelnet.Context, w gotelnet.Writer, r gotelnet.Reader) {
	conn, ok := w.(*telnet.Conn)
	if !ok {
		conn = telnet.Bare(w, r)
	}
	h.sessions.Serve(h.ctx, conn)
}

// textFiles are the texts of an operator's files, as they were last read. Safe for concurrent use.
type textFiles struct {
	options *options
	texts   atomic.Pointer[session.Texts]
}

func newTextFiles(o *options) (*textFiles, error) {
	t := &textFiles{options: o}
	return t, t.read()
}

// read reads the files again. When one cannot be read, all stay as they were.
func (t *textFiles) read() error {
	texts, err := t.options.texts()
	if err == nil {
		t.texts.Store(&texts)
	}
	return err
}

func (t *textFiles) current() session.Texts { return *t.texts.Load() }
