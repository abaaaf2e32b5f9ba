package telnet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Read returns input text as the peer sent it, without a byte of the protocol: '\n' ends a line however the peer spells
// it, an interrupt (IP, BRK, DM) is 0x03, erase character 0x7F, erase line 0x15, and IAC EOF ends a line that was
// begun. It answers the peer's commands as it meets them.
//
// It returns 0 and no error, once, when there are new [Conn.Credentials] and no text.
//
// It returns [io.EOF] when the peer closed its side or said IAC EOF, [os.ErrDeadlineExceeded] at the read deadline,
// [ErrSubnegotiation], having closed the connection, if the peer floods it, and another error if the peer did not take
// an answer within the write timeout. All but the deadline's are returned by every later Read too. Of commands that
// call for an answer, 200 in 10 seconds are obeyed and the others ignored.
func (c *Conn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if n, err := c.read(p, c.nc.Read); n > 0 || err != nil || c.presented {
			c.presented = false
			return n, err
		}
	}
	return 0, nil
}

// TryRead is Read for what has come already: it returns 0 and no error if that is no text.
func (c *Conn) TryRead(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return c.read(p, c.nc.TryRead)
}

// read reads once, with receive if nothing was kept. It returns 0 and no error if that brought no text.
func (c *Conn) read(p []byte, receive func([]byte) (int, error)) (n int, err error) {
	if c.reading.passed() {
		return 0, os.ErrDeadlineExceeded
	}
	c.answerMark()
	switch {
	case c.key != 0:
		p[0], c.key = c.key, 0
		return 1, nil
	case len(c.kept) > 0:
		n, used := c.decode(p, c.kept)
		c.keep(c.kept[used:])
		return n, nil
	case c.readErr != nil:
		return 0, c.readErr
	}
	received, err := c.showFirst(receive, p)
	n, used := c.decode(p, p[:received])
	if used < received {
		c.keep(bytes.Clone(p[used:received]))
	}
	c.failed(err)
	if n > 0 || c.readErr != nil {
		return n, nil // what ended the reading is the next call's to return
	}
	return 0, err
}

// AwaitInput has ready called once, when something has come that Read or TryRead would handle, if only a command, or
// when they have an error to return; it may also be called for nothing. Nobody may read before that. ready is called
// from any goroutine, perhaps before AwaitInput returns, and must neither block nor use the Conn. A socket of a
// [doors.Server] on Linux needs neither a goroutine nor a buffer while it rests.
func (c *Conn) AwaitInput(ready func()) {
	c.answerMark()
	if c.key != 0 || len(c.kept) > 0 || c.readErr != nil || c.reading.passed() {
		ready()
		return
	}
	c.nc.AwaitInput(ready)
}

// handleUntil handles what the peer sends until limit returns the zero time or one that has passed, the peer sends
// text, or reading fails, and returns the error of reading. Text is kept for Read.
func (c *Conn) handleUntil(limit func() time.Time) error {
	defer c.reading.limit(time.Time{}, c.nc.SetReadDeadline)
	c.answerMark()
	var buf []byte
	for {
		if c.key != 0 || len(c.kept) > 0 {
			return nil
		}
		if c.readErr != nil {
			return c.readErr
		}
		t := limit()
		if !time.Now().Before(t) {
			return nil
		}
		if c.reading.passed() {
			return os.ErrDeadlineExceeded
		}
		c.reading.limit(t, c.nc.SetReadDeadline)
		if buf == nil {
			buf = make([]byte, 128) // for answers, which are short
		}
		received, err := c.showFirst(c.nc.Read, buf)
		_, used := c.decode(nil, buf[:received])
		c.keep(bytes.Clone(buf[used:received]))
		c.failed(err)
	}
}

// showFirst receives into p, and shows it to [Options.First], if that wants to see it.
func (c *Conn) showFirst(receive func([]byte) (int, error), p []byte) (received int, err error) {
	received, err = receive(p)
	if c.first == nil || received == 0 {
		return received, err
	}
	enough, refused := c.first(p[:received])
	if refused != nil {
		received, err = 0, refused
	}
	if enough || refused != nil {
		c.first = nil
	}
	return received, err
}

// keep keeps received bytes for Read. No memory is held for none.
func (c *Conn) keep(received []byte) {
	if len(received) == 0 {
		received = nil
	}
	c.kept = received
}

// failed remembers an error of reading that is no deadline's.
func (c *Conn) failed(err error) {
	if err != nil && c.readErr == nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.readErr = err
	}
}

