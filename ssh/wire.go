package ssh

import (
	"errors"
	"net"
	"sync"
	"time"
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
	heard func() // called when the first bytes have come; nil afterwards

	opening []byte // what the peer has sent, while that may still be something else than SSH
	opened  bool

	mu      sync.Mutex  // guards all below
	read    *sync.Cond  // ahead has become less, or the wire is closed
	ahead   int         // bytes that have come since nothing was kept
	unread  func() bool // nil while there is no terminal
	closed  bool
	keeping bool // Close does not close the connection, but ends what is read
}

func newWire(nc net.Conn, heard func()) *wire {
	w := &wire{Conn: nc, heard: heard, keeping: true}
	w.read = sync.NewCond(&w.mu)
	return w
}

// begins is what a peer says first (RFC 4253, section 4.2). Only a server may say something before.
const begins = "SSH-"

// Read implements [net.Conn].
func (w *wire) Read(p []byte) (int, error) {
	if err := w.await(); err != nil {
		return 0, err
	}
	n, err := w.Conn.Read(p)
	if n > 0 && w.heard != nil {
		w.heard()
		w.heard = nil
	}
	if !w.opened && n > 0 {
		if w.opening = append(w.opening, p[:min(n, len(begins))]...); len(w.opening) >= len(begins) {
			w.opened = true
		}
		known := min(len(w.opening), len(begins))
		if string(w.opening[:known]) != begins[:known] {
			return 0, ErrPlain
		}
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
