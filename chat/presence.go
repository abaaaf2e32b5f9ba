package chat

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/turn"
	"parley/settings"
)

// A Receiver is the connection that a user who is online sits at. Its methods may be called from any goroutine and must
// not block.
type Receiver interface {
	// Wake says that there is something in the mailbox. The context is that of whoever put it there.
	Wake(ctx context.Context)
	// End says that the connection has to end, and why.
	End(reason error)
	// Source returns the address that the connection comes from: the zero Addr if it is not known.
	Source() netip.Addr
}

// A Presence is one user's being online on this node: what stays the same while the user moves from one connection to
// another. Safe for concurrent use.
type Presence struct {
	// User is who is online.
	User User

	id    string    // of the entry
	since time.Time // when the user came to this node
	node  *Node
	at    atomic.Pointer[stay] // nil where that is since then, with that id: not for a user who has moved here
	mail  mailbox

	lines atomic.Int64
	// when the user last entered a line: nanoseconds after since, by the monotonic clock
	input  atomic.Int64
	stage  atomic.Int32           // one of those below; changed by reach alone
	linked atomic.Bool            // see Linked
	wishes atomic.Pointer[wishes] // nil for none; replaced whole by the holder of the turn

	// The desk is told of each change by whoever made it and has the turn: see Node.amend.
	operator atomic.Bool
	info     atomic.Pointer[Text]    // of a guest
	absence  atomic.Pointer[Absence] // nil while the user is not away

	registered atomic.Pointer[string] // the account that a guest registered last
	partners   atomic.Pointer[partners]

	heard atomic.Pointer[heard] // nil while there is nothing
	came  atomic.Uint64         // the order of the last line before the user came

	unfinished atomic.Pointer[Unfinished] // what waits for the next connection; nil for nothing

	// turn is taken while the user comes or goes, to a room or a connection too: one move at a time, although a command
	// of the connection before may still be at work.
	turn turn.Turn

	mu       sync.Mutex // guards all below, and is held while the stage changes
	receiver Receiver
	coming   *coming // the seat from another node; nil where none is on its way
}

// The stages of a presence. It goes from each to any later one, and never back.
const (
	stageComes int32 = iota // the desk does not know it yet: what is for the user alone may be told elsewhere
	stageSits               // it hears what concerns the user
	stageDeaf               // it hears nothing more, and is on the way out
	stageGone               // it is no longer online
	stageMoved              // it is no longer online here: the user has moved to another node
)

// A stay is what the desk knows a user's being online by, on whichever node.
type stay struct {
	id    string    // of the entry
	since time.Time // when the user came
}

// newPresence returns u's being online at r, and its turn is the caller's. all are the blocks of the user's account.
func newPresence(n *Node, u User, all blocks, r Receiver) *Presence {
	p := &Presence{User: u, id: rand.Text(), since: time.Now(), node: n, receiver: r}
	if len(all) > 0 {
		p.wishes.Store(&wishes{blocks: all})
	}
	p.turn.Take()
	return p
}

func (p *Presence) stay() stay {
	if at := p.at.Load(); at != nil {
		return *at
	}
	return stay{p.id, p.since}
}

// entry returns what the desk is to say of p.
func (p *Presence) entry() Entry {
	at := p.stay()
	e := Entry{ID: at.id, Node: p.node.desk.Node(), User: p.User, Since: at.since, LastInput: p.lastInput(),
		Source: p.Source(), Operator: p.Operator(), Muted: p.node.hides(context.Background(), p.User)}
	r, _ := p.connection()
	e.Absence, e.Client, e.Held = p.Absence(), clientOf(r), holdOf(r)
	if info := p.info.Load(); info != nil {
		e.Info = *info
	}
	return e
}

// Operator reports whether the user is an operator.
func (p *Presence) Operator() bool { return p.operator.Load() }

// Source returns the address that the user's connection comes from: the zero Addr if it is not known.
func (p *Presence) Source() netip.Addr {
	r, _ := p.connection()
	return r.Source()
}

// reached reports whether p has come to that stage, or further.
func (p *Presence) reached(stage int32) bool { return p.stage.Load() >= stage }

// reach brings p to that stage, and returns false if p has come there, or further, before.
func (p *Presence) reach(stage int32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reachLocked(stage)
}

func (p *Presence) reachLocked(stage int32) bool {
	if p.reached(stage) {
		return false
	}
	p.stage.Store(stage)
	return true
}

// connection returns the connection that the user sits at, or sat at last, and whether the user is gone.
func (p *Presence) connection() (r Receiver, gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.receiver, p.reached(stageGone)
}

// touch says that the user has entered a line.
func (p *Presence) touch() { p.input.Store(int64(time.Since(p.since))) }

func (p *Presence) lastInput() time.Time { return p.since.Add(time.Duration(p.input.Load())) }

