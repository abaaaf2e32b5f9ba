package web

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// An opcode says what a frame is (RFC 6455, section 5.2).
type opcode byte

const (
	opContinuation opcode = 0x0
	opText         opcode = 0x1
	opBinary       opcode = 0x2
	opClose        opcode = 0x8
	opPing         opcode = 0x9
	opPong         opcode = 0xA

	final    = 0x80 // in the first byte: the last frame of its message
	reserved = 0x70 // in the first byte: no extension was agreed upon
	masked   = 0x80 // in the second byte

	length16 = 126 // in the second byte: 16 bits of length follow
	length64 = 127

	maxControl = 125 // bytes of a control frame
	maxHead    = 14  // bytes before those of a frame
)

func (o opcode) control() bool { return o&0x8 != 0 }

// MaxMessage is how many bytes a message of a client may have.
const MaxMessage = 4096

// A CloseError is why a WebSocket ends: a code and a reason of RFC 6455, section 7.4. One that the client has not
// closed in good order is a lost connection, as its method Timeout says to who asks for a [net.Error].
type CloseError struct {
	Code   uint16
	Reason string
}

// These are the codes that are used here.
const (
	CodeNormal    uint16 = 1000 // its user has ended it
	CodeGoingAway uint16 = 1001 // the page is left, or the server stops
	CodeProtocol  uint16 = 1002
	codeNone      uint16 = 1005 // is never sent
	CodeInvalid   uint16 = 1007 // text that is not UTF-8
	CodePolicy    uint16 = 1008 // sent away
	CodeTooBig    uint16 = 1009
)

func (e *CloseError) Error() string {
	return fmt.Sprintf("websocket: ended with code %d %s", e.Code, e.Reason)
}

// Timeout implements [net.Error].
func (e *CloseError) Timeout() bool { return false }

// Temporary implements [net.Error].
func (e *CloseError) Temporary() bool { return false }

func violation(reason string) error { return &CloseError{Code: CodeProtocol, Reason: reason} }

// A decoder takes frames of a client apart. The zero decoder is ready. It never holds more than a message and a frame,
// and nothing between them.
type decoder struct {
	begun   []byte // of a frame that is not whole
	message []byte // what has come of a message in several frames
	text    bool   // the message is one of text
	within  bool   // a message has begun
}

// feed takes what was received, and calls handle for each whole message and control frame, with text set for one of
// text. handle must not keep the payload; feed changes received. It returns a *CloseError if the client breaks the
// protocol, or the error of handle; nothing may be fed after that.
func (d *decoder) feed(received []byte, handle func(op opcode, payload []byte) error) error {
	if len(d.begun) > 0 {
		received = append(d.begun, received...)
		d.begun = nil
	}
	for len(received) > 0 {
		head, length, err := d.head(received)
		if err != nil {
			return err
		}
		if head == 0 || len(received) < head+length {
			d.begun = append([]byte(nil), received...)
			return nil
		}
		payload := received[head : head+length]
		unmask(payload, received[head-4:head])
		if err := d.frame(received[0], payload, handle); err != nil {
			return err
		}
		received = received[head+length:]
	}
	return nil
}

// head reads how a frame begins: how many bytes come before the payload, zero if they are not all there, and how many
// the payload has.
func (d *decoder) head(b []byte) (head, length int, err error) {
	op := opcode(b[0] & 0x0F)
	switch {
	case b[0]&reserved != 0:
		return 0, 0, violation("no extension was agreed upon")
	case op > opBinary && !op.control() || op > opPong:
		return 0, 0, violation("there is no such frame")
	case op.control() && b[0]&final == 0:
		return 0, 0, violation("a control frame in pieces")
	case op == opContinuation && !d.within:
		return 0, 0, violation("nothing to continue")
	case !op.control() && op != opContinuation && d.within:
		return 0, 0, violation("the message before has no end")
	case len(b) < 2:
		return 0, 0, nil
	case b[1]&masked == 0:
		return 0, 0, violation("a frame that is not masked")
	}
	length, head = int(b[1]&^masked), 2
	switch {
	case op.control() && length > maxControl:
		return 0, 0, violation("a control frame that is too long")
	case length == length16:
		if len(b) < 4 {
			return 0, 0, nil
		}
		length, head = int(binary.BigEndian.Uint16(b[2:])), 4
		if length < length16 {
			return 0, 0, violation("a length that is too long")
		}
	case length == length64:
		return 0, 0, &CloseError{Code: CodeTooBig, Reason: "a message may have 4096 bytes"}
	}
	if !op.control() && length+len(d.message) > MaxMessage {
		return 0, 0, &CloseError{Code: CodeTooBig, Reason: "a message may have 4096 bytes"}
	}
	if head += 4; len(b) < head {
		return 0, 0, nil
	}
	return head, length, nil
}

// frame takes a whole frame.
func (d *decoder) frame(first byte, payload []byte, handle func(opcode, []byte) error) error {
	op := opcode(first & 0x0F)
	if op.control() {
		return handle(op, payload)
	}
	if op != opContinuation {
		d.text = op == opText
	}
	if d.within = first&final == 0; d.within {
		d.message = append(d.message, payload...)
		return nil
	}
	if len(d.message) > 0 {
		payload = append(d.message, payload...)
		d.message = nil
	}
	if !d.text {
		return handle(opBinary, payload)
	}
	if !utf8.Valid(payload) {
		return &CloseError{Code: CodeInvalid, Reason: "text that is not UTF-8"}
	}
	return handle(opText, payload)
}

// unmask takes off the mask of a client (section 5.3).
func unmask(payload, mask []byte) {
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
}

// appendFrame appends a frame of the server, with a whole message, to dst.
func appendFrame(dst []byte, op opcode, payload []byte) []byte {
	dst = append(dst, final|byte(op))
	switch n := len(payload); {
	case n < length16:
		dst = append(dst, byte(n))
	case n <= 0xFFFF:
		dst = binary.BigEndian.AppendUint16(append(dst, length16), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, length64), uint64(n))
	}
	return append(dst, payload...)
}

// closed reads the payload of a Close frame (section 5.5.1). It returns what the peer said, or how it broke the
// protocol.
func closed(payload []byte) *CloseError {
	if len(payload) == 0 {
		return &CloseError{Code: codeNone}
	}
	if len(payload) == 1 {
		return &CloseError{Code: CodeProtocol, Reason: "half a code"}
	}
	code := binary.BigEndian.Uint16(payload)
	switch {
	case !utf8.Valid(payload[2:]):
		return &CloseError{Code: CodeInvalid, Reason: "a reason that is not UTF-8"}
	case code >= 1000 && code < 1004, code >= 1007 && code < 1015, code >= 3000 && code < 5000:
		return &CloseError{Code: code, Reason: string(payload[2:])}
	}
	return &CloseError{Code: CodeProtocol, Reason: "there is no such code"}
}

// appendClose appends a Close frame. A code that is never sent means none.
func appendClose(dst []byte, e *CloseError) []byte {
	var payload []byte
	if e.Code != codeNone {
		payload = binary.BigEndian.AppendUint16(nil, e.Code)
		reason := e.Reason
		for len(reason) > maxControl-2 {
			_, size := utf8.DecodeLastRuneInString(reason)
			reason = reason[:len(reason)-size]
		}
		payload = append(payload, reason...)
	}
	return appendFrame(dst, opClose, payload)
}
