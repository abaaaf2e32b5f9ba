package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"

	"parley/db"
	"parley/internal/crash"
)

// The admin socket carries console commands to the running server: HTTP/1.1 over a unix socket in the data folder.
// "parley user add bob" is POST /user/add with the command's fields, in JSON, in the header field Parley-Arguments, and
// what the command reads as the body. The answer's body is what the command says, followed by the trailer field
// Parley-Error if it did not work. Who may open the socket is an operator: its mode is 0600.
const (
	adminName      = "admin.sock"
	argumentsField = "Parley-Arguments"
	errorField     = "Parley-Error"

	// maxAdmin is how many commands may be at work, and maxStreams how many beside them that wait for their shell:
	// backups, exports, imports.
	maxAdmin   = 8
	maxStreams = 4
	// adminPatience is how long a command waits for its turn, and a shell may take to send what it says or to take the
	// answer.
	adminPatience = 10 * time.Second
	// maxAdminInput is how much a command reads that does not stream, in bytes.
	maxAdminInput = 64 << 10
	// adminShutdown is how long commands at work may take to end when the server stops.
	adminShutdown = time.Second
)

// errNoServer is returned by dialAdmin when no server runs on the data folder.
var errNoServer = errors.New("no server runs")

// An adminServer serves the admin socket.
type adminServer struct {
	log      *slog.Logger
	console  console // without in and out
	commands map[string]reflect.Type
	turns    chan struct{} // one for each command at work
	streams  chan struct{} // one for each of those that wait for their shell

	http    http.Server
	serving sync.WaitGroup
	keeping sync.WaitGroup
	path    string
	listen  func(ctx context.Context, network, address string) (net.Listener, error)
	again   chan struct{}      // takes one: see look
	stop    context.CancelFunc // ends keep, which owns what follows meanwhile
	socket  net.Listener       // nil as long as there was none
	trouble string             // why there is none
}

// serveAdmin serves the admin socket in the folder dir until close. A socket that an earlier server left is replaced:
// the lock of the store, which the caller holds, says that nobody serves it.
func (p *program) serveAdmin(ctx context.Context, dir string, c console, log *slog.Logger) (*adminServer, error) {
	table, err := consoleCommands()
	if err != nil {
		return nil, err
	}
	a := &adminServer{log: log, console: c, commands: table, turns: make(chan struct{}, maxAdmin),
		streams: make(chan struct{}, maxStreams), again: make(chan struct{}, 1), path: filepath.Join(dir, adminName)}
	a.listen = p.listen
	if a.listen == nil {
		a.listen = listenPrivate
	}
	a.http = http.Server{
		Handler: a, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	a.listenAgain(ctx)
	ctx, a.stop = context.WithCancel(ctx)
	if p.listen == nil { // else there is no file that could be gone
		a.keeping.Go(func() { // until close
			defer crash.Survive(log, "admin socket")
			a.keep(ctx)
		})
	}
	return a, nil
}

// keep makes the socket, and makes it anew when it is gone, until ctx is done. It looks every adminPoll, and at once
// when it is told to.
func (a *adminServer) keep(ctx context.Context) {
	tick := time.NewTicker(adminPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.again:
		}
		if s, ok := a.socket.(*socketFile); ok && s.inPlace() {
			continue
		}
		a.listenAgain(ctx)
	}
}

// listenAgain replaces the socket that is gone. Its trouble is logged once, until it is another.
func (a *adminServer) listenAgain(ctx context.Context) {
	l, err := a.listen(ctx, "unix", a.path)
	if err != nil {
		if err.Error() != a.trouble {
			a.log.Error("commands from the shell will not reach this server", "err", err)
			a.trouble = err.Error()
		}
		return
	}
	if a.socket != nil {
		a.socket.Close()
		a.log.Warn("the admin socket was gone, and is there again", "path", a.path)
	} else if a.trouble != "" {
		a.log.Info("commands from the shell reach this server now", "path", a.path)
	}
	a.trouble = ""
	a.serve(l)
}

// serve answers on l until it is closed.
func (a *adminServer) serve(l net.Listener) {
	a.socket = l
	a.serving.Go(func() { // until the listener is closed
		defer crash.Survive(a.log, "admin socket")
		if err := a.http.Serve(l); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			a.log.Error("the admin socket is no longer served", "err", err)
		}
	})
}

// look has the server look at once whether its socket is still there.
func (a *adminServer) look() {
	select {
	case a.again <- struct{}{}:
	default: // it is about to
	}
}

// close waits for the commands at work, though not for long, and removes the socket.
func (a *adminServer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), adminShutdown)
	defer cancel()
	a.stop()
	a.keeping.Wait()
	if a.http.Shutdown(ctx) != nil {
		a.http.Close()
	}
	a.serving.Wait()
	for range maxAdmin {
		a.turns <- struct{}{}
	}
	for range maxStreams {
		a.streams <- struct{}{}
	}
	if a.socket != nil {
		a.socket.Close()
	}
}

