package ssh

import (
	"cmp"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/rawconn"
	"parley/internal/slots"
)

// ErrPlain is returned by [Accept] when the peer speaks something else than SSH. It was sent the server's version.
var ErrPlain = errors.New("ssh: not SSH")

// MaxAhead is how many bytes a peer may send, as they travel, before the terminal has been read. A packet that has
// begun is read to its end.
const MaxAhead = 2 << 10

// A packet may be as long as this, and somewhat longer if it comes with others: before the session is begun, so that
// there is an answer to a long environment, and then as long as it has to be allowed to be (RFC 4253, section 6.1). The
// library would take 256 KiB, and keeps room for another such packet as long as the connection lasts.
const (
	maxPacketBefore = 70_000
	maxPacket       = 35_000
)

var errPacket = errors.New("ssh: a packet is too long")

// noisePace is how fast that comes which a peer sends beside its input, such as requests, and what a packet takes to
// travel: twice what OpenSSH makes up while its user types, so that nobody sees when keys are pressed.
var noisePace = rawconn.Pace{Burst: 8 << 10, Rate: 8 << 10}

// openPace is that of all that comes before somebody is served: a handshake at once, with all keys of an agent. While a
// proof is looked at, the library keeps what comes.
var openPace = rawconn.Pace{Burst: 64 << 10, Rate: 1 << 10}

// packetCost is what a packet takes to travel, beside what it carries, and libraryBuffer what the library reads at once
// where it does not know yet how long a packet is.
const (
	packetCost    = 64
	libraryBuffer = 4 << 10
)

// sortTime is how long what has come may take to be kept, if it is something to be kept, and moreTime how long what may
// be there besides, after a read of the terminal that took all that there was room for.
const (
	sortTime = 5 * time.Millisecond
	moreTime = 50 * time.Millisecond
)

// maxStrange is how much may have come that nobody has read before it is found out whether the library keeps it.
const maxStrange = 64 << 10

// A peer that reads says so, and so gives its window more room, behind what it has sent before. If a write has waited
// for that as long as fullTime, the wire is read on, whatever nobody has read: maxRelief bytes at once. That is as much
// as a peer may send by the window that the library gives it, of 2 MiB, and what it takes to travel. What is no input
// has its pace here too, or a peer whose window is full could send it as fast as it likes.
const (
	fullTime  = 100 * time.Millisecond
	maxRelief = 5 << 19
)

var reliefPace = rawconn.Pace{Burst: maxRelief, Rate: noisePace.Rate}

// A wire is the network connection below SSH. It is read no further while there is enough that nobody has read, or that
// waits for the peer to read: what is left stays with the system, and then with the peer.
type wire struct {
	net.Conn
	opening atomic.Pointer[opening] // nil when the handshake is over

	mu      sync.Mutex    // guards all below
	moved   *sync.Cond    // something below has changed
	rest    int           // of a packet, which has begun
	ahead   int           // bytes that have come and were not read
	strange int           // bytes that have come since the beginning, less those that were read
	noise   rawconn.Meter // of bytes that have come, without those that were read
	reads   int           // how often something was read of the library
	more    bool          // the last time as much as there was room for
	unread  func() bool   // nil while there is no terminal
	begun   bool          // somebody is served
	flooded func()        // called once, when strange is maxStrange; nil before and after
	writing int           // writes under way
	output  int           // how often the terminal began or ended to write: odd while it does
	slots   Relief        // for those who are read on
	slot    bool          // one is held: until the terminal has written, and most of what has come was read
	full    bool          // what the terminal writes has waited for fullTime
	relief  rawconn.Meter // of bytes that were read on, without those that were read
	alive   func()        // told of what is read on; nil while there is no terminal
	until   time.Time     // the deadline that was set; zero for none
	closed  bool
	keeping bool // Close does not close the connection, but ends what is read
}

// newWire returns the wire above nc. gone is called when nothing more can be read, during the handshake.
func newWire(nc net.Conn, o Options, gone func()) *wire {
	w := &wire{Conn: nc, keeping: true, noise: rawconn.Meter{Pace: openPace}, relief: rawconn.Meter{Pace: reliefPace},
		slots: cmp.Or[Relief](o.Relief, slots.Slots(nil))}
	w.moved = sync.NewCond(&w.mu)
	w.opening.Store(&opening{work: slots.Begin(o.Slots), gone: gone, heard: o.Heard})
	return w
}

// open says that the handshake is over.
func (w *wire) open() {
	w.opening.Swap(nil).work.End()
}

// Write implements [net.Conn]. A peer that does not take what is written in ten seconds is left.
func (w *wire) Write(p []byte) (int, error) {
	o := w.opening.Load()
	if o != nil {
		o.work.Pause() // the peer may not read
		defer o.work.Resume()
	}
	deadline := w.beginWrite()
	defer w.endWrite()
	if o == nil {
		if err := w.Conn.SetWriteDeadline(deadline); err != nil {
			return 0, err
		}
	}
	n, err := w.Conn.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) && o == nil {
		w.Close() // half a packet is of no use
	}
	return n, err
}

// beginWrite says that a write is under way, and returns when it is to give up.
func (w *wire) beginWrite() (deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing++
	deadline = time.Now().Add(writeTime)
	if !w.until.IsZero() && w.until.Before(deadline) {
		return w.until
	}
	return deadline
}

func (w *wire) endWrite() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing--
	w.moved.Broadcast()
}

// sending reports whether a write is under way, which gives up by itself.
func (w *wire) sending() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writing > 0
}

// SetDeadline sets when reads and writes give up. Zero means never, for reads.
func (w *wire) SetDeadline(at time.Time) error {
	w.mu.Lock()
	w.until = at
	w.mu.Unlock()
	return w.Conn.SetDeadline(at)
}

