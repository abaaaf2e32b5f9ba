//go:build linux

package bench

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"parley/telnet"
)

// A mode is how a user's terminal behaves.
type mode string

const (
	modeLine   mode = "line"   // sends whole lines, as netcat: no byte of Telnet
	modeKeys   mode = "keys"   // sends every key, as telnet and PuTTY; nobody types
	modeTyping mode = "typing" // the same, and everybody has typed half a line
)

// A user is one connection to the server.
type user struct {
	loop *loop
	fd   int32
	mode mode
	name string // as the prompt says
	deaf bool   // reads nothing

	hear  func(u *user, data []byte) // what came, after the tail
	ended func(u *user, err error)   // the connection is gone; nil: that is a failure
	tail  []byte                     // what hear kept for the next time
	out   []byte                     // what the socket has not taken yet

	// Of the dialogue at the start, see dialogue.go.
	telnet  *telnet.Decoder
	seen    []byte // text that nothing was found in yet
	awaited string
	then    func(u *user, before string)
	refusal string // awaited too
	refused func(u *user, before string)

	next []uint32 // number of the next line to come, by its speaker
}

// send sends text as the terminal does, "\n" being Enter.
func (u *user) send(text string) {
	if u.mode != modeLine {
		text = strings.ReplaceAll(text, "\n", "\r\x00")
	}
	u.write([]byte(text))
}

func (u *user) write(p []byte) {
	if len(u.out) == 0 {
		n, err := unix.Write(int(u.fd), p)
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOTCONN) { // not connected yet
			u.lost(err)
			return
		}
		if n = max(n, 0); n == len(p) {
			return
		}
		p = p[n:]
		_ = u.loop.watch(int(u.fd), unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLOUT)
	}
	u.out = append(u.out, p...)
}

func (u *user) flush() {
	p := u.out
	u.out = nil
	if u.write(p); len(u.out) == 0 {
		_ = u.loop.watch(int(u.fd), unix.EPOLL_CTL_MOD, unix.EPOLLIN)
	}
}

// freeze makes the user read nothing more.
func (u *user) freeze() {
	u.deaf = true
	_ = u.loop.watch(int(u.fd), unix.EPOLL_CTL_MOD, 0)
}

// thaw makes the user read again, and forget it.
func (u *user) thaw() {
	u.deaf, u.hear = false, ignore
	_ = u.loop.watch(int(u.fd), unix.EPOLL_CTL_MOD, unix.EPOLLIN)
}

// lost is told that the connection is gone.
func (u *user) lost(err error) {
	u.loop.drop(u)
	if u.ended == nil {
		u.loop.fail(fmt.Errorf("user %s: %w; last read: %q", u.name, err, bytes.TrimSpace(u.seen)))
		return
	}
	u.ended(u, err)
}

// ignore is a hear for one whose text matters no more.
func ignore(*user, []byte) {}

// A line that users say to each other begins with a mark: what follows tells whose line it is, and which of them.
const mark = '~'

// spoken returns the text of a line of the given size.
func spoken(speaker int, number uint32, size int) string {
	text := fmt.Sprintf("%c%d.%d ", mark, speaker, number)
	if fill := size - len(text); fill > 0 {
		text += strings.Repeat("lorem ipsum dolor sit amet ", fill/27+1)[:fill-1] + "."
	}
	return text
}

// listen calls heard for each line that was spoken in data, and keeps what may go on in the next.
func (u *user) listen(data []byte, heard func(speaker int, number uint32)) {
	for {
		i := bytes.IndexByte(data, mark)
		if i < 0 {
			return
		}
		data = data[i:]
		speaker, n := digits(data[1:])
		number, m := digits(data[min(len(data), n+2):])
		if end := 2 + n + m; end < len(data) {
			heard(speaker, uint32(number))
			data = data[end:]
			continue
		}
		u.tail = append(u.tail[:0], data...)
		return
	}
}

// digits reads the number that data begins with, and how long it is.
func digits(data []byte) (number, length int) {
	for length < len(data) && data[length] >= '0' && data[length] <= '9' {
		number = number*10 + int(data[length]-'0')
		length++
	}
	return number, length
}

// A tally counts what users hear.
type tally struct {
	heard    uint64
	lost     uint64 // lines that never came
	disorder uint64 // lines that came twice, or after a later one
}

// count notes that u heard a line.
func (t *tally) count(u *user, speaker int, number uint32) {
	if speaker >= len(u.next) {
		u.next = append(u.next, make([]uint32, speaker+1-len(u.next))...)
	}
	t.heard++
	switch next := u.next[speaker]; {
	case number < next:
		t.disorder++
		return
	case number > next:
		t.lost += uint64(number - next)
	}
	u.next[speaker] = number + 1
}

// A schedule says when each line was to be sent, for as many lines as can be under way.
type schedule [1 << 11]time.Time

func (s *schedule) set(number uint32, t time.Time) { s[number%uint32(len(s))] = t }
func (s *schedule) at(number uint32) time.Time     { return s[number%uint32(len(s))] }
