package session

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
	"parley/commands"
)

// A Session is one person at one terminal. It is a [chat.Receiver] and, to the commands it runs, a [commands.Session].
type Session struct {
	server *Server
	term   Terminal

	turn turn // of who edits and draws

	// What follows belongs to who has the turn.
	screen     Screen
	lines      Editor // of the command line
	editor     Editor // of the line that is being typed
	prompt     string
	in         []byte       // input that was read and not yet looked at, in:
	buffer     *inputBuffer // nil while nobody types
	commanding bool         // the line that is typed is a command
	resting    bool         // nobody types: input is to be awaited
	awaited    bool         // that has been done
	out        []byte       // output not yet written
	atPrompt   bool         // whether out ends in a prompt
	inputEnd   error        // what reading ended with
	watch      strippedWatch
	cleared    bool      // the screen was cleared since input was read
	completed  time.Time // when completions would be whole again
	listed     string    // the line for which completions were listed since then
	me         *chat.Presence
	failures   int  // logins refused
	quitting   bool // after this command
	warned     bool // that passwords can be seen
	over       bool // nothing more is drawn
	visitor    Visitor
	late       bool // it took too long to log in
	exempt     bool // no pace holds
	pacing     pacing

	ending  chan struct{}         // closed when there is a reason
	reason  atomic.Pointer[error] // why the session was ended from outside
	asked   atomic.Bool           // whether anybody is there
	waking  atomic.Bool           // something came that is not shown
	writing sync.WaitGroup        // the goroutine that goes on where a pass would have to wait
	deep    sync.WaitGroup        // the goroutine of aside

	speaking atomic.Bool // a pass is made when the input is used up

	queued atomic.Bool // the deliverer has it to visit
	next   *Session    // the deliverer's
}

var (
	errQuit    = errors.New("the user quit") // ends the session after quit
	errPanic   = errors.New("panic")         // ends it too
	errResting = errors.New("nobody types")  // makes the session wait with as little as it needs
)

func newSession(srv *Server, t Terminal, v Visitor) *Session {
	if v.Pass == nil {
		v.Pass = noPass{}
	}
	s := &Session{server: srv, term: t, visitor: v, exempt: srv.Exempt.Has(v.Source), ending: make(chan struct{})}
	wake := func() { s.Wake(context.Background()) }
	t.Notify(wake, func() {
		s.asked.Store(true)
		wake()
	})
	return s
}

// serve runs the session to its end. Its goroutine lives as long as the session, and a stack that has grown hardly shrinks again: so it only waits,
// and what goes deeper is done aside.
func (s *Session) serve(ctx context.Context) (why error) {
	why = errPanic
	s.turn.take()
	ctx = context.WithValue(ctx, speakerKey{}, s)
	defer s.close(context.WithoutCancel(ctx))
	defer s.recovered("session")
	err := s.aside(func() error {
		s.visitor.Pass.OnExpel(s.End)
		s.setDeadline(time.Now().Add(s.server.loginTimeout()))
		if err := s.greet(ctx); err != nil {
			return err
		}
		return s.login(ctx)
	})
	for err == nil {
		err = s.aside(func() error { return s.commands(ctx) })
		if err == errResting {
			s.await()
			s.resting, s.awaited, err = false, true, nil
		}
	}
	if !s.over {
		_ = s.aside(func() error {
			s.part(err)
			return nil
		})
	}
	return s.why(err)
}

// why returns why the session ended, err being what its loop ended with: nil if its user ended it.
func (s *Session) why(err error) error {
	if reason := s.ended(); reason != nil {
		return reason
	}
	if errors.Is(err, errQuit) {
		return nil
	}
	return err
}

// await waits for input, and has the turn again whatever happens.
func (s *Session) await() {
	s.yield()
	defer s.turn.take()
	_ = s.term.Await() // an error comes again when the input is read
}

