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
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The admin socket carries console commands to the running server: HTTP/1.1 over a unix socket in the data folder. "parley user add bob" is
// POST /user/add with the command's fields, in JSON, in the header field Parley-Arguments, and what the command reads as the body. The answer's
// body is what the command says, followed by the trailer field Parley-Error if it did not work. Who may open the socket is an operator: its mode is 0600.
const (
	adminName      = "admin.sock"
	argumentsField = "Parley-Arguments"
	errorField     = "Parley-Error"

	// maxAdmin is how many commands may be at work; others wait.
	maxAdmin = 8
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

	http    http.Server
	serving sync.WaitGroup
	path    string
}

// serveAdmin serves the admin socket in the folder dir until close. A socket that an earlier server left is replaced: the lock of the store,
// which the caller holds, says that nobody serves it.
func (p *program) serveAdmin(ctx context.Context, dir string, c console, log *slog.Logger) (*adminServer, error) {
	table, err := consoleCommands()
	if err != nil {
		return nil, err
	}
	a := &adminServer{log: log, console: c, commands: table, turns: make(chan struct{}, maxAdmin), path: filepath.Join(dir, adminName)}
	listen := p.listen
	if listen == nil {
		listen = listenPrivate
	}
	l, err := listen(ctx, "unix", a.path)
	if err != nil {
		return nil, fmt.Errorf("listen on the admin socket: %w", err)
	}
	a.http = http.Server{
		Handler: a, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	a.serving.Go(func() { // until close
		defer survive(log, "admin socket")
		if err := a.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the admin socket is no longer served", "err", err)
		}
	})
	return a, nil
}

// listenPrivate listens on a unix socket that never was open to others: it is made in a folder of its own and then moved to its place.
func listenPrivate(ctx context.Context, network, path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".admin")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	l, err := new(net.ListenConfig).Listen(ctx, network, made)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it would remove the name that the socket has no longer
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// close waits for the commands at work, though not for long, and removes the socket.
func (a *adminServer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), adminShutdown)
	defer cancel()
	if a.http.Shutdown(ctx) != nil {
		a.http.Close()
	}
	a.serving.Wait()
	for range maxAdmin {
		a.turns <- struct{}{}
	}
	os.Remove(a.path)
}

// ServeHTTP carries out one command.
func (a *adminServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	case <-r.Context().Done():
		return
	}
	path := strings.ReplaceAll(strings.TrimPrefix(r.URL.Path, "/"), "/", " ")
	kind, ok := a.commands[path]
	if !ok || r.Method != http.MethodPost {
		http.Error(w, fmt.Sprintf("the running Parley, version %s, has no command %q", version, path), http.StatusNotFound)
		return
	}
	cmd := reflect.New(kind).Interface().(consoleCommand)
	arguments := json.NewDecoder(strings.NewReader(r.Header.Get(argumentsField)))
	arguments.DisallowUnknownFields()
	if err := arguments.Decode(cmd); err != nil {
		http.Error(w, fmt.Sprintf("the running Parley, version %s, does not know these arguments of %q: %v", version, path, err), http.StatusBadRequest)
		return
	}
	w.Header().Set("Trailer", errorField)
	c := a.console
	c.path, c.in, c.out = path, r.Body, w
	if err := sentenceOf(cmd.do(r.Context(), &c)); err != nil {
		w.Header().Set(errorField, strings.Join(strings.Fields(err.Error()), " "))
		a.log.Info("console command", "command", path, "err", err)
		return
	}
	a.log.Info("console command", "command", path)
}

// consoleCommands returns the types of the console commands by what one types for them.
func consoleCommands() (map[string]reflect.Type, error) {
	parser, err := newParser(new(commandLine), io.Discard, func() {})
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

// dialAdmin connects to the server that runs on the data folder dir. It returns errNoServer if there is none.
func dialAdmin(ctx context.Context, dir string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, adminName))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EINVAL):
		// EINVAL: the path is too long to be a socket's.
		return nil, errNoServer
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("the admin socket in %s belongs to another user; use the account that Parley runs under, or root", dir)
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
	if _, err := io.Copy(out, answer.Body); err != nil {
		return fmt.Errorf("the answer of the running Parley ended early: %w", err)
	}
	if sentence := answer.Trailer.Get(errorField); sentence != "" {
		return errors.New(sentence)
	}
	return nil
}
