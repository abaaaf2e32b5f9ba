package telnet

import (
	"cmp"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/rawconn"
	"parley/internal/turn"
)

// Options are the settings of a [Conn]. The zero value, and a nil pointer, work.
type Options struct {
	// WriteTimeout is how long one write to the peer may take, the answers that Read gives included; zero means 10
	// seconds.
	WriteTimeout time.Duration
	// First is shown the bytes that the peer sends first, before anything is made of them, until it returns that it has
	// seen enough. If it returns an error, they are thrown away, and Read returns that error. It must neither keep nor
	// change them. nil means that nobody wants to see them.
	First func(received []byte) (enough bool, err error)
	// Status returns what the server says of itself by MSSP: names and values, each behind its mark, as that protocol
	// writes them. nil means that MSSP is not offered. It is called from Read, Settle and HideInput, once at most for
	// each connection, and must not use it.
	Status func() []byte
}

const defaultWriteTimeout = 10 * time.Second

// A Conn is a peer that speaks Telnet, or a peer such as netcat that speaks nothing but text.
//
// It holds no buffer while it waits: Read decodes in the memory that its caller brings. See the package comment for
// which methods may be called from where.
type Conn struct {
	// What a write of text needs stands together, for the sake of the processor's cache.
	nc rawconn.Conn

	turn turn.Turn // of writing; taken before mu

	// Owned by the holder of the turn.
	writeErr error // what broke the stream of output in the middle
	afterCR  bool  // the last byte of text written was CR
	unsent   bool  // the network connection has taken what it still has to send

	limited atomic.Bool // there is a write deadline

	mu          sync.Mutex // guards everything up to areYouThere
	opened      bool       // the opening question is on its way, or will never be asked
	negotiated  bool       // the peer has said WILL, WONT, DO or DONT
	kind        kind
	edits       kind // kindLines, or kindMUD: what the peer is while it edits its lines
	choice      choice
	choosing    bool // choice is to be followed
	left        bool // the peer sent keys before that was chosen otherwise
	settling    bool // Settle waits: the peer may be switched to single keys at once
	waited      bool // Settle has waited once
	unmarked    bool // the last text written ended in a prompt, without a mark
	echo        echoAnswer
	hidden      bool // between HideInput and ShowInput
	offered     bool // our CHARSET request is out and not answered
	reported    bool // the status has been sent
	charset     charset
	columns     int
	rows        int
	negotiator  Negotiator
	queue       []byte // commands that leave before the next text
	names       names
	mud         *mud // nil while the peer has said nothing of that
	changed     func()
	areYouThere func()

	writeTimeout time.Duration
	reading      deadline
	writing      deadline

	// The reader's own.
	decoder     Decoder
	kept        []byte // bytes received in Settle or HideInput that begin with text
	key         byte   // text that a command of the peer stands for, if dst was full; 0 if there is none
	midLine     bool   // the last byte of text was not the end of a line
	interrupted bool   // the last text was an interrupt
	presented   bool   // credentials have come since a Read returned
	markDue     bool   // a DO TIMING-MARK is to be answered before the next read
	readErr     error  // what ended the reading
	budget      budget
	first       func(received []byte) (enough bool, err error) // nil when it has seen enough
	status      func() []byte                                  // nil where there is none to be told
}

// NewConn returns a Conn that speaks Telnet over nc, as the server. opts may be nil.
//
// Nothing is sent before the first write, which carries the opening IAC DO TERMINAL-TYPE, CR in front; the CR makes
// what follows overwrite what a terminal behind netcat may show for those bytes. With a Status, IAC WILL MSSP goes with
// it. Nor is it sent at all if the peer sends text before. Closing the Conn closes nc.
//
// Urgent data has to be left in the stream of nc, as it is where [doors.Listen] listens: a Synch (RFC 854) marks a byte
// of IAC DM as urgent.
func NewConn(nc net.Conn, opts *Options) *Conn {
	c := newConn(nc, opts)
	c.enable(Him, OptTTYPE)
	if c.status != nil {
		c.enable(Us, OptMSSP)
	}
	c.queue = append(c.queue, '\r')
	return c
}

// newConn returns a Conn that never asks its peer anything unless the peer begins.
func newConn(nc net.Conn, opts *Options) *Conn {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	nothing := func() {}
	return &Conn{nc: rawconn.Of(nc), edits: kindLines, changed: nothing, areYouThere: nothing,
		writeTimeout: cmp.Or(o.WriteTimeout, defaultWriteTimeout), first: o.First, status: o.Status}
}

// Notify sets what is called after the size of the window or EditsLines changed, and when the peer asks whether anybody
// is there (AYT, RFC 854). They are called from Read, Settle and HideInput, and must not block.
func (c *Conn) Notify(changed, areYouThere func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed, c.areYouThere = changed, areYouThere
}

// notices returns what is to be called without a lock.
func (c *Conn) notices() (changed, areYouThere func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed, c.areYouThere
}

// Close closes the connection. Pending calls return.
func (c *Conn) Close() error { return c.nc.Close() }

// CloseWrite tells the peer that no more output comes; input may still be read. It returns [errors.ErrUnsupported] if
// the network connection cannot do that.
func (c *Conn) CloseWrite() error {
	return rawconn.CloseWrite(c.nc)
}

// Encrypted reports whether nobody can read along on the way, as the network connection says by a method of that name.
func (c *Conn) Encrypted() bool {
	e, ok := c.nc.(interface{ Encrypted() bool })
	return ok && e.Encrypted()
}

// RemoteAddr returns the address of the peer.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// SetReadDeadline makes a Read, pending or to come, return [os.ErrDeadlineExceeded] at t, and ends a Settle or
// HideInput that still waits then. The zero time means never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.reading.set(t, c.nc.SetReadDeadline)
}

// SetWriteDeadline makes a write, pending or to come, fail at t if the write timeout has not ended it before. The zero
// time means the timeout alone.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.limited.Store(!t.IsZero())
	return c.writing.set(t, c.nc.SetWriteDeadline)
}

// A deadline is the earlier one of what the user of a Conn has set and what Conn itself has set for a while.
type deadline struct {
	mu    sync.Mutex // guards both, and the order in which apply is called
	users moment
	own   moment
}

// A moment is a time.Time in a third of the room: nanoseconds after epoch, 0 for none.
type moment int64

var epoch = time.Now()

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(cmp.Or(t.Sub(epoch), 1))
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return epoch.Add(time.Duration(m))
}

func (d *deadline) set(t time.Time, apply func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users = momentOf(t)
	return d.applyLocked(apply)
}

func (d *deadline) limit(t time.Time, apply func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.own = momentOf(t)
	return d.applyLocked(apply)
}

func (d *deadline) applyLocked(apply func(time.Time) error) error {
	if d.own == 0 || d.users != 0 && d.users < d.own {
		return apply(d.users.time())
	}
	return apply(d.own.time())
}

// passed reports whether the time that the user has set is over.
func (d *deadline) passed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.users != 0 && d.users <= momentOf(time.Now())
}
