package ssh

import (
	"regexp"

	gossh "golang.org/x/crypto/ssh"
)

// A session is the one channel that a peer has.
type session struct {
	asked    <-chan *gossh.Request // nil when there will be no more
	terminal *Terminal
	phase    phase
}

// A phase is what a session is at.
type phase uint8

const (
	waits    phase = iota // it was not asked for anything yet
	runs                  // it runs a command
	talks                 // somebody sits at its terminal
	finished              // its peer has been told that it is over
)

// active reports whether somebody is being served. A nil session is none.
func (s *session) active() bool { return s != nil && (s.phase == runs || s.phase == talks) }

// requests returns what the peer asks of the session; nil where that is nothing.
func (s *session) requests() <-chan *gossh.Request {
	if s == nil {
		return nil
	}
	return s.asked
}

// obey does what a request says, and answers it if the peer wants that. All that is not known is refused: forwarding of
// agents and X11, subsystems, what is asked twice.
func (c *service) obey(r *gossh.Request) {
	s, ok := c.session, false
	begin := false
	var command string
	switch r.Type {
	case "pty-req", "env":
		ok = s.phase == waits && s.terminal.set(r.Type, r.Payload)
	case "window-change", "signal", "break":
		ok = s.terminal.set(r.Type, r.Payload)
	case "shell":
		begin = s.phase == waits
	case "exec":
		if command, begin = parseCommand(r.Payload); s.phase != waits {
			begin = false
		}
	}
	if r.WantReply {
		_ = r.Reply(ok || begin, nil) // a connection that is gone says so elsewhere
	}
	if begin {
		c.begin(command)
	}
}

// maxCommand is how long a command may be: some more than a line.
const maxCommand = 8 << 10

// parseCommand reads the request to run a command (RFC 4254, section 6.5). It returns false for one that is none.
func parseCommand(payload []byte) (command string, ok bool) {
	var m struct{ Command string }
	if gossh.Unmarshal(payload, &m) != nil || len(m.Command) > maxCommand {
		return "", false
	}
	return m.Command, true
}

// The sizes of windows that are believed, as of telnet: see package telnet.
const (
	minColumns, maxColumns = 40, 500
	minRows, maxRows       = 1, 500
)

// clamp brings size between least and most; 0, an unknown size, stays.
func clamp(size uint32, least, most int) int {
	if size == 0 {
		return 0
	}
	return max(least, int(min(size, uint32(most))))
}

// set takes what a request says of the terminal, and reports whether that is something. What is told of a
// pseudo-terminal counts only where there is one.
func (t *Terminal) set(request string, payload []byte) bool {
	var window struct{ Columns, Rows, Width, Height uint32 }
	var pty struct {
		Term                         string
		Columns, Rows, Width, Height uint32
		Modes                        string
	}
	var env struct{ Name, Value string }
	var signal struct{ Name string }
	switch {
	case request == "pty-req" && gossh.Unmarshal(payload, &pty) == nil:
		t.beTerminal(cleanName(pty.Term), clamp(pty.Columns, minColumns, maxColumns), clamp(pty.Rows, minRows, maxRows))
	case request == "window-change" && gossh.Unmarshal(payload, &window) == nil:
		return t.resize(clamp(window.Columns, minColumns, maxColumns), clamp(window.Rows, minRows, maxRows))
	case request == "env" && gossh.Unmarshal(payload, &env) == nil:
		return t.setVariable(env.Name, env.Value)
	case request == "signal" && gossh.Unmarshal(payload, &signal) == nil && signal.Name == "INT", request == "break":
		t.types("\x03")
	default:
		return false
	}
	return true
}

// maxName is how much of the name of a terminal is kept, as of telnet.
const maxName = 40

// cleanName returns the printable ASCII of name, cut to what is kept.
func cleanName(name string) string {
	clean := make([]byte, 0, maxName)
	for i := 0; i < len(name) && len(clean) < maxName; i++ {
		if name[i] >= ' ' && name[i] <= '~' {
			clean = append(clean, name[i])
		}
	}
	return string(clean)
}

// maxValue is how long the value of a variable may be.
const maxValue = 64

// A locale is how a value of LANG or LC_... is written, such as de_DE.ISO-8859-1@euro.
var locale = regexp.MustCompile(`^[A-Za-z0-9_]*(?:\.([A-Za-z0-9_-]+))?(?:@[A-Za-z0-9]+)?$`)
