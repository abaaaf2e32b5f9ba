package session

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"parley/chat"
	"parley/commands"
	"parley/words"
)

// What is pasted is text: no key of it does anything. A terminal that says where it begins and ends has one line of it
// put into the line that is typed, and the user is asked before several lines are entered.

// maxPaste is how many bytes may be entered by one paste. The rest of maxAhead is for what is typed meanwhile.
const maxPaste = maxAhead / 2

// A paste is what comes between the two marks. The zero paste has just begun.
type paste struct {
	text []byte // lines, with '\n' between them
	why  error  // why nothing of it is taken, if so
}

func (p *paste) add(r rune) {
	if len(p.text) >= maxPaste {
		p.drop(chat.ErrPasteLong)
	}
	if p.why == nil {
		p.text = append(p.text, string(r)...)
	}
}

func (p *paste) drop(why error) { p.text, p.why = nil, why }

// lines returns the lines that have something in them; or what there is, if it is one line.
func (p *paste) lines() (lines []string) {
	text := strings.Trim(string(p.text), "\n")
	if text != "" && !strings.Contains(text, "\n") {
		return []string{text}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// pasting takes a key while text is pasted. After an interrupt the rest is left out; a second one says that there is
// none.
func (e *readlineEditor) pasting(k key) Action {
	switch p := e.paste; {
	case k == keyPasted:
		return e.pasteEnds()
	case k == keyInterrupt:
		if e.keys.pasted = p.why != chat.ErrCancelled; !e.keys.pasted {
			e.paste = nil
		}
		p.drop(chat.ErrCancelled)
		e.reset()
		return Interrupt
	case k == keyEnter:
		p.add('\n')
	case k > 0:
		p.add(typed(k))
	}
	return None
}

// pasteEnds puts what was pasted into the line, if it is one; else it is for the session to ask about.
func (e *readlineEditor) pasteEnds() Action {
	p := e.paste
	e.paste = nil
	switch lines := p.lines(); {
	case p.why == chat.ErrCancelled, p.why == nil && len(lines) == 0:
		return None
	case p.why == nil && len(lines) == 1:
		if e.insert(lines[0]) {
			return Bell
		}
		return None
	}
	e.pasted = p
	return Pasted
}

// pasteLost ends a paste whose end has not come.
func (e *readlineEditor) pasteLost() Action {
	if len(e.paste.text) > 0 {
		e.paste.drop(chat.ErrPasteLost)
	}
	return e.pasteEnds()
}

// A paster is an [Editor] that takes what is pasted as text.
type paster interface {
	// takePasted returns what Pasted is about.
	takePasted() *paste
	// insert puts text in at the cursor, and reports whether it was refused because the line is full.
	insert(text string) (refused bool)
	// skipPaste leaves out the rest of what is being pasted.
	skipPaste()
}

func (e *readlineEditor) takePasted() *paste {
	p := e.pasted
	e.pasted = nil
	return p
}

func (e *readlineEditor) skipPaste() { e.keys.pasted, e.paste = true, &paste{why: chat.ErrCancelled} }

// pasteOne makes one line of what was pasted where a question is asked.
func (s *Session) pasteOne() {
	e := s.editor.(paster) // no other asks for it
	p := e.takePasted()
	if p.why != nil {
		s.sayWhy(p.why)
	} else if e.insert(strings.Join(p.lines(), " ")) {
		s.out = append(s.out, '\a')
	}
}

// askPasted shows several lines that were pasted, and enters them if the user says so: as if they had been typed ahead.
func (s *Session) askPasted() error {
	p := s.lines.(paster).takePasted() // no other asks for it
	if p.why != nil {
		s.refuse(p.why)
		return nil
	}
	before, cursor := s.lines.Line()
	lines, question := s.whole(p.lines(), before[:cursor], before[cursor:])
	queue := strings.Join(lines, "\n") + "\n"
	switch {
	case len(queue) > maxPaste:
		s.refuse(chat.ErrPasteLong)
		return nil
	case slices.ContainsFunc(lines, func(line string) bool { return len(line) > chat.MaxLine }):
		s.refuse(chat.ErrPasteLine)
		return nil
	}
	s.showPasted(lines)
	talking := s.talking
	switch k, err := s.askYes(s.words().Say("yes or no", question)); {
	case err != nil:
		return err
	case k == keyInterrupt:
		s.lines.SetLine("", 0)
	case k == 'y' && s.talking != talking: // it has ended, of which the user was told
	case k == 'y':
		s.lines.SetLine("", 0)
		ahead := s.look.charset.encode([]byte(queue))
		s.in, s.pasted = slices.Concat(ahead, s.in), len(ahead)
		return nil
	}
	s.say("nothing pasted")
	return nil
}

// whole returns the lines that pasted ones make with what stands before and behind the cursor, and what the user is
// asked about them. A command that stands before, as far as its text, goes with each line.
func (s *Session) whole(pasted []string, before, behind string) (lines []string, question *words.Phrase) {
	count := words.Count(len(pasted), "line")
	toTalk := s.talking != nil && (!strings.HasPrefix(before, "/") || strings.HasPrefix(before, "//"))
	switch command := strings.TrimSpace(before); {
	case toTalk && s.talking.Over, !toTalk && command == "":
		question = words.Say("enter pasted", count)
	case toTalk:
		question = words.Say("send pasted", count, commands.TargetName(s.talking.To))
	case strings.HasSuffix(before, " ") && s.secretFrom(before+"x") > len(before):
		question = words.Say("enter pasted behind", count, visible(command))
		for _, line := range pasted {
			lines = append(lines, before+line)
		}
		lines[len(lines)-1] += behind
		return lines, question
	default:
		question = words.Say("enter pasted", count)
	}
	lines = slices.Clone(pasted)
	lines[0] = before + lines[0]
	lines[len(lines)-1] += behind
	return lines, question
}

// maxPreview is how many lines are shown of what was pasted.
const maxPreview = 10

// showPasted shows the first of the lines, each in one row, with stars for what is or may be a password.
func (s *Session) showPasted(lines []string) {
	_, rows := s.term.Size()
	if rows == 0 {
		rows = defaultRows
	}
	n := min(len(lines), maxPreview, max(rows-6, 2))
	hidden, shift := 0, indent
	if s.look.reader {
		shift = ""
	}
	for _, line := range lines[:n] {
		from := s.secretFrom(line)
		shown := visible(line[:from]) + stars(line[from:])
		if hidden > 0 || s.mark.FoundIn(line) {
			shown = stars(line)
		}
		hidden--
		if s.secretFrom(line+" x") == len(line)+1 { // the password is asked for, twice perhaps: these lines may be it
			hidden = 2
		}
		s.print(s.cutRow(shift + shown))
	}
	if n < len(lines) {
		s.say("more pasted", words.Count(len(lines)-n, "line"))
	}
}

// cutRow returns as much of line as fits into a row.
func (s *Session) cutRow(line string) string {
	const dots = "..."
	width := s.screen.width()
	if maxCells(line) <= width {
		return line
	}
	end, col := 0, 0
	for end < len(line) {
		size, n := firstPart(line[end:], width)
		if col += n; col > width-len(dots) {
			break
		}
		end += size
	}
	return line[:end] + dots
}

// askYes asks for y or n, and returns which it is, or keyInterrupt. What others say is shown above meanwhile; what is
// pasted is no answer.
func (s *Session) askYes(prompt string) (key, error) {
	before, k := s.editor, new(pagerKeys)
	s.editor = k
	s.setPrompt(prompt)
	defer func() {
		s.editor = before
		s.skipPasted(&k.keys)
		s.screen.Drop()
		s.dropPrompt()
	}()
	for {
		action, err := s.nextAnswer()
		switch got := key(unicode.ToLower(rune(k.got))); {
		case err != nil:
			return keyNone, err
		case action != Submit:
			s.signal(action)
		case got == keyInterrupt, got == keyEOF:
			return keyInterrupt, nil
		case k.keys.pasted, got == keyPasted: // is no answer
		case got == 'y', got == 'n':
			return got, nil
		case got == keyRedraw:
			s.signal(Redraw)
		default:
			s.signal(Bell)
		}
	}
}

// skipPasted leaves out what is still to come of a paste, in which a question was called off whose answer keys decoded.
func (s *Session) skipPasted(keys *keyDecoder) {
	if e, ok := s.lines.(paster); ok && keys.pasted {
		e.skipPaste()
	}
}

// dropPasted leaves out what was pasted and has not been entered.
func (s *Session) dropPasted() {
	n := bytes.Count(s.in[:s.pasted], []byte("\n"))
	s.in, s.pasted = s.in[s.pasted:], 0
	if n > 0 {
		s.say("pasted not sent", words.Count(n, "line"))
	}
}