// Hear puts e into the mailbox, unless its user does not want to hear from its speaker, or does not sit here. It is the
// node's to call.
func (p *Presence) Hear(ctx context.Context, e *Event) {
	if p.stage.Load() != stageSits || p.leavesOut(e) {
		return
	}
	if news, overflow := p.mail.put(e); news || overflow {
		p.rouse(ctx, overflow)
	}
}

// rouse wakes the connection, or ends it because the mailbox overflows.
func (p *Presence) rouse(ctx context.Context, overflow bool) {
	if !overflow {
		if r, gone := p.connection(); !gone { // the last thing to be read is why
			r.Wake(ctx)
		}
		return
	}
	r, ok := p.deafen()
	if !ok {
		return
	}
	p.node.counters.overflows.Add(1)
	r.End(ErrTooSlow)
	// The terminal may take its time to go; the user is no longer online. Not here: the desk is at work.
	// until that is done
	start(&p.node.background, p.node.log, "quit", func() { p.node.Quit(context.Background(), p, r) })
}

// deafen lets p hear nothing more, and returns the connection, which is to end and stays the last: nobody else would
// end p. It returns false if p hears nothing already.
func (p *Presence) deafen() (at Receiver, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.receiver, p.reachLocked(stageDeaf)
}

// Take empties the mailbox and returns the events in it, oldest first, without those from users blocked meanwhile.
func (p *Presence) Take() []*Event { return p.TakeInto(nil) }

// TakeInto is Take into the memory of events, whose elements it replaces.
func (p *Presence) TakeInto(events []*Event) []*Event {
	return slices.DeleteFunc(p.mail.take(events[:0]), p.skips)
}

// Unread returns about how many bytes wait to be read, at most MailboxBytes.
func (p *Presence) Unread() int { return p.mail.unread() }

// Pause says that what comes is left in the mailbox for a while: its receiver is woken for the first of it, and once
// more when it is more than PauseBytes.
func (p *Presence) Pause() { p.mail.setMark(PauseBytes) }

// Lines returns how many lines the user has entered.
func (p *Presence) Lines() int64 { return p.lines.Load() }

// Entered counts a line that the user entered, which also ends being idle.
func (p *Presence) Entered() {
	p.lines.Add(1)
	p.touch()
}

// Registered returns the name of the account that the user, a guest, registered last, or "" if there is none.
func (p *Presence) Registered() string {
	if name := p.registered.Load(); name != nil {
		return *name
	}
	return ""
}

// wait waits for the turn, which yield gives up.
func (p *Presence) wait(ctx context.Context) error { return p.turn.Await(ctx) }

func (p *Presence) yield() { p.turn.Give() }

// attach makes r the connection, and returns the one before. It returns false if the user is gone, or on the way out.
func (p *Presence) attach(r Receiver) (old Receiver, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reached(stageDeaf) {
		return nil, false
	}
	if old, p.receiver = p.receiver, r; holdOf(old) != nil {
		p.mail.resume()
	}
	p.touch()
	return old, true
}

// end ends the presence, if r is still its connection or nil, and returns that. It returns false if it does not, or the
// user is gone already.
func (p *Presence) end(r Receiver) (at Receiver, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r != nil && p.receiver != r || !p.reachLocked(stageGone) {
		return nil, false
	}
	return p.receiver, true
}

// move waits for the turn to change what rooms the user is in. It returns ErrMoved, and no turn, if the user has gone:
// then the caller is a command of a connection that another had taken over.
func (p *Presence) move(ctx context.Context) error {
	if err := p.wait(ctx); err != nil {
		return err
	}
	if p.reached(stageGone) {
		p.yield()
		return ErrMoved
	}
	return nil
}

// Sit is the desk's to call: see [Listener].
func (p *Presence) Sit() { p.reach(stageSits) }

// read makes p know what is in the account. The caller has p's turn.
func (p *Presence) read(a *account) {
	w := &wishes{blocks: a.blocks(), watched: watchedIn(a.Watched), settings: a.Settings}
	if len(a.Aliases) > 0 {
		w.aliases = aliasLines(a.Aliases)
	}
	p.replaceWishes(w)
	p.node.watchers.note(p)
}

// Wishes are what a user has set for oneself. They are never changed once somebody may read them.
type wishes struct {
	blocks   blocks
	watched  []string          // names, sorted: see Node.Watch
	aliases  map[string]string // lines by name
	settings settings.Values
}

var noWishes wishes

func (p *Presence) wishesNow() *wishes {
	if w := p.wishes.Load(); w != nil {
		return w
	}
	return &noWishes
}

// own returns what the user has set as an account has it: for a guest, who has none.
func (p *Presence) own() *account {
	a := &account{Aliases: p.Aliases(), Watched: p.Watched(), Settings: p.Settings()}
	a.setBlocks(p.blocksNow())
	return a
}

// moved reports whether the user has moved to another node.
func (p *Presence) moved() bool { return p.reached(stageMoved) }
