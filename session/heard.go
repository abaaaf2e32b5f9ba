package session

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/chat"
	"parley/words"
)

// For users who hear it, that one comes after the other is worth a line now and then, and no more: see moves.

// movesEvery is how long nobody must have come or gone for the next one to be told of at once, by name, to who wants
// that.
const movesEvery = 10 * time.Second

// maxMoves is of how many rooms moves are counted before they are told.
const maxMoves = 16

// moves are the comings and goings that a user with a screen reader was not told of, by room. They are told in one line
// ahead of what is shown next: one alone by name.
type moves struct {
	last  time.Time   // when somebody came or went
	one   *chat.Event // what is counted, if that is one user
	rooms []roomMoves
}

// rarely is what few sessions have.
type rarely struct {
	refused   error  // what was refused last
	following string // the line that shows what comes next of a list
	moves     moves
	pacing    pacing
	completed time.Time // when completions would be whole again
	listed    string    // the line for which completions were listed since something was typed
	unread    int       // bytes that waited when a write failed
	channels  channels
	client    clientLogin
	roomed    bool // the user has joined a room
	held      *held
}

// rare returns what few sessions have, for a change.
func (s *Session) rare() *rarely {
	if s.rarely == nil {
		s.rarely = new(rarely)
	}
	return s.rarely
}

// forgetRare forgets what of that is the user's.
func (s *Session) forgetRare() {
	if s.rarely != nil {
		s.rarely.following, s.rarely.moves, s.rarely.channels = "", moves{}, channels{}
		s.rarely.roomed, s.rarely.refused, s.rarely.listed = false, nil, ""
	}
}

type roomMoves struct{ room, joined, left int }

// moving returns how many events, from the first on, say that somebody came or went.
func moving(events []*chat.Event) (n int) {
	for n < len(events) {
		switch events[n].Kind {
		case chat.Joined, chat.Left, chat.JoinedMany, chat.LeftMany:
			n++
		default:
			return n
		}
	}
	return n
}

// tellMoves tells of comings and goings, in one line with those who come later. A user who has chosen that is told at
// once of one alone.
func (s *Session) tellMoves(events []*chat.Event) {
	now, m := time.Now(), &s.rare().moves
	alone := s.look.coming == comingShown && now.Sub(m.last) >= movesEvery
	m.last = now
	if alone {
		s.flushMoves()
	}
	for _, e := range events {
		if !s.stale(e) {
			m.count(e)
		}
	}
	if alone || len(m.rooms) >= maxMoves {
		s.flushMoves()
	}
}

func (m *moves) count(e *chat.Event) {
	if m.one = nil; len(m.rooms) == 0 && (e.Kind == chat.Joined || e.Kind == chat.Left) {
		m.one = e
	}
	i := slices.IndexFunc(m.rooms, func(r roomMoves) bool { return r.room == e.Room })
	if i < 0 {
		i = len(m.rooms)
		m.rooms = append(m.rooms, roomMoves{room: e.Room})
	}
	switch e.Kind {
	case chat.Joined:
		m.rooms[i].joined++
	case chat.JoinedMany:
		m.rooms[i].joined += e.Count
	case chat.Left:
		m.rooms[i].left++
	case chat.LeftMany:
		m.rooms[i].left += e.Count
	}
}

// flushMoves tells how many have come and gone, or who it was.
func (s *Session) flushMoves() {
	if !s.look.reader || s.rarely == nil {
		return // of the others nothing waits
	}
	waiting := s.rarely.moves
	s.rarely.moves = moves{last: waiting.last}
	if e := waiting.one; e != nil {
		s.screen.PrintRows(s.server.renderings.of(e, s.view()).rows)
		return
	}
	for _, m := range waiting.rooms {
		t := s.words().Moved
		switch {
		case m.left == 0:
			s.print(fmt.Sprintf(t.Joined, m.joined, m.room))
		case m.joined == 0:
			s.print(fmt.Sprintf(t.Left, m.left, m.room))
		default:
			s.print(fmt.Sprintf(t.Both, m.joined, m.left, m.room))
		}
	}
}

// spoken returns a text of the operator's for somebody who hears it: without lines that only draw something, and
// without what is drawn around the others.
func spoken(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = undrawn(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// undrawn returns what of a line is no drawing: its words, one blank between them.
func undrawn(line string) string {
	var said []string
	for word := range strings.FieldsSeq(line) {
		word = strings.TrimFunc(word, func(r rune) bool { return r >= 0x2500 && r < 0x2600 }) // lines and blocks
		word = strings.Trim(word, "*=~#|%_+")
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			said = append(said, word)
		}
	}
	return strings.Join(said, " ")
}

// Follow notes the line that shows what comes next of a list that was cut.
func (s *Session) Follow(line string) {
	if line != s.Following() {
		s.rare().following = line
	}
}

// Following returns that line, "" if there is none.
func (s *Session) Following() string {
	if s.rarely == nil {
		return ""
	}
	return s.rarely.following
}

// Pause makes what others say wait, or shows what has waited. It returns false if it was so already.
func (s *Session) Pause(on bool) bool {
	if s.paused == on {
		return false
	}
	if s.paused = on; on {
		s.me.Pause()
	} else {
		s.showWaiting()
	}
	return true
}

// showWaiting shows how much has waited, and what.
func (s *Session) showWaiting() {
	events := s.me.Take()
	if len(events) == 0 {
		s.say("resumed nothing")
		return
	}
	s.say("resumed", words.Count(len(events), "line"))
	s.printEvents(events, new(scratch))
}

// pauseEnds ends the pause if as much waits as may, and reports whether it has ended.
func (s *Session) pauseEnds() bool {
	if s.me.Unread() <= chat.PauseBytes {
		return false
	}
	s.paused = false
	s.say("pause ended")
	return true
}
