package ssh

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/slots"
)

// ErrPlain is returned by [Accept] when the peer speaks something else than SSH. It was sent the server's version.
var ErrPlain = errors.New("ssh: not SSH")

// MaxAhead is how many bytes a peer may send, as they travel, before the terminal has been read empty. A packet of up
// to 32 KiB that has begun is read to its end.
const MaxAhead = 8 << 10

// A wire is the network connection below SSH. It is read no further while there is enough that nobody has read: what is
// left of that stays with the system, and then with the peer.
type wire struct {
	net.Conn
	opening atomic.Pointer[opening] // nil when the handshake is over

	mu      sync.Mutex  // guards all below
	read    *sync.Cond  // ahead has become less, or the wire is closed
	ahead   int         // bytes that have come since nothing was kept
	unread  func() bool // nil while there is no terminal
	closed  bool
	keeping bool // Close does not close the connection, but ends what is read
}

func newWire(nc net.Conn, o Options) *wire {
	w := &wire{Conn: nc, keeping: true}
	w.read = sync.NewCond(&w.mu)
	w.opening.Store(&opening{work: slots.Begin(o.Slots), heard: o.Heard})
	return w
}

// open says that the handshake is over.
func (w *wire) open() {
	w.opening.Swap(nil).work.End()
}

// Write implements [net.Conn].
func (w *wire) Write(p []byte) (int, error) {
	if o := w.opening.Load(); o != nil {
		o.work.Pause() // the peer may not read
		defer o.work.Resume()
	}
	return w.Conn.Write(p)
}

// Read implements [net.Conn].
func (w *wire) Read(p []byte) (n int, err error) {
	if err := w.await(); err != nil {
		return 0, err
	}
	if o := w.opening.Load(); o != nil {
		n, err = o.read(w.Conn, p)
	} else {
		n, err = w.Conn.Read(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += n
	return n, err
}

// await waits while enough was read.
func (w *wire) await() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ahead >= MaxAhead && !w.closed && !w.kept() {
		// What came may be on its way through the library still; and who sends so many requests may wait.
		w.mu.Unlock()
		time.Sleep(sortTime)
		w.mu.Lock()
		if !w.kept() {
			w.ahead = 0
		}
	}
	for w.ahead >= MaxAhead && !w.closed && w.kept() {
		w.read.Wait()
	}
	if w.closed {
		return net.ErrClosed
	}
	return nil
}

// sortTime is how long what has come may take to be kept, if it is something to be kept.
const sortTime = 2 * time.Millisecond

// kept reports whether something is kept that nobody has read.
func (w *wire) kept() bool { return w.unread != nil && w.unread() }

// bound has the wire read no further while unread says that something is kept, and MaxAhead bytes have come since that
// was not so.
func (w *wire) bound(unread func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unread = unread
}

// took says that the terminal has been read: so many bytes of it, and whether none are left.
func (w *wire) took(n int, empty bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ahead = max(0, w.ahead-n); empty {
		w.ahead = 0
	}
	w.read.Broadcast()
}

// Close ends what is read, and closes the connection when it is not needed any more.
func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.read.Broadcast()
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
