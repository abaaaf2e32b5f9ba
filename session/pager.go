package session

import (
	"strings"

	"parley/chat"
)

// A pager holds what a command prints where it would leave the screen of a terminal: it asks, and waits for a key. It
// does so for commands alone, not for what others say: that waits meanwhile, up to chat.PauseBytes, and follows.
//
// It does not ask a user who has typed ahead or has a screen reader, nor a peer that edits its lines.
type pager struct {
	state pagerState
	room  int // rows that may be shown before it asks
}

type pagerState uint8

const (
	pagerOff pagerState = iota // all is shown
	pagerOn
	pagerAsks
	pagerStopped // the user has seen enough
)

// openPager begins to count what a command shows.
func (s *Session) openPager() {
	s.pager = pager{}
	if _, rows := s.term.Size(); !s.term.EditsLines() && !s.look.reader && len(s.in) == 0 && rows > 2 {
		s.pager = pager{pagerOn, rows - 1}
	}
}

// printPaged is print for what a command shows.
func (s *Session) printPaged(text string) {
	if s.pager.state == pagerOff {
		s.print(text)
		return
	}
	text = s.look.charset.fit(text)
	for row := range strings.SplitAfterSeq(string(s.screen.appendRows(nil, text)), "\r\n") {
		switch {
		case row == "":
			continue
		case s.pager.state == pagerOn && s.pager.room == 0:
			s.askMore()
		}
		if s.pager.state == pagerStopped {
			return
		}
		s.screen.PrintRows(row)
		s.pager.room--
	}
}

// askMore shows that there is more, and waits for the key that says how much of it is to be shown.
func (s *Session) askMore() {
	before := s.editor
	keys := new(pagerKeys)
	s.editor, s.pager.state = keys, pagerAsks
	s.me.Pause()
	code := "more"
	if s.screen.width() < cells(s.words().Say(code)) {
		code = "more, narrow"
	}
	s.setPrompt(s.words().Say(code))
	defer func() {
		s.dropPrompt()
		s.screen.Drop()
		s.editor = before
	}()
	for {
		s.compose()
		if _, err := s.nextAction(); err != nil || s.ended() != nil {
			s.pager.state = pagerStopped // whoever reads next has the error too
			return
		}
		_, rows := s.term.Size()
		switch k := keys.got; {
		case k == keyEnter, k == keyDown:
			s.pager = pager{pagerOn, 1}
			return
		case k == ' ':
			s.pager = pager{pagerOn, max(rows, 2) - 1}
			return
		case k == 'q', k == 'Q', k == keyInterrupt, k == keyEOF:
			s.pager.state = pagerStopped
			return
		case k == keyRedraw:
			s.screen.Clear()
		case k == keyPaste: // or pastes
			s.pager.state = pagerStopped
			s.in = append([]byte("\x1b[200~"), s.in...)
			return
		case k > ' ': // somebody goes on to type
			s.pager.state = pagerStopped
			s.in = append(s.look.charset.encode([]byte(string(rune(k)))), s.in...)
			return
		default:
			s.out = append(s.out, '\a')
		}
	}
}

// holds reports whether what others say waits because the user reads on.
func (s *Session) holds() bool {
	switch {
	case s.pager.state == pagerAsks:
		return s.me.Unread() <= chat.PauseBytes
	case s.paused:
		return !s.pauseEnds()
	}
	return false
}

// pagerKeys is the editor that takes a single key.
type pagerKeys struct {
	keys keyDecoder
	got  key
}

func (e *pagerKeys) Feed(p []byte) (used int, action Action) {
	e.keys.begin()
	defer e.keys.end()
	for used < len(p) {
		k, again := e.keys.next(p[used])
		if !again {
			used++
		}
		if k != keyNone {
			e.got = k
			return used, Submit
		}
	}
	return used, None
}

func (e *pagerKeys) Shown() (text string, cursor int) { return "", 0 }
func (e *pagerKeys) Empty() bool                      { return true }
func (e *pagerKeys) Take() (string, error)            { return "", nil }
