package session

import (
	"errors"
	"io"
	"os"
	"slices"
	"sync"

	"parley/chat"
	"parley/settings"
)

// adopt makes what was agreed with the terminal take effect: its kind, and the editor for that.
func (s *Session) adopt() {
	if err := settle(s.term, 0); err != nil && s.inputEnd == nil {
		s.inputEnd = err
	}
	s.meet()
	s.useEditor()
}

// meet takes notice of what the terminal has said since, and reports whether there is news.
func (s *Session) meet() (news bool) {
	s.forgetCredentials()
	said := saidBy(s.term)
	if news = said != s.said; news {
		s.said = said
		s.Relook()
	}
	return news
}

// setPrompt makes prompt, which may be empty, stand before the line that is typed; dropPrompt ends that.
func (s *Session) setPrompt(prompt string) { s.prompt, s.prompted = prompt, true }
func (s *Session) dropPrompt()             { s.prompt, s.prompted = "", false }

// signal does what a key asks for that leaves the line as it is.
func (s *Session) signal(action Action) {
	switch action {
	case Redraw:
		s.cleared = true
		s.screen.Clear()
	case Bell:
		s.out = append(s.out, '\a') // which moves no cursor
	}
}

// nextAction feeds the editor until something wants attention, and reads when all input is used up.
func (s *Session) nextAction() (Action, error) {
	for {
		if action := s.feed(); action != None {
			return action, nil
		}
		if s.presents() {
			return Presented, nil
		}
		s.compose()
		if s.inputEnd != nil {
			return s.lastAction()
		}
		if err := s.flush(); err != nil {
			return None, err
		}
		s.fill()
	}
}

// feed gives input to the editor until something wants attention: None if nothing does and all is used up.
func (s *Session) feed() Action {
	for len(s.in) > 0 {
		used, action := s.look.charset.feed(s.editor, s.in)
		s.in, s.pasted = s.in[used:], max(0, s.pasted-used)
		if action != None && !(action == Redraw && s.cleared) { // once is enough until more is typed
			return action
		}
	}
	return None
}

// lastAction is what the end of the input asks for. What was typed last counts, also without the Enter; but not from a
// terminal, whose user has just lost the connection.
func (s *Session) lastAction() (Action, error) {
	if !s.editor.Empty() && s.term.EditsLines() && errors.Is(s.inputEnd, io.EOF) {
		_, action := s.editor.Feed([]byte("\n"))
		return action, nil
	}
	return None, s.inputEnd
}

// buffers are what a session needs while there is input.
type buffers struct {
	in  [512]byte // where it is read to
	out []byte    // where output is composed; empty
}

// maxKeptOut is the most bytes of output for which there is room in buffers.
const maxKeptOut = 4096

var pooled = sync.Pool{New: func() any { return new(buffers) }}

// fill waits for input, and lets others draw meanwhile.
func (s *Session) fill() {
	s.borrow()
	n, err := s.released(s.term.Read)
	s.took(n, err)
}

// receive reads what has come, and reports whether there may be more.
func (s *Session) receive() (more bool) {
	s.borrow()
	n, err := s.input().TryRead(s.buffers.in[:])
	s.took(n, err)
	return n == len(s.buffers.in)
}

// borrow gets what input needs.
func (s *Session) borrow() {
	if s.buffers == nil {
		s.buffers = pooled.Get().(*buffers)
		s.screen.Borrow(s.buffers.out)
	}
	if s.lines == nil {
		s.useEditor()
	}
}

// took notes what reading into the buffer brought.
func (s *Session) took(n int, err error) {
	if chat.IsRefusal(err) { // the door's, of what was sent
		s.End(err)
	}
	if err != nil && !s.heldOver(err) {
		s.inputEnd = err
	}
	if s.in = s.buffers.in[:n]; n == 0 {
		return
	}
	s.meet() // what it has said of its charset
	s.typed()
	if !s.term.EditsLines() && s.look.charset == charsetUTF8 && s.watch.read(s.in) {
		s.say("seven bits")
	}
	if s.editor == s.lines && s.editor.Empty() {
		s.useEditor()
	}
}

// typed notes that something was typed.
func (s *Session) typed() {
	s.cleared = false
	if s.rarely != nil {
		s.rarely.listed = ""
	}
}

// released calls read without the turn, and has it again whatever happens.
func (s *Session) released(read func([]byte) (int, error)) (int, error) {
	s.yield()
	defer s.turn.Take()
	return read(s.buffers.in[:])
}

// rest lets go of what the session needs only while there is input, or a line that was begun. The prompt stands.
func (s *Session) rest() {
	if s.buffers != nil {
		s.buffers.out = s.screen.Return()
		pooled.Put(s.buffers)
	}
	s.in, s.buffers = nil, nil
	if e, ok := s.lines.(*lineEditor); ok && s.term.EditsLines() && e.untouched() {
		s.lines, s.editor = nil, nil
		lineEditors.Put(e)
	}
}

// useEditor makes the editor of the command line the one that fits the terminal.
func (s *Session) useEditor() {
	if s.lines != nil && s.lines.EditsLines() == s.term.EditsLines() {
		return
	}
	if s.term.EditsLines() {
		s.lines = lineEditors.Get().(*lineEditor)
	} else {
		s.lines = &readlineEditor{secretFrom: s.secretFrom, deleteErases: &s.look.learned.Erase}
	}
	s.editor = s.lines
}

// deliver puts what came above the prompt.
func (s *Session) deliver() {
	b := scratches.Get().(*scratch)
	s.deliverWith(b)
	b.giveBack()
}

