package main

import (
	"bytes"
	"regexp"
	"testing"

	"parley/telnet"
)

// prompts are what a mark may end: what asks for a name, a secret or a command.
var prompts = regexp.MustCompile(`^(<[^<>]+> |[^<>]*> |Enter [^:]+: )$`)

// misplacedMark returns what stands before the first mark of a prompt (IAC EOR, IAC GA) in received that ends none:
// nothing is to be marked but prompts, each once. ok means that all are in their place.
func misplacedMark(received []byte) (line string, ok bool) {
	var d telnet.Decoder
	var text []byte
	dst := make([]byte, 256)
	for len(received) > 0 {
		n, used, cmd, err := d.Decode(dst, received)
		if err != nil {
			return err.Error(), false
		}
		received = received[used:]
		text = append(text, dst[:n]...)
		text = text[bytes.LastIndexByte(text, '\n')+1:]
		if cmd.Code == telnet.EOR || cmd.Code == telnet.GA {
			if !prompts.Match(text) {
				return string(text), false
			}
			text = nil // what is marked once more has nothing before it
		}
	}
	return "", true
}

func TestMisplacedMark(t *testing.T) {
	for _, tt := range []struct {
		received, line string
		ok             bool
	}{
		{"hello\r\n<alice:0> \xff\xef", "", true},
		{"\rEnter your username: \xff\xfb\x2a\xff\xf9", "", true},
		{"<alice:0> \xff\xef\r\nhello\r\n<alice:0> \xff\xef", "", true},
		{"<alice:0> \xff\xfa\xc9Core.Ping\xff\xf0\xff\xef", "", true},
		{"hello\r\n\xff\xef", "", false},
		{"hello\xff\xef", "hello", false},
		{"<alice:0> \xff\xef\xff\xef", "", false},
		{"<alice:0> \r\n[Room 0] *bob*: hi\xff\xf9", "[Room 0] *bob*: hi", false},
	} {
		if line, ok := misplacedMark([]byte(tt.received)); line != tt.line || ok != tt.ok {
			t.Errorf("%q: got %q, %v, want %q, %v", tt.received, line, ok, tt.line, tt.ok)
		}
	}
}