// decode puts the text of src into dst, obeys the commands, and returns the number of bytes written and read. dst and
// src may begin at the same byte. With a full dst it stops before the next text, and at a DO TIMING-MARK behind text:
// that is answered, in order with the output (RFC 860), when the text has been dealt with. Not so behind an interrupt:
// clients discard what comes before the answer, and that must not be the new prompt. What follows IAC EOF is thrown
// away.
func (c *Conn) decode(dst, src []byte) (written, read int) {
	interrupted := false
	for read < len(src) && c.key == 0 {
		nDst, nSrc, cmd, err := c.decoder.Decode(dst[written:], src[read:])
		written += nDst
		read += nSrc
		if nDst > 0 {
			c.midLine = dst[written-1] != '\n'
			c.interrupted = dst[written-1] == interruptByte
			interrupted = false
		}
		if nDst > 0 || cmd.Code == 0 && read < len(src) && err == nil {
			c.heardText()
		}
		if err != nil {
			c.failed(err)
			c.nc.Close()
			read = len(src)
		}
		if cmd.Code == 0 {
			break
		}
		if cmd.Code == EOF {
			c.failed(io.EOF)
			read = len(src)
		}
		if cmd.Code == DO && cmd.Option == OptTM && written > 0 && !interrupted {
			c.markDue = true // what the text brings about comes first
			break
		}
		key := c.obey(cmd)
		switch cmd.Code {
		case IP, BRK, DM, AO, SUSP, ABORT:
			interrupted = true
		}
		if key != 0 && written < len(dst) {
			dst[written] = key
			written++
		} else {
			c.key = key
		}
	}
	if err := c.flush(); errors.Is(err, os.ErrDeadlineExceeded) {
		// A peer that is gone is the reading's to notice: what it sent before is still to be had. One that takes no
		// answers must not make us queue them.
		c.failed(fmt.Errorf("telnet: answer to the peer: %v", err))
	}
	return written, read
}

// interruptByte stands for an interrupt in the text: Ctrl-C, as terminals send it.
const interruptByte = 0x03

// answerMark answers the DO TIMING-MARK that decode stopped at.
func (c *Conn) answerMark() {
	if c.markDue {
		c.markDue = false
		c.obey(Command{Code: DO, Option: OptTM})
		_ = c.flush() // the next write returns the error again
	}
}

// obey does what a command asks for, and returns the byte that stands for it in the text, or 0.
func (c *Conn) obey(cmd Command) (key byte) {
	switch cmd.Code {
	case IP, BRK:
		c.interrupted = true
		return interruptByte
	case DM:
		// A Synch calls off what was sent before it. The one that follows an interrupt, as in RFC 854, says no more.
		if !c.interrupted {
			c.interrupted = true
			return interruptByte
		}
	case EOF:
		if c.midLine {
			return '\n' // a peer that says that its input ends has ended the line
		}
	case EC:
		return 0x7F
	case EL:
		return 0x15
	case AYT:
		if c.budget.take(time.Now()) {
			_, areYouThere := c.notices()
			areYouThere()
		}
	case WILL, WONT, DO, DONT:
		// Every DO TIMING-MARK is answered, however many there are: clients discard all output until it is, and an
		// answer as long as the question gives an attacker nothing.
		timingMark := cmd.Code == DO && cmd.Option == OptTM
		if timingMark || c.budget.take(time.Now()) {
			lines, packages, links := c.EditsLines(), c.Packages(), c.Links()
			c.negotiate(cmd.Code, cmd.Option)
			c.report()
			if c.EditsLines() != lines || c.Packages() != packages || c.Links() != links {
				changed, _ := c.notices()
				changed()
			}
		}
	case SB:
		c.subnegotiate(cmd.Option, cmd.Data)
	}
	return 0
}

// heardText is told that the peer sends text. A peer that does so unasked, and has not negotiated, wants text alone.
func (c *Conn) heardText() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.opened && !c.negotiated {
		c.opened = true
		c.queue = nil
		c.negotiator = Negotiator{}
	}
}

// A budget bounds the commands of a peer that cost us an answer.
type budget struct {
	since moment
	used  int
}

const (
	budgetCommands = 200
	budgetPeriod   = 10 * time.Second
)

// take reports whether one more command may be answered at the given time.
func (b *budget) take(now time.Time) bool {
	if m := momentOf(now); b.since == 0 || m-b.since >= moment(budgetPeriod) {
		*b = budget{since: m}
	}
	if b.used == budgetCommands {
		return false
	}
	b.used++
	return true
}