// aside runs f in a goroutine of its own, with the turn of who calls it, and waits for it. It returns f's error, and one that ends the session after a panic.
func (s *Session) aside(f func() error) error {
	err := errPanic
	s.deep.Go(func() {
		defer s.recovered("session")
		err = f()
	})
	s.deep.Wait()
	return err
}

// recovered ends the session after a panic: it must not take another's with it. Use it by defer.
func (s *Session) recovered(where string) {
	if v := recover(); v != nil {
		logPanic(s.server.log().With("user", s.name(), "remote", s.term.RemoteAddr()), where, v)
		s.End(errors.New("panic in " + where))
		s.over = true
	}
}

// close leaves the chat and waits for all that the session has started.
func (s *Session) close(ctx context.Context) {
	defer s.server.remove(s)
	if s.late {
		s.visitor.Pass.Late()
	}
	s.noteSlow()
	s.quit(ctx)
	s.over = true
	s.turn.give()
	s.writing.Wait()
	if s.lines != nil {
		s.lines.Close()
	}
}

// noteSlow tells the operator of a session that was ended because its terminal did not take what was written.
func (s *Session) noteSlow() {
	if !errors.Is(s.ended(), chat.ErrTooSlow) {
		return
	}
	unread := 0
	if s.me != nil {
		unread = s.me.Unread()
	}
	s.server.slow.Add(1)
	s.server.log().Warn("ended because it does not read", "user", s.name(), "remote", s.term.RemoteAddr(), "unread", unread)
}

// quit ends the user's being online.
func (s *Session) quit(ctx context.Context) {
	defer s.spoken()
	defer s.recovered("quit")
	if s.me != nil {
		for !s.server.deliverer.admit(quitBytes) { // the members of the user's rooms are about to be told
			s.server.deliverer.caughtUp()
		}
		s.speaking.Store(true)
		s.server.Chat.Quit(ctx, s.me, s)
	}
}

// part says goodbye, according to why the session ends.
func (s *Session) part(err error) {
	if reason := s.ended(); reason != nil {
		s.print(chat.Sentence(reason))
		if errors.Is(reason, chat.ErrStopped) {
			s.printText(s.server.texts().Goodbye)
		}
	} else if errors.Is(err, errQuit) || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) || chat.IsRefusal(err) {
		s.printText(s.server.texts().Goodbye)
	} else {
		return // the connection is gone
	}
	s.compose()
	_ = s.flush() // the peer may be gone, and nobody is left to be told
}

// Wake shows what came, if the session waits for input: at once, or, if ctx is that of a session at work, when its input is used
// up. It may be called from any goroutine and does not block.
func (s *Session) Wake(ctx context.Context) {
	s.waking.Store(true)
	s.server.deliverer.enqueue(s)
	if by, ok := ctx.Value(speakerKey{}).(*Session); !ok || !by.speaking.Load() {
		s.server.deliverer.start()
	}
}

// speakerKey is the context key of the session that does something. While it is speaking it promises to see to the deliveries.
type speakerKey struct{}

// spoken shows others what the session has said to them. Call it before the session waits for anything.
func (s *Session) spoken() {
	s.speaking.Store(false) // before the pass: what comes from now on is not promised
	s.server.deliverer.run()
}

// yield gives the turn up. A visitor that found it taken did not wait, and is to come again.
func (s *Session) yield() {
	s.turn.give()
	if s.waking.Load() {
		s.Wake(context.Background())
	}
}

// show draws what came, unless somebody else has the turn, who will look for it then. It does not wait.
func (s *Session) show(b *scratch) {
	defer survive(s.server.log(), "delivery") // the next session is to be visited all the same
	if !s.turn.try() {
		return
	}
	switch {
	case s.over:
		s.turn.give()
	case s.showNow(b):
		s.yield()
	}
}

