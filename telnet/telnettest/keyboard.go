package telnettest

import (
	"io"
	"unicode/utf8"
)

// Type presses keys. "\r" is Enter and "\x7f" Backspace; "\x03", "\x04" and "\x15" are Ctrl-C, Ctrl-D and Ctrl-U, other
// control bytes and sequences such as "\x1b[D" are what a terminal sends for its keys.
//
// In line mode the keys make a line, shown unless the server has turned the echo off, that leaves with Enter. It
// returns [io.ErrClosedPipe] after the end of the connection or CloseWrite.
func (c *Client) Type(keys string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.changed.Broadcast()
	for keys != "" {
		if c.ended || c.closing || c.halfDone {
			return io.ErrClosedPipe
		}
		_, n := utf8.DecodeRuneInString(keys)
		c.press(keys[:n])
		keys = keys[n:]
	}
	return c.err
}

// Send sends bytes as they are, past the keyboard. It returns [io.ErrClosedPipe] after the end of the connection.
func (c *Client) Send(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.changed.Broadcast()
	if c.ended || c.closing || c.halfDone {
		return io.ErrClosedPipe
	}
	c.send(p...)
	return c.err
}

func (c *Client) press(key string) {
	if c.sendsKeys() {
		if c.echoes() {
			c.echo(key)
		}
		if key == "\r" {
			key = c.habits.enterChar
		}
		c.send([]byte(key)...)
		return
	}
	switch key {
	case "\r", "\n":
		c.sendLine()
	case "\x7f":
		c.rubOut()
	case "\x15":
		for len(c.line) > 0 {
			c.rubOut()
		}
	case "\x03":
		c.interrupt()
	case "\x04":
		c.endOfInput()
	default:
		c.line = append(c.line, key...)
		if c.echoes() {
			c.echo(key)
		}
	}
}

func (c *Client) sendLine() {
	if c.echoes() {
		c.show([]byte("\r\n"))
	}
	c.send(c.line...)
	c.send([]byte(c.habits.enterLine)...)
	c.line = nil
}

// rubOut takes away the last character as a terminal driver does: one column, however wide it was.
func (c *Client) rubOut() {
	if len(c.line) == 0 {
		return
	}
	r, n := utf8.DecodeLastRune(c.line)
	c.line = c.line[:len(c.line)-n]
	if c.echoes() {
		c.show([]byte("\b \b"))
		if r < 0x20 && r != '\t' { // was shown as ^X
			c.show([]byte("\b \b"))
		}
	}
}

func (c *Client) interrupt() {
	c.line = nil
	switch {
	case c.habits.dies:
		c.halfDone, c.closing = true, true
		c.nc.Close()
	case c.habits.interrupt != "":
		c.sendWords(c.habits.interrupt)
		c.deaf = true
	}
}

func (c *Client) endOfInput() {
	switch {
	case len(c.line) > 0: // goes off without an end of line
		c.send(c.line...)
		c.line = nil
	case c.habits.endOfInput != "":
		c.sendWords(c.habits.endOfInput)
	default:
		c.halfDone = true
	}
}

// echo shows a key as the terminal's driver does.
func (c *Client) echo(key string) {
	if key[0] < 0x20 && key != "\t" {
		c.show([]byte{'^', key[0] + '@'})
		return
	}
	c.show([]byte(key))
}
