package session

import (
	"slices"
	"strings"

	"parley/gmcp"
	"parley/settings"
	"parley/words"
)

// A look is how a session shows things: by what its user has set, and, where that leaves it to the terminal, by what
// that says. It is a value: whatever it is made of changes, it is made anew.
type look struct {
	View
	reader bool
	rings  rings
	prompt promptForm
	// learned is what the user's checkup has shown of the terminal.
	learned settings.Checkup
	quiet   string // when shouts and notices are not shown: see settings.Quiet
	coming  coming // when it is shown who comes into rooms and leaves them
	hold    bool   // what the user says waits
}

// coming is when it is shown who comes into rooms and leaves them.
type coming uint8

const (
	comingShown coming = iota
	comingLater        // ahead of what is shown next, in one line
	comingHidden
)

// rings say when the bell rings.
type rings uint8

const (
	ringTells rings = 1 << iota
	ringMentions
)

var ringsOf = map[string]rings{"tells": ringTells, "mentions": ringMentions, "all": ringTells | ringMentions}

// A promptForm is what stands before the line that is typed.
type promptForm uint8

const (
	promptWhole promptForm = iota
	promptShort
	promptNone
)

// mentions reports whether it matters to the user that somebody writes the user's name.
func (l look) mentions() bool { return l.Colour || l.reader || l.rings&ringMentions != 0 }

// relook looks anew at what the user has set and the terminal says.
func (s *Session) relook() {
	s.said = saidBy(s.term)
	set := s.settings()
	l := look{rings: ringsOf[set.Of(settings.Bell)], quiet: set[settings.Quiet],
		hold: set[settings.Hold] == settings.On}
	l.reader, _ = s.readerForm()
	switch quiet := set[settings.QuietJoins]; {
	case quiet == settings.On:
		l.coming = comingHidden
	case l.reader && quiet != settings.Off:
		l.coming = comingLater
	}
	l.Colour, _ = s.colours()
	l.charset, l.learned = s.charset(), s.learned()
	l.Links = s.said.links && !l.reader
	l.Messages = s.said.packages&gmcp.Channels != 0
	l.Paint = set.Of(settings.Colour) == settings.On
	switch form, own := set.Get(settings.Prompt); {
	case form == settings.Off, l.reader && !own:
		l.prompt = promptNone
	case form == "short":
		l.prompt = promptShort
	}
	switch set.Of(settings.Timestamps) {
	case "short":
		l.Stamps = stampShort
	case "full":
		l.Stamps = stampFull
	}
	form := words.Form{Reader: l.reader, Speaker: s.speakerFirst(), Zone: settings.Zone(set.Of(settings.Timezone))}
	if s.talking != nil {
		form.Sign = "/"
	}
	l.Words = s.server.words().As(form)
	if s.look.reader && !l.reader {
		s.flushMoves() // the other forms have no words for them
	}
	s.look = l
	if t, ok := s.term.(InputChooser); ok {
		input := set.Of(settings.Input)
		t.ChooseInput(input == "line" || input == settings.Auto && l.reader, input == "char")
	}
	s.screen.Columns, s.screen.Unwrapped = settings.Columns(set.Of(settings.Width)), l.reader
	s.screen.Links = l.Links
	if columns, _ := s.term.Size(); columns == 0 && s.screen.Columns == 0 && !l.reader {
		s.screen.Columns = l.learned.Width
	}
}

// settings returns what the user has set; nothing before the login.
func (s *Session) settings() settings.Values {
	if s.me == nil {
		return nil
	}
	return s.me.Settings()
}

// speakerFirst reports whether a line of talk begins with the speaker.
func (s *Session) speakerFirst() bool {
	order, own := s.settings().Get(settings.Order)
	if reader, _ := s.readerForm(); reader && !own {
		return true
	}
	return order == "speaker"
}

// readerForm reports whether the form for screen readers is on, and why, where the user has left that open.
func (s *Session) readerForm() (on bool, why *words.Phrase) {
	switch value := s.settings().Of(settings.Reader); {
	case value != settings.Auto:
		return value == settings.On, nil
	case s.asReader:
		return true, typedReader
	case s.said.claims&claimsReader != 0:
		return true, asksForReader
	}
	return false, asksForNone
}

// What is said of nearly every session.
var (
	typedReader   = words.Say("typed reader")
	asksForReader = words.Say("asks for reader")
	asksForNone   = words.Say("asks for none")
	saysItCan     = words.Say("says it can")
	saysNoColours = words.Say("says no colours")
)

