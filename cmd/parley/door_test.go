package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/chat"
	"parley/doors"
	"parley/web"
	"parley/words"
)

// Every reason of the door has words for the user, and few for the log.
func TestRefusalsHaveWords(t *testing.T) {
	said := make(map[string]bool)
	for reason := doors.Full; reason <= doors.NotSpoken; reason++ {
		err := refusal(doors.Refusal{Reason: reason, Limit: 4, Wait: time.Minute, Protocol: "SSH"})
		text := words.English.Sentence(err)
		if !chat.IsRefusal(err) || said[text] || strings.Contains(text, "%!") {
			t.Errorf("%v: %q", reason, text)
		}
		said[text] = true
		if why := doors.Why(doors.Refusal{Reason: reason}); strings.HasPrefix(why, "reason ") {
			t.Errorf("%q says nothing", why)
		}
	}
	if err := refusal(io.EOF); err != io.EOF {
		t.Errorf("io.EOF has become %v", err)
	}
	if err := refusal(nil); err != nil {
		t.Errorf("nil has become %v", err)
	}
	for err, want := range map[error]string{
		chat.ErrTooSlow:                                "did not read",
		chat.ErrAddressBanned.With("x"):                "banned",
		chat.ErrNoUser.With("bob"):                     "sent away",
		errors.New("a disk is on fire"):                "",
		fmt.Errorf("read: %w", io.EOF):                 "",
		refusal(doors.Refusal{Reason: doors.MadeRoom}): doors.MadeRoom.String(),
		&gossh.ServerAuthError{}:                       "gave up the login by SSH",
		&web.CloseError{Code: web.CodeGoingAway}:       "closed by the peer",
		&web.CloseError{Code: web.CodeProtocol}:        "broke the protocol of WebSockets",
	} {
		if got := whyEnded(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

// TestConnectOnly lets a balancer look every few milliseconds whether the port is open, in three ways, and then
// somebody come from its address.
func TestConnectOnly(t *testing.T) {
	p := startProcess(t, t.TempDir(), "--limits-exempt", "none")
	const balancer = "127.0.0.12"
	for n := range 90 {
		conn, err := dialFrom(balancer, p.address)
		if err != nil {
			t.Fatal(err)
		}
		switch n % 3 {
		case 1:
			conn.(*net.TCPConn).SetLinger(0) // it is reset
		case 2:
			conn.(*net.TCPConn).CloseWrite()
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			_, _ = io.ReadAll(conn)
		}
		conn.Close()
		if n%3 != 2 {
			time.Sleep(5 * time.Millisecond) // or more than four are there at a time
		}
	}
	s := scriptFrom(t, balancer, p.address)
	s.send("guest")
	s.expect("<guest:0> ")
}

// TestSilentMakesRoom lets more silent people come than there are places: the first has to go, and reads why.
func TestSilentMakesRoom(t *testing.T) {
	var b strings.Builder
	const places = 256
	for i := range places {
		fmt.Fprintf(&b, "connect s%d raw 198.51.%d.%d\n...\n", i, 100+i/200, i%200+1)
	}
	b.WriteString(`wait 1s
...
connect bob line 203.0.113.7
bob < Hello.
bob | _
s0 << "\r\n"
s0 << "Many people are connecting, and your client sent nothing. Please come again.\r\n"
s0 << (closed)
wait 1s
...
bob > guest
...
bob > who
bob < 1 user online:
bob < guest
connect ann line 203.0.113.8
ann < Hello.
ann | _
wait 1s
...
-- parley.yaml --
limits-exempt: none
banner: $WORK/hello
-- hello --
Hello.
`)
	p, err := parsePlay("silence", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	perform(t, p, serveProgram)
}
