package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	gotelnet "github.com/reiver/go-telnet"
	gossh "golang.org/x/crypto/ssh"

	"parley/chat"
	"parley/doors"
	"parley/session"
	"parley/telnet"
	"parley/web"
	"parley/words"
)

// A handler serves each connection as a session.
type handler struct {
	ctx      context.Context // not done before the last session is over
	sessions *session.Server
	visited  func()    // called for each who comes; nil if nobody wants to know
	advert   *advert   // nil where there is none to be told
	secure   *secure   // nil where nobody speaks TLS
	web      *website  // nil where no browser comes
	ssh      *sshEntry // nil where nobody speaks SSH
}

var _ interface {
	session.Terminal
	session.Settler
	session.InputHider
	session.PromptWriter
	session.Claimer
	session.InputChooser
	session.Encrypter
	session.TryReader
	session.TryWriter
	session.Linker
	session.Messenger
} = (*telnet.Conn)(nil)

// door returns the door of that name.
func (h *handler) door(name string) doors.Door {
	switch name {
	case webDoor:
		return doors.Door{Open: h.web.open, Start: h.start, Refuse: h.web.refuse, Forwarded: true}
	case tlsDoor:
		return doors.Door{Open: h.secure.open, Start: h.start, Refuse: h.secure.refuse}
	case sshDoor:
		return doors.Door{Open: h.openBySSH, Start: h.startBySSH, Refuse: refuseBySSH}
	}
	return doors.Door{Start: h.start, Refuse: refuse}
}

// start begins the session of nc.
func (h *handler) start(nc net.Conn, pass *doors.Pass, done func(why error)) {
	if h.visited != nil {
		h.visited()
	}
	options := telnet.Options{First: func(received []byte) (enough bool, err error) {
		enough, err = pass.Heard(received)
		return enough, refusal(err)
	}}
	if h.advert != nil {
		options.Status = h.advert.option
	}
	conn := telnet.NewConn(nc, &options)
	visitor := session.Visitor{Door: "telnet", Source: pass.Source(), Pass: wordyPass{pass}}
	if socket, ok := nc.(*web.Conn); ok {
		visitor.Door, visitor.Tells = "web", socket.IsPage()
		done = h.web.endsBy(socket, done)
	}
	if !conn.Encrypted() && !pass.Proxied() && !visitor.Source.IsLoopback() {
		visitor.TLSPort = h.secure.port()
	}
	h.sessions.Start(h.ctx, conn, visitor, done)
}

// ServeTELNET implements the contract of github.com/reiver/go-telnet, whose server tells nothing about who comes.
func (h *handler) ServeTELNET(_ gotelnet.Context, w gotelnet.Writer, r gotelnet.Reader) {
	_ = h.sessions.Serve(h.ctx, telnet.Bare(w, r), session.Visitor{Door: "telnet"}) // that server does not ask why
}

// A wordyPass is a pass that gives its reasons in the words that users read.
type wordyPass struct{ *doors.Pass }

// OnExpel implements [session.Pass].
func (p wordyPass) OnExpel(end func(reason error)) {
	p.Pass.OnExpel(func(reason error) { end(refusal(reason)) })
}

// refuse tells who cannot come in why.
func refuse(nc net.Conn, reason error) {
	text := words.English.Sentence(refusal(reason)) + "\n"
	_, _ = nc.Write([]byte(strings.ReplaceAll(text, "\n", "\r\n"))) // who does not read it is refused all the same
}

// refusal returns what a user reads for err, if that is a refusal of the door, and err if not.
func refusal(err error) error {
	r, ok := errors.AsType[doors.Refusal](err)
	if !ok {
		return err
	}
	switch r.Reason {
	case doors.Full:
		return chat.ErrServerFull
	case doors.Crowded:
		return chat.ErrManyConnecting
	case doors.ManyOpen:
		return chat.ErrManyFromSource.With(r.Limit)
	case doors.ManyNew:
		return chat.ErrManyWaiting.With(r.Limit)
	case doors.Penalty:
		return chat.ErrPenalty.With(r.Wait)
	case doors.MadeRoom:
		return chat.ErrMadeRoom
	case doors.NotSpoken:
		return chat.ErrNotSpoken.With(r.Protocol)
	}
	return err
}

// endings are the reasons for which sessions end, in the words of the log. They are few, and never those of a user or
// an operator.
var endings = []struct {
	err  *chat.Refusal
	text string
}{
	{chat.ErrTooSlow, "did not read"},
	{chat.ErrLate, "took too long to log in"},
	{chat.ErrNotSpoken, doors.NotSpoken.String()},
	{chat.ErrEncryptedAlone, "no TLS"},
	{chat.ErrWrongDoor, "no SSH"},
	{chat.ErrMadeRoom, doors.MadeRoom.String()},
	{chat.ErrAddressBanned, "banned"},
	{chat.ErrBanned, "banned"},
	{chat.ErrStopped, "the server stops"},
	{chat.ErrLogin, "too many wrong passwords"},
}

// whyEnded says for the log why a session ended; "" means that it was not its user who did that.
func whyEnded(err error) string {
	for _, e := range endings {
		if errors.Is(err, e.err) {
			return e.text
		}
	}
	switch {
	case errors.Is(err, web.ErrPages):
		return "fetched pages"
	case errors.Is(err, errCertified):
		return errCertified.Error()
	}
	if chat.IsRefusal(err) {
		return "sent away"
	}
	if _, ok := errors.AsType[*gossh.ServerAuthError](err); ok {
		return "gave up the login by SSH"
	}
	if end, ok := errors.AsType[*web.CloseError](err); ok {
		if end.Code == web.CodeGoingAway {
			return doors.Why(io.EOF)
		}
		return "broke the protocol of WebSockets"
	}
	return ""
}
