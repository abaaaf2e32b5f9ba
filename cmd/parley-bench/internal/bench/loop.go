//go:build linux

package bench

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A loop serves the sockets of all users with one goroutine, which is its only user.
type loop struct {
	epoll  int
	timer  int // a timerfd, which wakes the loop more exactly than the milliseconds of epoll
	users  map[int32]*user
	events [256]unix.EpollEvent
	buffer [64 << 10]byte
	rest   []byte // scratch for what a user's last read left over, and the new one

	failed error // what ended the loop: a user that could not do its part
}

func newLoop() (*loop, error) {
	l := &loop{users: make(map[int32]*user)}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if l.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		unix.Close(l.epoll)
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	if err := l.watch(l.timer, unix.EPOLL_CTL_ADD, unix.EPOLLIN); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// close closes the sockets of all users.
func (l *loop) close() {
	for fd := range l.users {
		unix.Close(int(fd))
	}
	unix.Close(l.timer)
	unix.Close(l.epoll)
}

func (l *loop) watch(fd, operation int, events uint32) error {
	err := unix.EpollCtl(l.epoll, operation, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
	return os.NewSyscallError("epoll_ctl", err)
}

// connect begins the connection of a new user, who says hello when it stands.
func (l *loop) connect(address netip.AddrPort, u *user) error {
	family := unix.AF_INET
	if address.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		if errors.Is(err, unix.EMFILE) {
			return fmt.Errorf("%d users are as many as this process may have sockets (ulimit -n)", len(l.users))
		}
		return os.NewSyscallError("socket", err)
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	var to unix.Sockaddr = &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().Unmap().As4()}
	if family == unix.AF_INET6 {
		to = &unix.SockaddrInet6{Port: int(address.Port()), Addr: address.Addr().As16()}
	}
	if err := unix.Connect(fd, to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		return fmt.Errorf("connect to %s: %w", address, err)
	}
	u.loop, u.fd = l, int32(fd)
	l.users[u.fd] = u
	return l.watch(fd, unix.EPOLL_CTL_ADD, unix.EPOLLIN)
}

// drop closes a user's connection.
func (l *loop) drop(u *user) {
	if l.users[u.fd] == u {
		delete(l.users, u.fd)
		unix.Close(int(u.fd))
	}
}

// run serves the users until done reports true, which it is asked after each round, or ctx is done, or a user fails.
// tick is called when a time comes that it has returned before, and after each round; a zero time means that it waits
// for nothing. It may be nil.
func (l *loop) run(ctx context.Context, tick func(now time.Time) time.Time, done func() bool) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		due := time.Now().Add(100 * time.Millisecond) // to look at ctx
		if tick != nil {
			if t := tick(time.Now()); !t.IsZero() && t.Before(due) {
				due = t
			}
		}
		if l.failed != nil {
			return l.failed
		}
		if done() {
			return nil
		}
		wait := unix.NsecToTimespec(max(1, int64(time.Until(due))))
		if err := unix.TimerfdSettime(l.timer, 0, &unix.ItimerSpec{Value: wait}, nil); err != nil {
			return os.NewSyscallError("timerfd_settime", err)
		}
		n, err := unix.EpollWait(l.epoll, l.events[:], -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("epoll_wait", err)
		}
		for _, e := range l.events[:max(n, 0)] {
			l.serve(e)
		}
	}
}

func (l *loop) serve(e unix.EpollEvent) {
	if e.Fd == int32(l.timer) {
		var expirations [8]byte
		_, _ = unix.Read(l.timer, expirations[:]) // when it is read is all that matters
		return
	}
	u := l.users[e.Fd]
	if u == nil { // dropped in this round
		return
	}
	if e.Events&unix.EPOLLOUT != 0 {
		u.flush()
	}
	if e.Events&^unix.EPOLLOUT == 0 {
		return
	}
	if u.deaf { // what is told also to those who do not ask: that the connection was reset (epoll_ctl(2), EPOLLHUP)
		u.lost(unix.ECONNRESET)
		return
	}
	l.read(u)
}

func (l *loop) read(u *user) {
	n, err := unix.Read(int(u.fd), l.buffer[:])
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return
	case err != nil || n == 0:
		if err == nil {
			err = errors.New("the server closed the connection")
		}
		u.lost(err)
		return
	}
	data := l.buffer[:n]
	if len(u.tail) > 0 {
		l.rest = append(append(l.rest[:0], u.tail...), data...)
		data, u.tail = l.rest, u.tail[:0]
	}
	u.hear(u, data)
}

// fail ends run.
func (l *loop) fail(err error) {
	if l.failed == nil {
		l.failed = err
	}
}
