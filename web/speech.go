package web

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A speech is what the messages of a subprotocol mean, as telnet.
type speech interface {
	// opening is what the client has said before its first message.
	opening() []byte
	// receive appends what a message says to dst. The error is a *CloseError.
	receive(dst []byte, text bool, message []byte) ([]byte, error)
	// send appends the frames that say p to dst.
	send(dst, p []byte) []byte
}

// Subprotocols are those that are spoken, by the names of mudstandards.org, the one to be chosen first in front:
// telnet, in messages of bytes or of text; text without telnet, beside messages in JSON; the same beside messages of
// GMCP; and the same with none.
var Subprotocols = []string{
	"telnet.mudstandards.org", "json.mudstandards.org", "gmcp.mudstandards.org", "terminal.mudstandards.org",
}

// speak returns what a subprotocol means: nil for one that is not spoken.
func speak(subprotocol string) speech {
	switch kind, _, _ := strings.Cut(subprotocol, "."); {
	case subprotocol == Subprotocols[0]:
		return asIs{}
	case kind == "json" || kind == "gmcp" || kind == "terminal":
		return &stripped{json: kind == "json", messages: kind != "terminal"}
	}
	return nil
}

// asIs is telnet.
type asIs struct{}

func (asIs) opening() []byte { return nil }

func (asIs) receive(dst []byte, _ bool, message []byte) ([]byte, error) {
	return append(dst, message...), nil
}

func (asIs) send(dst, p []byte) []byte { return appendFrame(dst, opBinary, p) }

// Codes of telnet (RFC 854), and of the option GMCP.
const (
	iac  = 255
	dont = 254
	do   = 253
	wont = 252
	will = 251
	sb   = 250
	se   = 240

	optTerminalType = 24
	optGMCP         = 201
)

// stripped is text without telnet, and messages of GMCP where the client takes them. To package telnet it is a client
// of a MUD.
type stripped struct {
	messages bool
	json     bool // they are in JSON, else as GMCP writes them

	state  stripping
	option byte   // of the subnegotiation
	data   []byte // of the subnegotiation, if it is a message
}

// stripping is where in a command of telnet the output is.
type stripping uint8

const (
	inText stripping = iota
	inCommand
	inVerb // an option follows
	inOption
	inData
	inDataCommand
)

// opening answers what package telnet asks: the name, and that it is a client of a MUD that takes colours and UTF-8.
func (s *stripped) opening() []byte {
	told := []byte{iac, will, optTerminalType}
	for _, name := range []string{"WebSocket", "ANSI", "MTTS 13"} {
		told = append(append(append(told, iac, sb, optTerminalType, 0), name...), iac, se)
	}
	if s.messages {
		told = append(told, iac, do, optGMCP)
	}
	return told
}

func (s *stripped) receive(dst []byte, text bool, message []byte) ([]byte, error) {
	if !text || !s.messages {
		return append(dst, bytes.ReplaceAll(message, []byte{iac}, []byte{iac, iac})...), nil
	}
	if s.json {
		var m struct {
			Proto, ID string
			Data      json.RawMessage
		}
		if json.Unmarshal(message, &m) != nil {
			return dst, &CloseError{Code: CodeInvalid, Reason: "a message of text is JSON: proto, id, data"}
		}
		if !strings.EqualFold(m.Proto, "gmcp") || strings.ContainsAny(m.ID, " \n") {
			return dst, nil // of what is not known nothing is made
		}
		message = append([]byte(m.ID+" "), m.Data...)
	}
	dst = append(dst, iac, sb, optGMCP)
	dst = append(dst, bytes.ReplaceAll(message, []byte{iac}, []byte{iac, iac})...)
	return append(dst, iac, se), nil
}

func (s *stripped) send(dst, p []byte) []byte {
	var text []byte
	for _, b := range p {
		switch s.state {
		case inText:
			if b == iac {
				s.state = inCommand
			} else {
				text = append(text, b)
			}
		case inCommand:
			switch b {
			case iac:
				text, s.state = append(text, b), inText
			case sb:
				s.state = inOption
			case will, wont, do, dont:
				s.state = inVerb
			default:
				s.state = inText
			}
		case inVerb:
			s.state = inText
		case inOption:
			s.option, s.data, s.state = b, nil, inData
		case inData:
			if b == iac {
				s.state = inDataCommand
			} else {
				s.take(b)
			}
		case inDataCommand:
			if s.state = inData; b != se {
				s.take(b)
				continue
			}
			if len(text) > 0 { // messages keep their place
				dst, text = appendFrame(dst, opBinary, text), nil
			}
			dst, s.state, s.data = s.appendMessage(dst), inText, nil
		}
	}
	if len(text) > 0 {
		dst = appendFrame(dst, opBinary, text)
	}
	return dst
}

func (s *stripped) take(b byte) {
	if s.messages && s.option == optGMCP {
		s.data = append(s.data, b)
	}
}

func (s *stripped) appendMessage(dst []byte) []byte {
	switch {
	case !s.messages || s.option != optGMCP:
		return dst
	case !s.json:
		return appendFrame(dst, opText, bytes.ToValidUTF8(s.data, []byte("\uFFFD")))
	}
	name, data, _ := bytes.Cut(s.data, []byte(" "))
	m := struct {
		Proto string          `json:"proto"`
		ID    string          `json:"id"`
		Data  json.RawMessage `json:"data"`
	}{"gmcp", string(name), data}
	if len(data) == 0 {
		m.Data = json.RawMessage("null")
	}
	text, err := json.Marshal(m)
	if err != nil {
		return dst // no message of ours is such
	}
	return appendFrame(dst, opText, text)
}
