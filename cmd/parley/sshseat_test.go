package main

import (
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	gossh "golang.org/x/crypto/ssh"

	"parley/telnet/telnettest"
)

// An sshSeat is a connection by SSH, as the terminal at its client has it: the first read or write begins it. It is for
// plays, where nobody is asked for a proof.
type sshSeat struct {
	net.Conn
	pty           bool
	columns, rows int

	begin  sync.Once
	failed error
	client *gossh.Client
	shell  *gossh.Session
	in     io.WriteCloser
	out    io.Reader
	told   strings.Builder // what was said before there was a session
}

// sitBySSH returns the connection, and how the program at it behaves: one that knows telnet is a terminal here, and one
// that sends lines has none.
func sitBySSH(nc net.Conn, kind telnettest.Kind, columns, rows int) (net.Conn, telnettest.Kind) {
	s := &sshSeat{Conn: nc, pty: kind != telnettest.Line, columns: columns, rows: rows}
	if s.pty {
		kind = telnettest.Keys
	}
	return s, kind
}

func (s *sshSeat) open() error {
	s.begin.Do(func() {
		if s.failed = s.start(); s.failed == nil {
			return
		}
		// A disconnection's reason is what the user reads then.
		_, quoted, _ := strings.Cut(s.failed.Error(), "disconnect, reason 12: ")
		if why, err := strconv.Unquote(quoted); err == nil {
			s.told.WriteString(why + "\r\n")
		}
		s.out = io.MultiReader(strings.NewReader(s.told.String()), ended{s.failed})
	})
	return s.failed
}

func (s *sshSeat) start() error {
	conn, channels, requests, err := gossh.NewClientConn(s.Conn, "", &gossh.ClientConfig{User: "somebody",
		HostKeyCallback: gossh.InsecureIgnoreHostKey(),
		BannerCallback:  func(message string) error { s.told.WriteString(message); return nil }})
	if err != nil {
		return err
	}
	s.client = gossh.NewClient(conn, channels, requests)
	if s.shell, err = s.client.NewSession(); err != nil {
		return err
	}
	if s.pty {
		if err = s.shell.RequestPty("XTERM", s.rows, s.columns, nil); err != nil {
			return err
		}
	}
	if s.in, err = s.shell.StdinPipe(); err != nil {
		return err
	}
	if s.out, err = s.shell.StdoutPipe(); err != nil {
		return err
	}
	return s.shell.Shell()
}

func (s *sshSeat) Read(p []byte) (int, error) {
	_ = s.open() // out has why it did not come to a session
	n, err := s.out.Read(p)
	if err != nil {
		s.Conn.Close() // as programs of SSH do when the session is over
	}
	return n, err
}

// ended is the end of what can be read.
type ended struct{ why error }

func (e ended) Read([]byte) (int, error) { return 0, e.why }

func (s *sshSeat) Write(p []byte) (int, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	return s.in.Write(p)
}

// Resize tells the size of the window.
func (s *sshSeat) Resize(columns, rows int) {
	if s.open() == nil && s.pty {
		_ = s.shell.WindowChange(rows, columns) // who is gone needs none
	}
}

// CloseWrite ends the input.
func (s *sshSeat) CloseWrite() error {
	if err := s.open(); err != nil {
		return err
	}
	return s.in.Close()
}

// Lose ends the connection as a dead network does.
func (s *sshSeat) Lose() { s.Conn.(interface{ Lose() }).Lose() }
