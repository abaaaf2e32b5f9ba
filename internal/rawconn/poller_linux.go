package rawconn

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Poller watches connections at rest, with one goroutine for all of them. It has an epoll instance of its own, and
// package runtime's poller waits for that: so no thread is blocked. The zero value is ready, and has neither before a
// socket rests. It has to be closed. Its methods are safe for concurrent use.
type Poller struct {
	running sync.WaitGroup // the goroutine

	mu      sync.Mutex // guards all below
	file    *os.File   // the epoll instance; nil while there is none
	fd      int        // its descriptor
	closed  bool
	watched []*watched // by descriptor
}

// openLocked opens the epoll instance.
func (p *Poller) openLocked() error {
	if p.file != nil {
		return nil
	}
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return err
	}
	p.file, p.fd = file, fd
	p.running.Go(func() { p.run(raw) }) // until Close
	return nil
}

// Close ends the poller. Whoever rests is called, and rests with a goroutine from now on.
func (p *Poller) Close() {
	p.mu.Lock()
	file, left := p.file, p.watched
	p.closed, p.file, p.watched = true, nil, nil
	p.mu.Unlock()
	if file != nil {
		file.Close()
	}
	p.running.Wait()
	for _, w := range left {
		if w != nil {
			w.wake()
		}
	}
}

// Watch returns nc as a [Conn] that rests in p, or nc itself if that is no socket.
func (p *Poller) Watch(nc net.Conn) net.Conn {
	if s, ok := socketOf(nc); ok {
		return &watched{socket: *s, poller: p}
	}
	return nc
}

// run calls those for whom something has come.
func (p *Poller) run(raw syscall.RawConn) {
	var events [128]unix.EpollEvent
	_ = raw.Read(func(fd uintptr) bool { // until the file is closed
		for {
			n := epollWait(fd, events[:])
			for _, e := range events[:n] {
				if w := p.at(int(e.Fd)); w != nil {
					w.happened(e.Events)
				}
			}
			if n < len(events) {
				return false
			}
		}
	})
}

func (p *Poller) at(fd int) *watched {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fd >= len(p.watched) {
		return nil
	}
	return p.watched[fd]
}

// add begins to watch w, whose descriptor is fd, and reports whether it does: not if the system lacks something.
func (p *Poller) add(w *watched, fd int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || w.closed || p.openLocked() != nil {
		return false
	}
	const flags = unix.EPOLLIN | unix.EPOLLPRI | unix.EPOLLRDHUP | unix.EPOLLET
	event := unix.EpollEvent{Events: flags, Fd: int32(fd)}
	if unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &event) != nil {
		return false
	}
	for fd >= len(p.watched) {
		p.watched = append(p.watched, nil)
	}
	p.watched[fd], w.fd = w, fd
	return true
}

// forget is called before w is closed.
func (p *Poller) forget(w *watched) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.closed = true
	if w.fd < len(p.watched) && p.watched[w.fd] == w {
		p.watched[w.fd] = nil
	}
}

// A watched socket rests in a poller.
//
// The system tells the poller of everything that comes, whether the socket rests or not, and only once. So a socket
// that goes to rest looks for what it was told of before, unless TryRead has found out since that there is nothing
// more.
type watched struct {
	socket
	poller *Poller
	state  atomic.Uint32
	// doubtful is set if a read of less than there was room for does not mean that nothing is left: when the input has
	// ended, and where there was urgent data, at which a read stops.
	doubtful atomic.Bool
	limited  atomic.Bool // there is a read deadline
	added    bool        // the poller watches it; the reader's own
	ready    func()      // while it rests

	fd     int  // guarded by the poller's lock, like closed
	closed bool // or about to be
}

// The states of a watched socket.
const (
	stirred uint32 = iota // there may be something to read
	quiet                 // all was read, and nothing has come since
	resting               // ready is to be called when something comes
)

// happened notes what the system tells.
func (w *watched) happened(events uint32) {
	if events&^unix.EPOLLIN != 0 {
		w.doubtful.Store(true)
	}
	w.wake()
}

func (w *watched) wake() {
	if w.state.Swap(stirred) == resting {
		w.ready()
	}
}

// AwaitInput implements [Conn]. Where there is a deadline a goroutine waits, since the poller knows of none.
func (w *watched) AwaitInput(ready func()) {
	if w.limited.Load() || !w.added && !w.add() {
		w.socket.AwaitInput(ready)
		return
	}
	w.ready = ready
	if !w.doubtful.Load() && w.state.CompareAndSwap(quiet, resting) {
		return
	}
	w.state.Store(resting)
	if w.limited.Load() || w.look() {
		w.wake()
	}
}

func (w *watched) add() bool {
	err := w.raw.Control(func(fd uintptr) { w.added = w.poller.add(w, int(fd)) })
	return err == nil && w.added
}

func (w *watched) TryRead(p []byte) (int, error) {
	w.state.Store(quiet)
	n, err := w.socket.TryRead(p)
	if n == len(p) || err != nil {
		w.state.Store(stirred)
	}
	return n, err
}

// Close closes the socket. The system takes it out of the poller's instance.
func (w *watched) Close() error {
	w.poller.forget(w)
	err := w.socket.Close()
	w.wake()
	return err
}

// SetReadDeadline sets when a read gives up.
func (w *watched) SetReadDeadline(t time.Time) error {
	err := w.socket.SetReadDeadline(t)
	w.limit(t)
	return err
}

// SetDeadline sets both deadlines.
func (w *watched) SetDeadline(t time.Time) error {
	err := w.socket.SetDeadline(t) // one timer for both
	w.limit(t)
	return err
}

// limit notes that a read gives up at t. Who rests is called, to wait in another way or to find that it has passed.
func (w *watched) limit(t time.Time) {
	w.limited.Store(!t.IsZero())
	if !t.IsZero() {
		w.wake()
	}
}
