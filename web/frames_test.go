package web

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// clientFrame returns a frame as a client sends it.
func clientFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < length16:
		b = append(b, masked|byte(n))
	case n <= 0xFFFF:
		b = binary.BigEndian.AppendUint16(append(b, masked|length16), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, masked|length64), uint64(n))
	}
	mask := []byte{1, 2, 3, 4}
	b = append(b, mask...)
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i&3])
	}
	return b
}

// decoded feeds b in pieces of a size, and returns what came out and the error.
func decoded(b []byte, size int) (all []string, err error) {
	var d decoder
	for piece := range slices.Chunk(bytes.Clone(b), size) {
		if err = d.feed(piece, func(op opcode, payload []byte) error {
			all = append(all, string(rune('0'+op))+string(payload))
			return nil
		}); err != nil {
			break
		}
		if len(d.begun) > MaxMessage+maxHead || len(d.message) > MaxMessage {
			panic("too much is kept")
		}
	}
	return all, err
}

// TestFrames tests what is made of frames, whatever the pieces in which they come.
func TestFrames(t *testing.T) {
	big := strings.Repeat("x", MaxMessage)
	unmasked := clientFrame(0x82, "x")
	unmasked[1] &^= masked
	for _, tt := range []struct {
		name   string
		frames [][]byte
		want   []string
		code   uint16 // zero for no error
	}{
		{"bytes", [][]byte{clientFrame(0x82, "a\xff")}, []string{"2a\xff"}, 0},
		{"nothing", [][]byte{clientFrame(0x82, "")}, []string{"2"}, 0},
		{"text", [][]byte{clientFrame(0x81, "ä")}, []string{"1ä"}, 0},
		{"text that is none", [][]byte{clientFrame(0x81, "\xe4")}, nil, CodeInvalid},
		{"pieces", [][]byte{clientFrame(0x01, "\xc3"), clientFrame(0x89, "p"), clientFrame(0x00, ""),
			clientFrame(0x80, "\xa4")}, []string{"9p", "1ä"}, 0},
		{"the longest", [][]byte{clientFrame(0x82, big), clientFrame(0x82, big)}, []string{"2" + big, "2" + big}, 0},
		{"too long", [][]byte{clientFrame(0x82, big+"x")}, nil, CodeTooBig},
		{"too long in pieces", [][]byte{clientFrame(0x02, big), clientFrame(0x80, "x")}, nil, CodeTooBig},
		{"much too long", [][]byte{clientFrame(0x82, strings.Repeat("x", 70_000))}, nil, CodeTooBig},
		{"not masked", [][]byte{unmasked}, nil, CodeProtocol},
		{"an extension", [][]byte{clientFrame(0xC2, "x")}, nil, CodeProtocol},
		{"no such data", [][]byte{clientFrame(0x83, "x")}, nil, CodeProtocol},
		{"no such control", [][]byte{clientFrame(0x8B, "x")}, nil, CodeProtocol},
		{"control in pieces", [][]byte{clientFrame(0x09, "x")}, nil, CodeProtocol},
		{"long control", [][]byte{clientFrame(0x89, strings.Repeat("x", 126))}, nil, CodeProtocol},
		{"nothing to continue", [][]byte{clientFrame(0x80, "x")}, nil, CodeProtocol},
		{"a message within another", [][]byte{clientFrame(0x02, "x"), clientFrame(0x82, "y")}, nil, CodeProtocol},
		{"long length", [][]byte{{0x82, masked | length16, 0, 1, 0, 0, 0, 0, 'x'}}, nil, CodeProtocol},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := slices.Concat(tt.frames...)
			for _, size := range []int{1, 2, 3, 7, 1000, len(all)} {
				got, err := decoded(all, size)
				var why *CloseError
				var code uint16
				if errors.As(err, &why) {
					code = why.Code
				}
				if code != tt.code || (err != nil) != (code != 0) {
					t.Errorf("in pieces of %d: %v", size, err)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("in pieces of %d: %.100q", size, got)
				}
			}
		})
	}
}