func (s *Session) deliverWith(b *scratch) {
	s.waking.Store(false)
	if s.asked.Swap(false) {
		s.say("yes")
	}
	if s.me == nil {
		s.offerLogin()
	}
	if s.me == nil || s.holds() {
		return
	}
	if reason := s.ended(); reason != nil && s.keeps(reason) {
		return // it waits for the user, and not for a connection that is lost
	}
	s.takeUp()
	b.events = s.me.TakeInto(b.events)
	s.printEvents(b.events, b)
}

// printEvents puts events above the prompt. Users who came into a room one after the other share a line.
func (s *Session) printEvents(events []*chat.Event, b *scratch) {
	if s.look.coming == comingHidden {
		events = slices.DeleteFunc(events, func(e *chat.Event) bool { return moving([]*chat.Event{e}) > 0 })
	}
	view := s.view()
	b.show(view)
	for i := 0; len(events) > 0; i++ {
		n := joins(events)
		switch moves := moving(events); {
		case s.look.reader && moves > 0:
			n = moves
			s.tellMoves(events[:n])
		case n > 1:
			s.screen.PrintRows(string(view.appendJoins(nil, events[:n])))
		default:
			n = 1
			s.printEvent(events[0], view, b.of(i, events[0], &s.server.renderings))
		}
		events = events[n:]
	}
}

// printEvent puts e above the prompt, as it was made for all who share the view.
func (s *Session) printEvent(e *chat.Event, view View, made *rendering) {
	if s.stale(e) || e.Kind == chat.Went && s.went(e.From) || s.keptQuiet(e) {
		return
	}
	s.flushMoves()
	ring := e.Kind == chat.Told && s.look.rings&ringTells != 0
	if s.look.mentions() && made.names.May(s.me.User.Name) && !e.From.Bot() &&
		e.From.ID != s.me.User.ID && e.Text.Mentions(s.me.User.Name) {
		made = &rendering{rows: string(view.appendRows(nil, e, s.me.User.Name)),
			message: view.message(e, s.me.User.Name)}
		ring = s.look.rings&ringMentions != 0
	}
	s.tellMessage(e, made.message)
	s.screen.PrintRows(made.rows)
	if ring {
		s.out = append(s.out, '\a')
	}
	switch e.Kind {
	case chat.Told:
		s.me.ToldBy(e.From)
	case chat.Closed, chat.RemovedYou:
		s.closed(e.Room)
		s.listWithout(e.Room)
	}
}

// keptQuiet reports whether e is something said to everyone, or a notice, at a time when the user wants none.
func (s *Session) keptQuiet(e *chat.Event) bool {
	if s.look.quiet == "" || e.From.ID == s.me.User.ID {
		return false
	}
	switch {
	case e.Kind.Spoken() == chat.Shouts, e.Kind == chat.Opened, e.Kind == chat.Came, e.Kind == chat.Went:
		zone := settings.Zone(s.settings().Of(settings.Timezone))
		return settings.QuietAt(s.look.quiet, e.At.In(zone))
	}
	return false
}

// view is how the user sees events.
func (s *Session) view() View {
	v := s.look.View
	v.Width = s.screen.lineWidth()
	return v
}

// stale reports whether e is no news: everybody leaves when the server stops.
func (s *Session) stale(e *chat.Event) bool {
	return (e.Kind == chat.Left || e.Kind == chat.LeftMany || e.Kind == chat.Closed) && s.server.isStopping()
}

// compose adds to the output what the screen still lacks, as the terminal is now.
func (s *Session) compose() {
	s.lookAtTerminal()
	s.draw()
}

// lookAtTerminal makes the screen that of the terminal as it is now.
func (s *Session) lookAtTerminal() {
	columns, rows := s.term.Size()
	s.screen.SetMode(s.term.EditsLines(), columns, rows)
	if s.screen.SetName(s.term.Name()) {
		s.relook()
	}
}

// draw adds to the output what the screen still lacks.
func (s *Session) draw() {
	switch fit := s.look.charset.fit; {
	case !s.prompted:
	case s.screen.editsLines: // what is typed is shown by the peer
		s.screen.Prompt(fit(s.prompt), "", 0)
	default:
		text, cursor := s.editor.Shown()
		before := fit(text[:cursor])
		s.screen.Prompt(fit(s.prompt), before+fit(text[cursor:]), len(before))
	}
	out, prompt := s.screen.AppendTo(s.out)
	if len(out) > len(s.out) {
		s.out, s.atPrompt = out, prompt
	}
}

// flush writes the output, after what the session has said to others. An error ends the session.
func (s *Session) flush() error {
	s.spoken()
	if s.waking.Load() && s.phase == commanding { // what others said meanwhile goes out in the same write
		s.deliver()
		s.compose()
	}
	if len(s.out) == 0 && !s.beside {
		return nil
	}
	s.beside = false
	err := write(s.term, s.look.charset.encode(s.out), s.atPrompt)
	if s.buffers != nil && cap(s.out) <= maxKeptOut {
		s.screen.Borrow(s.out)
	}
	s.out = nil
	return s.flushed(err)
}

// flushed ends the session if writing ended with an error, which it returns as the reason.
func (s *Session) flushed(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = chat.ErrTooSlow
	}
	if err != nil {
		if s.me != nil {
			r := s.rare()
			r.unread = max(r.unread, s.me.Unread()) // before another pass takes it
		}
		s.End(err)
	}
	return err
}