// Read implements [net.Conn].
func (w *wire) Read(p []byte) (n int, err error) {
	most, err := w.await(len(p))
	if err != nil {
		return 0, err
	}
	p = p[:most]
	if o := w.opening.Load(); o != nil {
		n, err = o.read(w.Conn, p)
	} else {
		n, err = w.Conn.Read(p)
	}
	flooded, alive := w.came(n)
	if flooded != nil {
		flooded()
	}
	if alive != nil {
		alive()
	}
	if w.isClosed() { // a deadline that has passed does not keep a read that waits from what comes just then
		return 0, net.ErrClosed
	}
	return n, err
}

func (w *wire) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// came counts what was read from the network. It returns who is to be told.
func (w *wire) came(n int) (flooded, alive func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.relievedLocked() {
		w.relief.Took(n)
		alive = w.alive
	} else {
		w.noise.Took(n)
	}
	w.rest = max(0, w.rest-n)
	w.ahead += n
	if w.strange += n; w.strange >= maxStrange {
		flooded, w.flooded = w.flooded, nil
	}
	return flooded, alive
}

// await waits while enough was read, and returns how much may be read now. size is what the library reads at once: its
// buffer, or the rest of a packet.
func (w *wire) await(size int) (most int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if size > maxPacketBefore || size > maxPacket && w.begun {
		return 0, errPacket
	}
	if size > libraryBuffer {
		w.rest = size
	}
	for w.rest == 0 && w.roomLocked() <= 0 && !w.closed {
		if w.busyLocked() {
			w.awaitBusyLocked()
			continue
		}
		// What came may be on its way through the library still.
		reads, d := w.reads, max(sortTime, w.noise.Held())
		if w.more {
			d = max(d, moreTime)
		}
		if w.sleepLocked(d) && w.reads == reads && !w.busyLocked() {
			w.ahead, w.more = 0, false
			w.relieveLocked()
		}
	}
	switch {
	case w.closed:
		return 0, net.ErrClosed
	case w.rest > 0:
		return size, nil
	}
	return min(size, w.roomLocked()), nil
}

// roomLocked returns how much more may be read. A handshake is read as the library does it.
func (w *wire) roomLocked() int {
	switch {
	case !w.begun:
		return libraryBuffer - w.ahead
	case w.relievedLocked():
		return libraryBuffer
	}
	return MaxAhead - w.ahead
}

// relievedLocked reports whether the wire is read on.
func (w *wire) relievedLocked() bool { return w.full && w.relief.Held() == 0 }

// awaitBusyLocked waits until something has changed. If the terminal writes, and its write is not on its way through
// the network, that may wait for the peer's window.
func (w *wire) awaitBusyLocked() {
	switch {
	case !w.outputting():
		w.moved.Wait()
	case w.sleepLocked(fullTime) && w.writing == 0 && !w.closed && (w.slot || w.slots.Try()):
		w.slot, w.full = true, true
	}
}

// writes says that the terminal begins or ends to write.
func (w *wire) writes() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.output, w.full = w.output+1, false
	w.relieveLocked()
	w.moved.Broadcast()
}

// relieveLocked gives the slot back, if one is held and no longer needed.
func (w *wire) relieveLocked() {
	if w.slot && (w.closed || !w.outputting() && w.ahead <= MaxAhead) {
		w.slots.Give()
		w.slot = false
	}
}

// busyLocked reports whether something is kept that nobody has read, or waits until the peer reads.
func (w *wire) busyLocked() bool {
	return w.writing > 0 || w.outputting() || w.unread != nil && w.unread()
}

func (w *wire) outputting() bool { return w.output%2 == 1 }

// sleepLocked waits for d, or until enough was read, the terminal begins or ends to write, or the wire is closed. It
// reports whether it was d.
func (w *wire) sleepLocked(d time.Duration) (over bool) {
	output := w.output
	timer := after(d, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		over = true
		w.moved.Broadcast()
	})
	defer timer.Stop()
	for !over && w.output == output && w.roomLocked() <= 0 && !w.closed {
		w.moved.Wait()
	}
	return over && w.roomLocked() <= 0
}

// bound says that there is a terminal, which has something that nobody has read if unread says so. flooded is called,
// once, when much has come that the terminal has not had, and alive whenever something has come of a peer whose window
// is full.
func (w *wire) bound(unread func() bool, flooded, alive func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unread, w.flooded, w.alive = unread, flooded, alive
}

// begin says that somebody is served from now on, for as long as it takes.
func (w *wire) begin() {
	w.mu.Lock()
	w.begun, w.ahead, w.noise = true, 0, rawconn.Meter{Pace: noisePace}
	w.mu.Unlock()
	_ = w.SetDeadline(time.Time{}) // a connection that is gone says so by itself
}

// passed says that something was read of the library: all that there was, or as much as there was room for, and then
// there may be more.
func (w *wire) passed(all bool) {
	w.mu.Lock()
	w.reads, w.more = w.reads+1, !all
	w.mu.Unlock()
	if all { // a packet ends here
		w.took(packetCost)
	}
}

// took says that so many bytes of the terminal have been read.
func (w *wire) took(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead, w.strange = max(0, w.ahead-n), max(0, w.strange-n)
	w.noise.Back(n)
	w.relief.Back(n)
	w.relieveLocked()
	w.moved.Broadcast()
}

// Close ends what is read, and closes the connection when it is not needed any more.
func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.relieveLocked()
	w.moved.Broadcast()
	if w.keeping {
		return w.Conn.SetReadDeadline(time.Unix(1, 0))
	}
	return w.Conn.Close()
}

// keep says whether the connection is still needed when the wire is closed: to tell why.
func (w *wire) keep(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keeping = on
}
