package session

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/settings"
	"parley/words"
)

// A question of the checkup is answered by what the user types up to Enter, as the terminal sends it.
type question struct {
	code string
	// show shows what the question is about, or why it is not asked; nil means that it always is.
	show func(s *Session) (ask bool)
	// learn says what an answer means, and notes it, if it is known.
	learn func(answer []byte, c *settings.Checkup) (meaning *words.Phrase, known bool)
}

var questions = []question{
	{"ask backspace", (*Session).sendsKeys, learnErase},
	{"ask arrow", (*Session).sendsKeys, learnArrow},
	{"ask accent", nil, learnCharset},
	{"ask width", (*Session).showRuler, learnWidth},
}

// Checkup asks what the terminal sends, one thing after the other, and keeps that for it.
func (s *Session) Checkup(ctx context.Context) error {
	s.say("checkup")
	if s.term.EditsLines() {
		s.say("checkup lines")
	}
	found, learned := s.look.learned, false
	for _, q := range questions {
		if q.show != nil && !q.show(s) {
			continue
		}
		answer, err := s.probe(s.words().Say(q.code))
		if err != nil {
			return err
		}
		if bytes.EqualFold(answer, []byte("q")) {
			break
		}
		if len(answer) > 0 {
			meaning, known := q.learn(answer, &found)
			learned = learned || known
			s.print(s.words().Phrase(meaning))
		}
	}
	if !learned {
		s.say("checkup nothing")
		return nil
	}
	return s.keepCheckup(ctx, found)
}

// keepCheckup keeps what was found for terminals like this one, and lets it take effect.
func (s *Session) keepCheckup(ctx context.Context, found settings.Checkup) error {
	if err := s.server.Chat.Set(ctx, s.me, s.settings().KeepCheckup(s.term.Name(), found)); err != nil {
		return err
	}
	s.Relook()
	switch terminal := s.term.Name(); {
	case s.me.User.Guest:
		s.say("checkup for guest")
	case terminal == "":
		s.say("checkup for nameless")
	default:
		s.say("checkup kept", terminal)
	}
	return nil
}

// sendsKeys reports whether there are keys to be tested.
func (s *Session) sendsKeys() bool { return !s.term.EditsLines() }

// showRuler shows how wide a row is, where that is to be seen, and the terminal does not say it.
func (s *Session) showRuler() (ask bool) {
	const widest = 160
	switch columns, _ := s.term.Size(); {
	case columns > 0:
		s.say("says width", columns)
		return false
	case s.look.reader:
		return false
	}
	var row []byte
	for n := 10; n <= widest; n += 10 {
		row = append(row, "..........."[:n-len(row)-len(strconv.Itoa(n))]...)
		row = strconv.AppendInt(row, int64(n), 10)
	}
	s.screen.PrintRows(string(row) + "\r\n") // the terminal wraps it
	return true
}

func learnErase(answer []byte, c *settings.Checkup) (*words.Phrase, bool) {
	switch k := firstKey(answer); k {
	case keyErase, keyDelete:
		if c.Erase = k == keyDelete; c.Erase {
			return words.Say("backspace deletes"), true
		}
		return words.Say("backspace works"), true
	}
	return words.Say("backspace unknown"), false
}

func learnArrow(answer []byte, _ *settings.Checkup) (*words.Phrase, bool) {
	if firstKey(answer) == keyLeft && len(answer) > 1 {
		return words.Say("arrows work"), true
	}
	return words.Say("arrows unknown"), false
}

// firstKey returns the key that the terminal sent first.
func firstKey(answer []byte) key {
	var d keyDecoder
	for _, b := range answer {
		if k, _ := d.next(b); k != keyNone {
			return k
		}
	}
	return keyNone
}

// accents are how an e with an acute accent is sent.
var accents = []struct{ sent, charset string }{
	{"é", "UTF-8"}, {"\xe9", "Latin-1"}, {"\x82", "CP437"},
	{"É", "UTF-8"}, {"\xc9", "Latin-1"}, {"\x90", "CP437"},
}

func learnCharset(answer []byte, c *settings.Checkup) (*words.Phrase, bool) {
	sent := strings.Trim(string(answer), " ") // a byte beyond ASCII is no rune
	switch i := slices.IndexFunc(accents, func(a struct{ sent, charset string }) bool { return a.sent == sent }); {
	case i >= 0:
		c.Charset = accents[i].charset
	case len(answer) == 2 && withoutBit(answer):
		return words.Say("accent stripped"), false
	case utf8.Valid(answer) && !isASCII(answer):
		c.Charset = "UTF-8"
	default:
		return words.Say("accent unknown"), false
	}
	return words.Say("accent known", c.Charset), true
}

func learnWidth(answer []byte, c *settings.Checkup) (*words.Phrase, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(string(answer)))
	if err != nil || n < settings.MinWidth || n > settings.MaxWidth {
		return words.Say("width unknown", settings.MinWidth, settings.MaxWidth), false
	}
	c.Width = n
	return words.Say("width noted", n), true
}

// probe asks for a line, and returns it as the terminal sends it. It returns ErrCancelled if the user calls it off.
func (s *Session) probe(prompt string) ([]byte, error) {
	before, p := s.editor, new(probe)
	s.editor = p
	line, err := s.AskShown(prompt)
	s.editor = before
	line = strings.NewReplacer("\x1b[200~", "", "\x1b[201~", "").Replace(line)
	return []byte(line), err
}

// A probe is the editor that takes what comes, up to Enter, as it is.
type probe struct{ got []byte }

const maxProbe = 64 // bytes

// Feed takes bytes in the terminal's own charset.
func (e *probe) Feed(p []byte) (used int, action Action) {
	for _, b := range p {
		used++
		switch {
		case b == '\n':
			return used, Submit
		case b == interrupt:
			return used, Interrupt
		case b == 0x04 && len(e.got) == 0:
			return used, EOF
		case len(e.got) < maxProbe:
			e.got = append(e.got, b)
		}
	}
	return used, None
}

func (e *probe) Take() (string, error) {
	line := string(e.got)
	e.got = nil
	return line, nil
}

func (e *probe) Shown() (text string, cursor int) { return "", 0 }
func (e *probe) Empty() bool                      { return len(e.got) == 0 }
