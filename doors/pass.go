package doors

import (
	"container/list"
	"net"
	"net/netip"

	"parley/internal/rawconn"
)

// A Pass is one connection that was let in. Whoever serves the connection says by it what becomes of the visitor.
type Pass struct {
	gate   *Gate // nil if there is none
	source netip.Addr
	exempt bool // no limit but that on all connections concerns it
	first  *first

	proxied  bool
	forwards bool // the proxy has not said yet who comes

	// Guarded by the gate's lock.
	key      netip.Addr    // of its source among the gate's; not looked at where it is exempt
	state    state         // which of the counts it is in
	known    bool          // its source was known: its place is among those who are
	heard    bool          // it has sent something since it was last new
	silent   *list.Element // among the gate's, while nothing was heard of it, and it is new and not known
	late     bool          // it was sent away because it took too long
	expelled bool          // it was sent away to make room
	expel    func(reason error)
}

// A state is how far a visitor has come.
type state uint8

const (
	isNew      state = iota // not logged in
	isWaiting               // for its password to be checked: the queue for that has its own bounds
	isLoggedIn              // if only as a guest
	hasLeft                 // only its connection is still to be closed
)

// Source returns where the connection comes from: the zero Addr if nobody knows.
func (p *Pass) Source() netip.Addr { return p.source }

// Proxied reports whether a proxy says where the visitor comes from. How the visitor came to the proxy nobody knows.
func (p *Pass) Proxied() bool { return p.proxied }

// Heard is told what the peer sent, before anybody makes something of it, until it returns that it knows enough. It
// returns a [Refusal] if that is a protocol that is not spoken here; nothing that was sent must be obeyed then.
// received is not kept.
func (p *Pass) Heard(received []byte) (enough bool, err error) {
	if p.first == nil || len(received) == 0 {
		return p.first == nil, nil
	}
	p.Sent()
	protocol, more := p.first.add(received)
	if !more {
		p.first = nil
	}
	if protocol != "" {
		return true, Refusal{Reason: NotSpoken, Protocol: protocol}
	}
	return !more, nil
}

// Sent says that the peer has sent something that Heard is not told of: a handshake.
func (p *Pass) Sent() {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.heardLocked(p)
}

// OnExpel sets what sends the visitor away when others need the place: it must not block, and may be called at once,
// from any goroutine, until LoggedIn is. Before OnExpel is called the connection is closed without a word.
func (p *Pass) OnExpel(expel func(reason error)) {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	expelled := p.expelled
	p.expel = expel
	p.gate.mu.Unlock()
	if expelled {
		expel(Refusal{Reason: MadeRoom})
	}
}

// LoggedIn says that the visitor has logged in, if only as a guest.
func (p *Pass) LoggedIn() {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.loggedInLocked(p)
}

// Waits says that the visitor waits for its password to be checked, behind others, and then that this is over.
// Meanwhile it does not count among those that are not logged in: it can do nothing to come in sooner.
func (p *Pass) Waits(yes bool) {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.waitsLocked(p, yes)
}

// Failed says that the visitor had a password wrong.
func (p *Pass) Failed() {
	if p.gate == nil || p.exempt {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.failedLocked(p)
}

// Late says that the visitor is sent away because it took too long to log in.
func (p *Pass) Late() {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.late = true
}

// leave says that the visitor goes, and reports whether what was said last needs a while to arrive: who never said a
// word has no input under way, because of which the system would throw it away.
func (p *Pass) leave() (linger bool) {
	if p.gate == nil {
		return true
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.leaveLocked(p)
	return !p.expelled
}

// closed says that the connection is closed. Its descriptor is free for another one.
func (p *Pass) closed() {
	if p.gate == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.stats.Conns--
}

func newPass(g *Gate, source netip.Addr, nc net.Conn) *Pass {
	_, proxied := nc.(*carried)
	_, forwards := nc.(*forwarding)
	return &Pass{gate: g, source: source, first: new(first), proxied: proxied || forwards, forwards: forwards,
		expel: func(error) { nc.Close() }}
}

// pace is how fast those are read whom limits concern: faster than anybody types, and all of a long text at once. What
// each door makes of bytes takes the processor's time, if they are no line for a session to pace.
var pace = rawconn.Pace{Burst: 64 << 10, Rate: 8 << 10}

// Limited reports whether limits concern the visitor, or those for whom a proxy comes.
func (p *Pass) Limited() bool { return p.gate != nil && (!p.exempt || p.forwards) }

// paced returns nc as a connection that is read at that pace, if limits concern the visitor.
func (p *Pass) paced(nc net.Conn) net.Conn {
	if !p.Limited() {
		return nc
	}
	conn := rawconn.Paced(rawconn.Of(nc), pace)
	p.OnExpel(func(error) { conn.Close() })
	return conn
}

// Fetches says that the visitor asks for what nobody has to log in for, such as a page: it does not count among those
// that are not logged in, and leaving costs nothing.
func (p *Pass) Fetches() { p.LoggedIn() }

// Forwards reports whether a proxy has still to say, by [Pass.From], who comes. Until then no limit but that on all
// connections concerns the visitor.
func (p *Pass) Forwards() bool { return p.forwards }

// From says for a proxy who comes: from now on the visitor is one from there, who is not logged in. Only one goroutine
// may call it, and before others have the pass. It returns a [Refusal] if nobody from there is let in.
func (p *Pass) From(source netip.Addr) error {
	p.source, p.forwards = source, false
	if p.gate == nil {
		return nil
	}
	expel, err := p.gate.named(p)
	if expel != nil {
		expel(Refusal{Reason: MadeRoom})
	}
	return err
}

// Stays says that a visitor that fetched is one like all others from now on, who has sent nothing yet. It returns a
// [Refusal] if there is no room.
func (p *Pass) Stays() error {
	if p.gate == nil || p.exempt {
		return nil
	}
	expel, err := p.gate.stay(p)
	if expel != nil {
		expel(Refusal{Reason: MadeRoom})
	}
	return err
}