// FuzzFrames tests that no bytes do harm, and that the pieces in which they come make no difference.
func FuzzFrames(f *testing.F) {
	f.Add(clientFrame(0x82, "hello"), uint8(1))
	f.Add(slices.Concat(clientFrame(0x01, "\xc3"), clientFrame(0x8A, ""), clientFrame(0x80, "\xa4")), uint8(2))
	f.Add(slices.Concat(clientFrame(0x88, "\x03\xe8bye"), clientFrame(0x89, "x")), uint8(3))
	f.Add([]byte{0x82, 0xFE, 0x10, 0x01}, uint8(4))
	f.Add([]byte{0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 'x'}, uint8(5))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		if len(b) == 0 {
			return
		}
		whole, err := decoded(b, len(b))
		pieces, errOfPieces := decoded(b, int(size)+1)
		if !slices.Equal(whole, pieces) || (err == nil) != (errOfPieces == nil) {
			t.Fatalf("%q, %v in pieces of %d is %q, %v as a whole", pieces, errOfPieces, size+1, whole, err)
		}
		for _, text := range whole {
			if text[0] == '0'+byte(opClose) {
				closed([]byte(text[1:]))
			}
		}
	})
}

// TestClosed tests what is made of the payload of a Close frame, and that what is sent can be read.
func TestClosed(t *testing.T) {
	for payload, want := range map[string]uint16{
		"": codeNone, "\x03": CodeProtocol, "\x03\xe8": CodeNormal, "\x03\xe9gone": CodeGoingAway, "\x0b\xb8": 3000,
		"\x03\xed": CodeProtocol, "\x03\xee": CodeProtocol, "\x00\x00": CodeProtocol, "\xff\xff": CodeProtocol,
		"\x03\xe8\xe4": CodeInvalid,
	} {
		if got := closed([]byte(payload)); got.Code != want {
			t.Errorf("%q: %v", payload, got)
		}
	}
	long := appendClose(nil, &CloseError{Code: CodePolicy, Reason: strings.Repeat("ä", 100)})
	if n := len(long) - 2; n != int(long[1]) || n > maxControl || closed(long[2:]).Code != CodePolicy {
		t.Errorf("a long reason becomes %q", long)
	}
}

// FuzzStripped tests that text and messages come through whatever the pieces in which they are written, and that no
// byte of telnet does.
func FuzzStripped(f *testing.F) {
	f.Add([]byte("\xff\xfd\x18\rhello\xff\xff\r\n\xff\xf9"), uint8(1), true)
	f.Add([]byte("a\xff\xfa\xc9Core.Ping\xff\xf0b\xff\xfa\x18\x01\xff\xf0c"), uint8(3), false)
	f.Add([]byte("\xff\xfa\xc9Comm.Channel.Text {\"text\":\"x\xff\xffy\"}\xff\xf0"), uint8(9), true)
	f.Fuzz(func(t *testing.T, b []byte, size uint8, inJSON bool) {
		texts := func(size int) (text, messages string) {
			s := &stripped{messages: true, json: inJSON}
			for piece := range slices.Chunk(b, size) {
				frames := s.send(nil, piece)
				for len(frames) > 0 {
					head, n := 2, int(frames[1])
					switch n {
					case length16:
						head, n = 4, int(binary.BigEndian.Uint16(frames[2:]))
					case length64:
						head, n = 10, int(binary.BigEndian.Uint64(frames[2:]))
					}
					if frames[0] == final|byte(opText) {
						messages += string(frames[head:head+n]) + "\n"
					} else {
						text += string(frames[head : head+n])
					}
					frames = frames[head+n:]
				}
			}
			return text, messages
		}
		text, messages := texts(max(1, len(b)))
		if t2, m2 := texts(int(size) + 1); text != t2 || messages != m2 {
			t.Fatalf("%q, %q in pieces of %d is %q, %q as a whole", t2, m2, size+1, text, messages)
		}
	})
}
