package session

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"sync"
	"time"

	"parley/chat"
	"parley/commands"
)

// A Caller is a user who runs a single command, and has shown who that is.
type Caller struct {
	Proof  chat.Proof
	Source netip.Addr
}

// The exit statuses of a single command.
const (
	Did     = 0
	Refused = 1 // or broken, or called off
	Misread = 2 // it is no command, or none that is run so
)

// RunBeside runs one command for somebody beside the own seat: see [chat.Node.Beside]. What it says goes to out, and
// why not to errs, each line with '\n'. It returns the exit status. The pace is that of a session, for all commands
// that a user runs so on this node together.
func (srv *Server) RunBeside(ctx context.Context, by Caller, line string, out, errs io.Writer) (status int) {
	err := srv.runBeside(ctx, by, line, out)
	if err == nil {
		return Did
	}
	if !chat.IsRefusal(err) && ctx.Err() == nil {
		srv.broke("command", err, "user", by.Proof.User.Name, "remote", by.Source)
	}
	_, _ = io.WriteString(errs, srv.words().Sentence(err)+"\n") // a caller who has gone does not read it
	switch {
	case errors.Is(err, chat.ErrUsage), errors.Is(err, chat.ErrNotBeside), errors.Is(err, chat.ErrLinesBeside):
		return Misread
	}
	return Refused
}

func (srv *Server) runBeside(ctx context.Context, by Caller, line string, out io.Writer) error {
	if srv.isStopping() {
		return chat.ErrStopped
	}
	if by.Proof.Reset {
		return chat.ErrResetBeside
	}
	if len(line) > chat.MaxLine {
		return chat.ErrLineTooLong
	}
	if strings.ContainsAny(strings.TrimSpace(line), "\r\n") { // what it says would run together
		return chat.ErrLinesBeside
	}
	me, err := srv.Chat.Beside(ctx, by.Proof.User, elsewhere(by.Source))
	if err != nil {
		return err
	}
	var said strings.Builder
	call := &commands.Call{Chat: srv.Chat, By: chat.By(me), Me: me, Mark: by.Proof.Mark,
		Words: srv.words(),
		Print: func(line string) { said.WriteString(line + "\n") },
		Wait:  func(ctx context.Context, p commands.Pace, bytes int) error { return srv.waitBeside(ctx, by, p, bytes) },
	}
	err = srv.Commands.RunBeside(ctx, call, line)
	if _, writing := io.WriteString(out, said.String()); err == nil {
		err = writing
	}
	return err
}

// longestWait is how long a single command waits for its pace at most. What would wait longer is refused: each that
// waits is a connection.
const longestWait = 5 * time.Second

// waitBeside is the Wait of such a command.
func (srv *Server) waitBeside(ctx context.Context, by Caller, p commands.Pace, bytes int) error {
	if !srv.Exempt.Has(by.Source) {
		d, ok := srv.besides.take(by.Proof.User.ID, p, time.Now())
		if !ok {
			return chat.ErrHurry.With(d)
		}
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for !srv.deliverer.admit(bytes + lineBytes) {
		srv.deliverer.caughtUp()
	}
	return nil
}

// besides are the paces of users who run single commands. The zero value is ready for use.
type besides struct {
	mu    sync.Mutex // guards users
	users map[string]*pacing
}

// maxBesides is of how many users that is known at a time. Beyond that all are one.
const maxBesides = 10_000

// take uses p once, and returns how long that has to wait; or, if that is too long, false and when to come again.
func (b *besides) take(user string, p commands.Pace, now time.Time) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.users == nil {
		b.users = make(map[string]*pacing)
	}
	pace := b.users[user]
	if pace == nil {
		if len(b.users) >= maxBesides {
			for other, g := range b.users {
				if g.whole(now) {
					delete(b.users, other)
				}
			}
		}
		if len(b.users) >= maxBesides {
			user = ""
		}
		if pace = b.users[user]; pace == nil {
			pace = new(pacing)
			b.users[user] = pace
		}
	}
	before := *pace
	if wait = pace.take(p, now); wait > longestWait {
		*pace = before // a user who has to come again has used nothing
		return wait, false
	}
	return wait, true
}

// whole reports whether nothing of g is used.
func (g *pacing) whole(now time.Time) bool {
	for _, t := range g {
		if t.After(now) {
			return false
		}
	}
	return true
}

// elsewhere is the connection of somebody who has no session: nothing is ever told there.
type elsewhere netip.Addr

func (elsewhere) Wake(context.Context) {}
func (elsewhere) End(error)            {}
func (e elsewhere) Source() netip.Addr { return netip.Addr(e) }