// colours reports whether there are colours, and why, where the user has left that open.
func (s *Session) colours() (on bool, why *words.Phrase) {
	name := s.term.Name()
	switch value := s.settings().Of(settings.Colour); {
	case value != settings.Auto:
		return value == settings.On, nil
	case s.said.claims&claimsColour != 0:
		return true, saysItCan
	case hasColours(name):
		return true, words.Say("says its name", name)
	}
	return false, saysNoColours
}

// charset returns the characters that the terminal has.
func (s *Session) charset() charset {
	if value := s.settings().Of(settings.Charset); value != settings.Auto {
		return charsets[value]
	}
	if value := s.learned().Charset; value != "" {
		return charsets[value]
	}
	return charsets[s.agreedCharset()]
}

// learned returns what the user's checkup has shown of the terminal.
func (s *Session) learned() settings.Checkup { return s.settings().Checkup(s.term.Name()) }

// agreedCharset returns the value of the setting for what was agreed upon with the terminal, "" for nothing.
func (s *Session) agreedCharset() string {
	if s.said.charset == "" {
		return ""
	}
	setting, _ := settings.Find(settings.Charset)
	value, _ := setting.Read(s.said.charset)
	return value
}

// InForce returns what the setting of that name, which the user has left open, means here, and why. It returns nil for
// a setting that is the same at every terminal.
func (s *Session) InForce(setting string) (value any, why *words.Phrase) {
	onOff := map[bool]string{true: settings.On, false: settings.Off}
	switch setting {
	case settings.Colour:
		on, why := s.colours()
		return onOff[on], why
	case settings.Reader:
		on, why := s.readerForm()
		return onOff[on], why
	case settings.Width:
		return s.widthInForce()
	case settings.Order:
		if s.look.reader {
			return "speaker", words.Say("reader form")
		}
	case settings.Prompt:
		if s.look.reader {
			return settings.Off, words.Say("reader form")
		}
	case settings.Input:
		if s.term.EditsLines() {
			return "line", words.Say("sends lines")
		}
		return "char", words.Say("sends keys")
	case settings.Charset:
		if value := s.look.learned.Charset; value != "" {
			return value, words.Say("from the checkup")
		}
		if value := s.agreedCharset(); value != "" {
			return value, words.Say("agreed upon")
		}
		return "UTF-8", words.Say("all have it")
	}
	return nil, nil
}

func (s *Session) widthInForce() (value any, why *words.Phrase) {
	switch columns, _ := s.term.Size(); {
	case s.look.reader:
		return words.Say("any width"), words.Say("reader form")
	case columns > 0:
		return words.Say("columns", columns), words.Say("says its size")
	case s.look.learned.Width > 0:
		return words.Say("columns", s.look.learned.Width), words.Say("from the checkup")
	case s.term.EditsLines():
		return words.Say("any width"), words.Say("says no size")
	}
	return words.Say("columns", defaultColumns), words.Say("says no size")
}

// Relook makes what the user has set take effect. What was shown before another charset goes out in the old one.
func (s *Session) Relook() {
	if s.charset() != s.look.charset {
		_ = s.catchUp() // an error ends the session, which sees to that itself
	}
	s.relook()
}

// mono end the names of terminals that would have colours, and have none.
var mono = []string{"-m", "-mono", "-nocolor"}

// colourful begin the names of clients of MUDs that have colours. Some tell nothing but that name.
var colourful = []string{"mudlet", "tintin++", "tt++", "mushclient", "cmud", "zmud", "blightmud", "kildclient", "beip",
	"atlantis", "potato", "blowtorch", "mudrammer", "savitar"}

// hasColours reports whether the terminal of that name is known to have the eight colours of ECMA-48. The terminals
// that were called VT had none.
func hasColours(name string) bool {
	name = strings.ToLower(name)
	switch {
	case slices.ContainsFunc(mono, func(end string) bool { return strings.HasSuffix(name, end) }):
		return false
	case slices.ContainsFunc(colourful, func(start string) bool { return strings.HasPrefix(name, start) }):
		return true
	}
	vt := strings.HasPrefix(strings.TrimPrefix(name, "dec-"), "vt") && !strings.HasPrefix(name, "vte")
	return takesSequences(name) && !vt && !strings.HasPrefix(name, "sun")
}
