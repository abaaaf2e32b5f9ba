package session

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/chat"
	"parley/commands"
	"parley/words"
)

// A Server serves terminals: it holds what all sessions share. Its fields must not be changed once a session was
// started; Chat and Commands must be set, the zero value of the others works.
type Server struct {
	Chat     *chat.Node
	Commands *commands.Registry
	// Texts returns the texts to show now; nil means the built-in ones. Safe for concurrent use.
	Texts func() Texts
	// Status returns the lines, each with its end, that answer MSSP-REQUEST where a name is asked for; nil means that
	// this is a name like any other. Safe for concurrent use.
	Status func() string
	// Words has the sentences that users read; nil means English.
	Words *words.Table
	// Exempt are sources that no pace concerns; see [chat.Sources] for nil.
	Exempt chat.Sources
	// LoginTimeout is how long somebody may take from the connection to the login, whatever is typed meanwhile; zero
	// means 60 s. A visitor who asks for the form for screen readers has three times as long from then on.
	LoginTimeout time.Duration
	// AnswerTimeout is how long the terminal may take to say what it is, or whether it can hide what is typed; zero
	// means 300 ms.
	AnswerTimeout time.Duration
	Log           *slog.Logger // nil means none

	deliverer  deliverer
	renderings renderings
	workers    workers
	slow       atomic.Uint64
	besides    besides

	mu       sync.Mutex // guards sessions and stopping
	sessions map[*Session]bool
	stopping error
}

// partingTime is how long a session that was ended from outside may take to tell its user.
const partingTime = time.Second

// Start begins the session of one terminal, which goes from the greeting to the goodbye, and has done called, once,
// when it is over. It does not close t. The session ends when its user quits or the connection does, and by
// [Server.Stop]; ctx is for what the session waits for meanwhile, and should outlive it, or a command in flight is cut
// short.
//
// done learns why the session ended: nil if its user ended it, the error of the terminal, or the reason for which it
// was ended. It is called from any goroutine.
func (srv *Server) Start(ctx context.Context, t Terminal, v Visitor, done func(why error)) {
	s := newSession(srv, t, v)
	s.ctx, s.done = ctx, done
	if stopping := srv.add(s); stopping != nil {
		s.End(stopping)
	}
	srv.workers.start(s)
}

// Serve is Start for callers that wait for the end: it returns what done would learn.
func (srv *Server) Serve(ctx context.Context, t Terminal, v Visitor) error {
	ended := make(chan error, 1)
	srv.Start(ctx, t, v, func(why error) { ended <- why })
	return <-ended
}

// add notes that s is running, and returns why it should not if all are to end.
func (srv *Server) add(s *Session) (stopping error) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.sessions == nil {
		srv.sessions = make(map[*Session]bool)
	}
	srv.sessions[s] = true
	return srv.stopping
}

func (srv *Server) remove(s *Session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.sessions, s)
}

// Stop ends all sessions, those to come too; their users are told reason. It does not wait for them. A command in
// flight is finished.
func (srv *Server) Stop(reason error) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.stopping = reason
	for s := range srv.sessions {
		s.End(reason)
	}
}

// Wait waits for what is still done for the sessions. Call it when all sessions are over, and there will be no more.
func (srv *Server) Wait() {
	srv.deliverer.running.Wait()
	srv.workers.close()
}

// Stats are figures of a server, as sql.DBStats are of a database.
type Stats struct {
	// Open is how many sessions there are, those before the login too.
	Open int
	// Slow is how many were ended because their terminal did not take what was written.
	Slow uint64
}

// Stats returns the server's figures. Safe for concurrent use.
func (srv *Server) Stats() Stats {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return Stats{Open: len(srv.sessions), Slow: srv.slow.Load()}
}

func (srv *Server) isStopping() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.stopping != nil
}

func (srv *Server) loginTimeout() time.Duration { return cmp.Or(srv.LoginTimeout, time.Minute) }

func (srv *Server) answerTimeout() time.Duration {
	return cmp.Or(srv.AnswerTimeout, 300*time.Millisecond)
}

func (srv *Server) words() *words.Table { return cmp.Or(srv.Words, words.English) }

func (srv *Server) log() *slog.Logger {
	if srv.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return srv.Log
}

// broke logs that something broke for a user or a visitor, with what is known of them.
func (srv *Server) broke(what string, err error, about ...any) {
	srv.log().Log(context.Background(), chat.LevelOf(err), what, append(about, "err", err)...)
}

func (srv *Server) texts() Texts {
	if srv.Texts == nil {
		return DefaultTexts(DefaultName)
	}
	return srv.Texts()
}