// ServeHTTP carries out one command.
func (a *adminServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.ReplaceAll(strings.TrimPrefix(r.URL.Path, "/"), "/", " ")
	kind, ok := a.commands[path]
	if !ok || r.Method != http.MethodPost {
		http.Error(w, fmt.Sprintf("the running Parley, version %s, has no command %q", version, path),
			http.StatusNotFound)
		return
	}
	cmd := reflect.New(kind).Interface().(consoleCommand)
	arguments := json.NewDecoder(strings.NewReader(r.Header.Get(argumentsField)))
	arguments.DisallowUnknownFields()
	if err := arguments.Decode(cmd); err != nil {
		http.Error(w, fmt.Sprintf("the running Parley, version %s, does not know these arguments of %q: %v", version,
			path, err), http.StatusBadRequest)
		return
	}
	w.Header().Set("Trailer", errorField)
	c := a.console
	c.path = path
	if _, ok := cmd.(streamer); ok {
		a.stream(w, r, path, cmd, &c)
	} else {
		a.answer(w, r, path, cmd, &c)
	}
}

// stream carries out a command that waits for its shell. There are few places for those, and one who finds none is told
// at once.
func (a *adminServer) stream(w http.ResponseWriter, r *http.Request, path string, cmd consoleCommand, c *console) {
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
	default:
		http.Error(w, fmt.Sprintf("%d backups, exports and imports are at work, and no more may be; try again when "+
			"one has ended", maxStreams), http.StatusServiceUnavailable)
		return
	}
	c.in, c.out = r.Body, w
	a.done(w, path, cmd.do(r.Context(), c))
}

// answer carries out a command between two waits for its shell: all of its input is there before it has a turn, and its
// answer is sent after.
func (a *adminServer) answer(w http.ResponseWriter, r *http.Request, path string, cmd consoleCommand, c *console) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(adminPatience))
	in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAdminInput))
	if err != nil {
		http.Error(w, fmt.Sprintf("what %q reads did not come: %v", path, err), http.StatusBadRequest)
		return
	}
	_ = control.SetReadDeadline(time.Time{}) // whether the shell goes away is watched meanwhile
	var out bytes.Buffer
	c.in, c.out = bytes.NewReader(in), &out
	patience := time.NewTimer(adminPatience)
	defer patience.Stop()
	select {
	case a.turns <- struct{}{}:
	case <-r.Context().Done():
		return
	case <-patience.C:
		http.Error(w, fmt.Sprintf("%d commands are at work and do not end; the log may say why", maxAdmin),
			http.StatusServiceUnavailable)
		return
	}
	err = a.inTurn(r.Context(), cmd, c)
	_ = control.SetWriteDeadline(time.Now().Add(adminPatience))
	_, _ = out.WriteTo(w) // what the shell does not take it does without
	a.done(w, path, err)
}

func (a *adminServer) inTurn(ctx context.Context, cmd consoleCommand, c *console) error {
	defer func() { <-a.turns }()
	return cmd.do(ctx, c)
}

// done ends the answer, and notes the command in the log.
func (a *adminServer) done(w http.ResponseWriter, path string, err error) {
	if err = sentenceOf(err); err != nil {
		w.Header().Set(errorField, strings.Join(strings.Fields(err.Error()), " "))
		a.log.Info("console command", "command", path, "err", err)
		return
	}
	a.log.Info("console command", "command", path)
}

// consoleCommands returns the types of the console commands by what one types for them.
func consoleCommands() (map[string]reflect.Type, error) {
	parser, err := newParser(new(commandLine), io.Discard, nil, func() {})
	if err != nil {
		return nil, err
	}
	table := make(map[string]reflect.Type)
	for _, leaf := range parser.Model.Leaves(false) {
		if _, ok := target(leaf).(consoleCommand); ok {
			table[commandPath(leaf)] = leaf.Target.Type()
		}
	}
	return table, nil
}

// dialAdmin connects to the server that runs on the data folder dir. It returns errNoServer if there is none: nobody
// has locked the folder.
func dialAdmin(ctx context.Context, dir string) (net.Conn, error) {
	var conn net.Conn
	path, done, err := shorten(filepath.Join(dir, adminName))
	if err == nil {
		defer done()
		conn, err = new(net.Dialer).DialContext(ctx, "unix", path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		switch used, err := db.InUse(dir); {
		case used:
			return nil, fmt.Errorf("a Parley runs on the data folder %s but does not listen to %s there; it makes "+
				"that socket anew within %v, or its log says why it cannot", dir, adminName, adminPoll)
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("%s%w", closed(dir), quiet{err})
		}
		return nil, errNoServer
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fmt.Errorf("%s is not a folder; --data names the data folder%w", dir, quiet{err})
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s%w", closed(dir), quiet{err})
	case err != nil:
		return nil, fmt.Errorf("connect to the running Parley: %w", err)
	}
	return conn, nil
}

// askAdmin has the server behind conn carry out cmd.
func askAdmin(ctx context.Context, conn net.Conn, path string, cmd consoleCommand, in io.Reader, out io.Writer) error {
	arguments, err := json.Marshal(cmd)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://parley/"+strings.ReplaceAll(path, " ", "/"), in)
	if err != nil {
		return err
	}
	r.Header.Set(argumentsField, string(arguments))
	once := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}
	defer once.CloseIdleConnections()
	answer, err := once.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("the running Parley did not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		var reason bytes.Buffer
		_, _ = io.Copy(&reason, io.LimitReader(answer.Body, 4096)) // as much of it as came
		return errors.New(strings.TrimSpace(reason.String()))
	}
	to := &printer{w: out}
	switch _, err := io.Copy(to, answer.Body); {
	case to.err != nil:
		return to.err // the server has nothing to do with it
	case err != nil:
		return fmt.Errorf("the answer of the running Parley ended early: %w", err)
	}
	if sentence := answer.Trailer.Get(errorField); sentence != "" {
		return errors.New(sentence)
	}
	return nil
}
