package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/telnet/telnettest"
)

// A user is somebody at a terminal, and what a reader of the transcript knows of his screen.
type user struct {
	name   string
	client *telnettest.Client
	raw    bool // the wire is shown, not the screen

	finished []string // lines that were finished
	before   string   // the unfinished one up to the cursor
	after    string   // and from there on
	prompt   prompt   // the last ordinary one
	entered  int      // lines entered there since
	received int      // bytes looked at
	left     []byte   // the start of a command, of a raw client
	unknown  int      // complaints made of the screen
	gone     bool     // the server has closed
}

// A prompt is the one that commands are typed at: <alice:4>.
type prompt struct {
	name string
	n    int
}

var promptLine = regexp.MustCompile(`^<([^<>:]+):(\d+)> (.*)$`)

// parsePrompt takes an unfinished line apart; typed is what stands behind the prompt. The zero prompt means that there
// is none.
func parsePrompt(line string) (p prompt, typed string) {
	m := promptLine.FindStringSubmatch(line)
	if m == nil {
		return prompt{}, ""
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return prompt{}, ""
	}
	return prompt{m[1], n}, m[3]
}

// look returns what is new to see: finished lines, the unfinished one where the reader cannot know it, the end. op and
// text are what the user did in this step, empty if nothing.
func (u *user) look(op, text string) []string {
	if u.raw {
		return u.lookAtWire()
	}
	var finished, unfinished, unknown []string
	var before, after string
	u.client.Look(func(s *telnettest.Screen) {
		finished = s.Finished()
		before, after = s.Line()
		unfinished = append([]string{before + "_" + after}, s.Below()...)
		unknown = slices.Clone(s.Unknown())
	})
	same := 0
	for same < min(len(finished), len(u.finished)) && finished[same] == u.finished[same] {
		same++
	}
	fresh := finished[same:]

	var lines []string
	see := func(how string, what ...string) {
		for _, w := range what {
			lines = append(lines, strings.TrimRight(u.name+" "+how+" "+w, " "))
		}
	}
	switch op {
	case ">":
		typed := u.before + text + u.after
		rest, ok := cutTyped(fresh, typed)
		if !ok && !(len(fresh) > 0 && isMasked(fresh[0], typed)) {
			see("!", "what was typed is not on the screen")
		}
		fresh = rest
	case "*":
		rest, ok := cutTyped(fresh, u.before+u.after)
		if !ok || strings.TrimSpace(u.before) == "" {
			see("!", "no prompt asks for a secret, or the screen shows more than the prompt")
		}
		fresh = rest
		received := u.client.Received()
		onScreen := strings.Join(slices.Concat(finished, unfinished), "\n")
		if text != "" && (strings.Contains(onScreen, text) || bytes.Contains(received, []byte(text))) {
			see("!", "the secret shows")
		}
	}
	see("<", fresh...)
	if u.lineIsNews(unfinished, len(fresh) > 0, op) {
		see("|", unfinished...)
	}
	u.finished, u.before, u.after = finished, before, after
	if u.client.Ended() && !u.gone {
		u.gone = true
		see("<", "(closed)")
	}
	for ; u.unknown < len(unknown); u.unknown++ {
		see("!", "no terminal has to know "+unknown[u.unknown])
	}
	if err := u.client.Err(); err != nil {
		see("!", err.Error())
	}
	return lines
}

// lineIsNews decides whether the unfinished line is written down. It is after connect and after keys without Enter;
// when it is not the ordinary prompt and has changed, or something was printed above it; and when it is a prompt other
// than the one to come next.
func (u *user) lineIsNews(unfinished []string, printed bool, op string) bool {
	line := unfinished[0]
	changed := line != u.before+"_"+u.after || len(unfinished) > 1
	expected := u.prompt
	if expected == (prompt{}) {
		expected.name = u.name
	} else {
		expected.n += u.entered
	}
	now, typed := parsePrompt(line)
	if now != (prompt{}) {
		u.prompt, u.entered = now, 0
	}
	switch {
	case op == "connect" || op == "~":
		return true
	case u.client.Ended() && line == "_":
		return false
	case now != (prompt{}) && typed == "_":
		return now != expected || len(unfinished) > 1
	}
	return changed || printed
}

// enter notes that lines are entered at the ordinary prompt, if that is where the user is.
func (u *user) enter(lines int) {
	if p, _ := parsePrompt(u.before); p != (prompt{}) {
		u.entered += lines
	}
}

// cutTyped takes from the head of lines the one that was typed. It may fill several rows if the server breaks it, at
// blanks or not, so that with more than one row blanks do not count.
func cutTyped(lines []string, typed string) (rest []string, ok bool) {
	if len(lines) > 0 && lines[0] == strings.TrimRight(typed, " ") {
		return lines[1:], true
	}
	dense := strings.NewReplacer(" ", "")
	typed = dense.Replace(typed)
	for i, line := range lines {
		var found bool
		if typed, found = strings.CutPrefix(typed, dense.Replace(line)); !found {
			break
		}
		if typed == "" {
			return lines[i+1:], true
		}
	}
	return lines, false
}

// isMasked reports whether line shows what was typed but for characters that are hidden by stars. The transcript says
// so.
func isMasked(line, typed string) bool {
	shown, meant := []rune(line), []rune(strings.TrimRight(typed, " "))
	if len(shown) != len(meant) {
		return false
	}
	for i := range shown {
		if shown[i] != meant[i] && shown[i] != '*' {
			return false
		}
	}
	return true
}

// lookAtWire spells what a raw client has received.
func (u *user) lookAtWire() []string {
	received := u.client.Received()
	words, left := telnettest.Words(append(u.left, received[u.received:]...))
	u.received, u.left = len(received), left
	var lines []string
	for _, w := range words {
		lines = append(lines, fmt.Sprintf("%s << %s", u.name, w))
	}
	if u.client.Ended() && !u.gone {
		u.gone = true
		lines = append(lines, u.name+" << (closed)")
	}
	return lines
}
