package session

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
	"parley/chat/passwd"
	"parley/commands"
	"parley/internal/crash"
	"parley/internal/turn"
)

// A Session is one person at one terminal. It is a [chat.Receiver] and, to the commands it runs, a [commands.Session].
type Session struct {
	// What a pass needs of each session stands first, for the sake of the processor's cache.
	server *Server
	term   Terminal

	// For any goroutine.
	reason   atomic.Pointer[error] // why the session was ended from outside
	asked    atomic.Bool           // the peer asks whether anybody is there
	changed  atomic.Bool           // the terminal is not as it was
	waking   atomic.Bool           // something came that is not shown
	speaking atomic.Bool           // the session promises to make a pass: see Wake

	// Owned by the deliverer.
	queued atomic.Bool
	next   *Session

	turn turn.Turn // held by whoever edits and draws

	// Owned by the holder of the turn.
	me       *chat.Presence // nil before the login
	phase    phase
	prompted bool  // a line is wanted
	cleared  bool  // the screen was cleared since input was read
	atPrompt bool  // out ends in a prompt
	asReader bool  // the user has typed "reader" where a name was asked for
	warned   bool  // the user knows that passwords can be seen
	exempt   bool  // no pace holds
	paused   bool  // what others say waits
	beside   bool  // messages wait for the next write
	failures uint8 // logins refused
	watch    strippedWatch
	pager    pager
	out      []byte // output that was not written
	prompt   string // what stands before the line that is typed, if anything
	look     look   // how things are shown
	screen   Screen

	lines    CommandEditor // of the command line; nil at rest, where the peer edits and no line was begun
	editor   Editor        // of the line that is being typed; nil as lines is
	said     said          // what the terminal said of itself when that was made
	in       []byte        // input that was read and that no editor has had
	pasted   int           // how much of it, from the start, was pasted
	buffers  *buffers      // where it stands, and what is composed; nil while the session rests
	inputEnd error         // what ended the input
	rarely   *rarely       // nil where there is nothing of it
	talking  *commands.Talking
	mark     *passwd.Mark // of the password that the user has typed

	// Who came, by the door.
	pass    Pass
	source  netip.Addr
	door    string
	visitor *Visitor // nil after the login

	waits *waitingReader  // where the terminal is no TryReader
	ctx   context.Context // for what the session waits for
	ready func()          // has a worker do what there is to do
	done  func(why error) // called when the session is over

	// For any goroutine too.
	ending  atomic.Pointer[chan struct{}] // closed when there is a reason; nil while nobody waits for that
	writing sync.WaitGroup                // the goroutine that waits for the terminal where a pass would have to
}

// A phase is what a session is at.
type phase uint8

const (
	arriving   phase = iota // it asks who is there
	commanding              // it does what the user types
	leaving                 // it ends after the command at work
	over                    // nothing more is drawn
	gone                    // all that it has started has ended, or is about to
)

func newSession(srv *Server, t Terminal, v Visitor) *Session {
	if v.Pass == nil {
		v.Pass = noPass{}
	}
	s := &Session{server: srv, term: t, exempt: srv.Exempt.Has(v.Source), pass: v.Pass, source: v.Source, door: v.Door,
		visitor: &v, look: look{View: View{Words: srv.words()}}}
	if _, ok := t.(TryReader); !ok {
		s.waits = &waitingReader{server: srv, term: t}
	}
	s.ready = func() { s.server.workers.start(s) }
	if v.Reader {
		s.asReader = true
		s.relook()
	}
	t.Notify(func() {
		s.changed.Store(true)
		s.Wake(context.Background())
	}, func() {
		s.asked.Store(true)
		s.Wake(context.Background())
	})
	return s
}

// why returns why the session ended, err being what its loop ended with: nil if its user ended it.
func (s *Session) why(err error) error {
	if reason := s.ended(); reason != nil {
		return reason
	}
	return err
}

// recovered ends the session after a panic: it must not take another's with it. Use it by defer.
func (s *Session) recovered(where string) {
	if v := recover(); v != nil {
		crash.Log(s.server.log().With("user", s.name(), "remote", s.term.RemoteAddr()), where, v)
		s.End(errors.New("panic in " + where))
		s.phase = over
	}
}

// close leaves the chat and waits for all that the session has started.
func (s *Session) close(ctx context.Context, reason error) {
	defer s.server.remove(s)
	s.leaveChat(ctx, reason)
	s.phase = gone
	s.rest()
	s.turn.Give()
	s.writing.Wait()
}

// noteSlow tells the operator of a session that was ended because its terminal did not take what was written. Call it
// before the goodbye, which takes what is unread along.
func (s *Session) noteSlow() {
	if !errors.Is(s.ended(), chat.ErrTooSlow) {
		return
	}
	unread := 0
	if s.me != nil {
		unread = s.me.Unread()
	}
	if s.rarely != nil {
		unread = max(unread, s.rarely.unread)
	}
	s.server.slow.Add(1)
	s.server.log().Warn("ended because it does not read", "user", s.name(), "remote", s.term.RemoteAddr(), "unread",
		unread)
}