// showNow is show for who has the turn. It reports whether that is over: if not, a goroutine goes on that gives up the turn then.
func (s *Session) showNow(b *scratch) (done bool) {
	defer s.recovered("show")
	done = true
	s.screen.Borrow(b.out)
	b.out = nil
	s.deliver(b)
	s.compose()
	rest, err := s.flushNow()
	if rest == nil {
		b.out, s.out = s.out[:0], nil
		_ = s.flushed(err) // it ends the session, which has a goroutine of its own for that
		return done
	}
	done = false
	s.writing.Go(func() { // until the terminal takes it or its time is over
		defer s.yield()
		defer s.recovered("show")
		s.out = nil
		_ = s.flushed(rest())
	})
	return done
}

// End makes the session tell its user reason and end, after the command in flight. It may be called from any goroutine and does not block.
func (s *Session) End(reason error) {
	if s.reason.CompareAndSwap(nil, &reason) {
		close(s.ending)
		_ = s.term.SetReadDeadline(time.Unix(1, 0))
		_ = s.term.SetWriteDeadline(time.Now().Add(partingTime))
	}
}

// Source returns the address that the user comes from: the zero Addr if nobody knows it.
func (s *Session) Source() netip.Addr { return s.visitor.Source }

// ended returns why the session was ended from outside, or nil.
func (s *Session) ended() error {
	if p := s.reason.Load(); p != nil {
		return *p
	}
	return nil
}

// setDeadline sets when a read gives up, but not for a session that was ended from outside.
func (s *Session) setDeadline(t time.Time) {
	_ = s.term.SetReadDeadline(t)
	if s.ended() != nil {
		_ = s.term.SetReadDeadline(time.Unix(1, 0))
	}
}

// commands reads lines and does what they say until there is a reason not to go on; errResting is one.
func (s *Session) commands(ctx context.Context) error {
	for {
		if err := s.command(ctx); err != nil {
			return err
		}
	}
}

// command reads one line and does what it says.
func (s *Session) command(ctx context.Context) error {
	line, err := s.readCommand(ctx)
	if errors.Is(err, chat.ErrLineTooLong) {
		s.me.Entered()
		s.print(chat.Sentence(err))
		return nil
	}
	if err != nil {
		return err
	}
	s.me.Entered()
	err = s.server.Commands.Run(ctx, s.call(line), line)
	switch {
	case err != nil && (s.ended() != nil || errors.Is(err, s.inputEnd)): // it waited, or asked something, when that came
		return err
	case err != nil:
		s.refuse(err)
	}
	switch {
	case s.quitting, s.failures >= maxFailures:
		return errQuit
	}
	return nil
}

// refuse tells the user why not; what is no refusal is logged.
func (s *Session) refuse(err error) {
	if !chat.IsRefusal(err) {
		s.server.log().Error("command", "user", s.name(), "remote", s.term.RemoteAddr(), "err", err)
	}
	s.print(chat.Sentence(err))
}

func (s *Session) name() string {
	if s.me == nil {
		return ""
	}
	return s.me.User.Name
}

func (s *Session) call(line string) *commands.Call {
	wait := func(ctx context.Context, p commands.Pace) error { return s.wait(ctx, p, len(line)) }
	return &commands.Call{Chat: s.server.Chat, By: chat.By(s.me), Me: s.me, Session: s, Print: s.print, Wait: wait}
}

// Quit ends the session after the command that is running.
func (s *Session) Quit() { s.quitting = true }

// Ask asks for a secret.
func (s *Session) Ask(ctx context.Context, prompt string) (string, error) {
	return s.readSecret(prompt)
}

// AskShown asks for what may be seen while it is typed.
func (s *Session) AskShown(ctx context.Context, prompt string) (string, error) {
	return s.readLine(prompt, nil)
}

// print puts text above the prompt.
func (s *Session) print(text string) { s.screen.Print(text) }

// printText puts a text of the operator's above the prompt, nothing for an empty one.
func (s *Session) printText(text string) {
	if text != "" {
		s.print(text)
	}
}
