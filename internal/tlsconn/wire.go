package tlsconn

import (
	"errors"
	"sync"
	"time"

	"parley/internal/rawconn"
	"parley/internal/slots"
)

// A wire is what package tls reads and writes. A write never waits and never fails half-way: what the connection does
// not take is kept, since a record that was cut would break the stream for good.
type wire struct {
	rawconn.Conn

	// The reader's own.
	waits   bool     // a read waits
	opening *opening // nil after the handshake

	mu      sync.Mutex // guards all below
	kept    []byte     // encrypted, and not yet taken
	sending bool       // flush is sending what comes before kept
}

// An opening is what is of use while there is no session.
type opening struct {
	slots slots.Slots
	heard Heard // nil when it was called
	plain bool  // the peer does not speak TLS
}

// nothing is the error of a read that would have to wait. Package tls goes on from where it was after an error that is
// temporary.
type nothing struct{}

func (nothing) Error() string   { return "tlsconn: nothing has come" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

var (
	errNothing error = nothing{}
	// errKept ends a connection whose peer has us answer more than it reads.
	errKept = errors.New("tlsconn: the peer does not read what it asks for")
)

// Read implements net.Conn for package tls.
func (w *wire) Read(p []byte) (int, error) {
	switch {
	case w.opening != nil:
		return w.readOpening(p)
	case w.waits:
		return w.Conn.Read(p)
	}
	n, err := w.Conn.TryRead(p)
	if n == 0 && err == nil {
		err = errNothing
	}
	return n, err
}

// handshakeRecord is the first byte of whoever speaks TLS (RFC 8446, section 5.1).
const handshakeRecord = 0x16

func (w *wire) readOpening(p []byte) (int, error) {
	if err := w.flush(); err != nil {
		return 0, err
	}
	o := w.opening
	o.slots.Give()
	n, err := w.Conn.Read(p)
	o.slots.Take()
	if n > 0 && o.heard != nil {
		o.heard()
		o.heard = nil
		if p[0] != handshakeRecord {
			o.plain = true
			return 0, ErrPlain
		}
	}
	return n, err
}

// maxKept is how much is kept: what one record takes, several times.
const maxKept = 4 * maxRecord

// Write implements net.Conn for package tls.
func (w *wire) Write(p []byte) (n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.kept)+len(p) > maxKept {
		return 0, errKept
	}
	if len(w.kept) == 0 && !w.sending {
		if n, err = w.Conn.TryWrite(p); err != nil {
			return n, err
		}
	}
	if n < len(p) {
		w.kept = append(w.kept, p[n:]...)
	}
	return len(p), nil
}

func (w *wire) empty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.kept) == 0 && !w.sending
}

// tryFlush sends what is kept as far as that takes no waiting, and reports whether that was all. Only the writer calls
// it.
func (w *wire) tryFlush() (all bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.kept) == 0 {
		return true, nil
	}
	n, err := w.Conn.TryWrite(w.kept)
	w.drop(n)
	return len(w.kept) == 0, err
}

// flush sends what is kept. Only the writer calls it, by the deadline for writing.
func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.kept) > 0 {
		p := w.kept
		w.sending = true
		w.mu.Unlock()
		n, err := w.Conn.Write(p)
		w.mu.Lock()
		w.sending = false
		w.drop(n)
		if err != nil {
			return err
		}
	}
	return nil
}

// drop forgets the first n bytes that are kept. The caller has the lock.
func (w *wire) drop(n int) {
	if w.kept = w.kept[n:]; len(w.kept) == 0 {
		w.kept = nil
	}
}

// Close implements net.Conn for package tls.
func (w *wire) Close() error { return w.Conn.Close() }

// SetWriteDeadline does nothing: package tls sets one around an alert, and Write does not wait.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