// leaveChat ends the user's being online, or leaves the seat empty for a while, according to why the session ends.
func (s *Session) leaveChat(ctx context.Context, reason error) {
	defer s.spoken()
	defer s.recovered("quit")
	if s.me != nil {
		for !s.server.deliverer.admit(quitBytes) { // the members of the user's rooms are about to be told
			s.server.deliverer.caughtUp()
		}
		s.speaking.Store(true)
		if s.keeps(reason) {
			s.server.Chat.Lose(ctx, s.me, s)
		} else {
			s.server.Chat.Quit(ctx, s.me, s)
		}
	}
}

// sayGoodbye says goodbye, according to why the session ends.
func (s *Session) sayGoodbye(err error) {
	s.dropPrompt()
	s.screen.Paste = false
	s.tellGoodbye()
	if reason := s.ended(); reason != nil {
		s.sayWhy(reason)
		if chat := s.server.Chat; s.keeps(reason) && chat.Suspended() && chat.SharesDesk() {
			s.say("seat waits", chat.Hold())
		}
		if errors.Is(reason, chat.ErrStopped) {
			s.printText(s.server.texts().Goodbye)
		}
	} else if err == nil || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) ||
		chat.IsRefusal(err) {
		if s.failures >= MaxFailures {
			s.say("tries over", MaxFailures)
		}
		s.printText(s.server.texts().Goodbye)
	} else {
		return // the connection is gone
	}
	s.compose()
	_ = s.flush() // the peer may be gone, and nobody is left to be told
}

// Wake shows what came, if the session waits for input: at once, or, if ctx is that of a session at work, when its
// input is used up. It may be called from any goroutine and does not block.
func (s *Session) Wake(ctx context.Context) {
	s.waking.Store(true)
	s.server.deliverer.enqueue(s)
	// A speaker at another server makes a pass there.
	if by, ok := ctx.Value(speakerKey{}).(*Session); !ok || by.server != s.server || !by.speaking.Load() {
		s.server.deliverer.start()
	}
}

// working is the context of what a session does.
type working struct {
	context.Context
	s *Session
}

// Value implements [context.Context].
func (w working) Value(key any) any {
	switch key.(type) {
	case speakerKey:
		return w.s
	case passwd.WaitKey:
		return passwd.Wait(w.s.awaitHash)
	}
	return w.Context.Value(key)
}

// speakerKey is the context key of the session that does something. While it is speaking it promises to see to the
// deliveries.
type speakerKey struct{}

// spoken shows others what the session has said to them. Call it before the session waits for anything.
func (s *Session) spoken() {
	s.speaking.Store(false) // before the pass: what comes from now on is not promised
	if s.server.deliverer.idle() {
		runtime.Gosched() // whoever else is about to speak does so first: it goes out in the same writes
	}
	s.server.deliverer.run()
}

// yield gives the turn up. A pass that found it taken did not wait, and is to come again.
func (s *Session) yield() {
	s.turn.Give()
	if s.waking.Load() {
		s.Wake(context.Background())
	}
}

// show draws what came, unless somebody else has the turn, who will look for it then. It does not wait.
func (s *Session) show(b *scratch) {
	defer crash.Survive(s.server.log(), "delivery") // the next session is to be visited all the same
	if !s.turn.Try() {
		return
	}
	switch {
	case s.phase >= over:
		s.turn.Give()
	case s.showNow(b):
		s.yield()
	}
}

// showNow is show for a caller who has the turn. It reports whether that is over: if not, a goroutine goes on that
// gives up the turn then.
func (s *Session) showNow(b *scratch) (done bool) {
	defer s.recovered("show")
	done = true
	s.screen.Borrow(b.out)
	b.out = nil
	s.deliverWith(b)
	if s.changed.Swap(false) { // else it is as it was when the session looked last
		s.lookAtTerminal()
	}
	s.draw()
	if len(s.out) == 0 && !s.beside {
		b.out = s.screen.Return()
		return done
	}
	s.beside = false
	out := s.look.charset.encode(s.out)
	n, err := tryWrite(s.term, out, s.atPrompt)
	if err != io.ErrShortWrite {
		b.out, s.out = s.out[:0], nil
		_ = s.flushed(err) // it ends the session, which sees to that itself
		return done
	}
	done = false
	left := out[n:]
	s.out = nil
	s.writing.Go(func() { // until the terminal takes it or its time is over
		defer s.yield()
		defer s.recovered("show")
		_ = s.flushed(write(s.term, left, s.atPrompt))
	})
	return done
}

// End makes the session tell its user reason and end, after the command in flight. It may be called from any goroutine
// and does not block.
func (s *Session) End(reason error) {
	if s.reason.CompareAndSwap(nil, &reason) {
		if waited := s.ending.Load(); waited != nil {
			close(*waited)
		}
		_ = s.term.SetReadDeadline(time.Unix(1, 0))
		_ = s.term.SetWriteDeadline(time.Now().Add(partingTime))
	}
}

// Client returns what the user came with.
func (s *Session) Client() chat.Client { return chat.Client{Name: s.term.Name(), Door: s.door} }

// Source returns the address that the user comes from: the zero Addr if nobody knows it.
func (s *Session) Source() netip.Addr { return s.source }

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

func (s *Session) name() string {
	if s.me == nil {
		return ""
	}
	return s.me.User.Name
}
