package settings

import (
	"slices"
	"strings"
)

// The names of the settings.
const (
	Colour     = "colour"
	Timestamps = "timestamps"
	Timezone   = "timezone"
	Width      = "width"
	Bell       = "bell"
	Prompt     = "prompt"
	Receipts   = "receipts"
	Order      = "order"
	Reader     = "reader"
	Input      = "input"
	Charset    = "charset"
)

// Words that are the value of several settings.
const (
	Auto = "auto" // the terminal decides
	On   = "on"
	Off  = "off"
)

// A Setting is one row of the table.
type Setting struct {
	// Name is what users type, and under which the value is kept. It never changes.
	Name string
	// Values are the words that it may be set to, as users type them, in any letter case.
	Values []string
	// Default is the value of who has set nothing.
	Default string
	// read returns the value that a word which is not among Values stands for, and whether there is one.
	read func(word string) (value string, ok bool)
}

// Table has all settings, in the order in which users see them.
var Table = []Setting{{
	Name:    Colour,
	Values:  []string{Auto, On, Off},
	Default: Auto,
}, {
	Name:    Timestamps,
	Values:  []string{Off, "short", "full"},
	Default: Off,
}, {
	Name:    Timezone,
	Values:  []string{"UTC"},
	Default: "UTC",
	read:    readZone,
}, {
	Name:    Width,
	Values:  []string{Auto},
	Default: Auto,
	read:    readWidth,
}, {
	Name:    Bell,
	Values:  []string{Off, "tells", "mentions", "all"},
	Default: Off,
}, {
	Name:    Prompt,
	Values:  []string{On, "short", Off},
	Default: On,
}, {
	Name:    Receipts,
	Values:  []string{On, Off},
	Default: On,
}, {
	Name:    Order,
	Values:  []string{"classic", "speaker"},
	Default: "classic",
}, {
	Name:    Reader,
	Values:  []string{Auto, On, Off},
	Default: Auto,
}, {
	Name:    Input,
	Values:  []string{Auto, "line", "char"},
	Default: Auto,
}, {
	Name:    Charset,
	Values:  []string{Auto, "UTF-8", "Latin-1", "CP437", "ASCII"},
	Default: Auto,
	read:    readCharset,
}}

// Find returns the setting that word names: by its whole name, in any letter case, or a unique beginning of it, or as
// Americans spell it.
func Find(word string) (*Setting, bool) {
	word = strings.ToLower(word)
	if word == "color" {
		word = Colour
	}
	var found *Setting
	for i := range Table {
		switch s := &Table[i]; {
		case s.Name == word:
			return s, true
		case word != "" && strings.HasPrefix(s.Name, word):
			if found != nil {
				return nil, false
			}
			found = s
		}
	}
	return found, found != nil
}

// Names returns the names of all settings.
func Names() []string {
	names := make([]string, len(Table))
	for i := range Table {
		names[i] = Table[i].Name
	}
	return names
}

// Read returns the value that word stands for: "" for the word default. It returns false if the setting cannot be that.
func (s *Setting) Read(word string) (value string, ok bool) {
	if strings.EqualFold(word, "default") {
		return "", true
	}
	i := slices.IndexFunc(s.Values, func(v string) bool { return strings.EqualFold(v, word) })
	switch {
	case i >= 0:
		return s.Values[i], true
	case s.read != nil:
		return s.read(word)
	}
	return "", false
}

// Values are what a user has set, by the name of the setting. It is never changed once made, and nil is nothing set.
type Values map[string]string

// Get returns the value of the setting of that name: what the user has set, if a present version of Parley can read it,
// or the default. own reports which of the two it is.
func (v Values) Get(name string) (value string, own bool) {
	i := slices.IndexFunc(Table, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		panic("there is no setting " + name)
	}
	s := &Table[i]
	if word, set := v[name]; set {
		if value, ok := s.Read(word); ok && value != "" {
			return value, true
		}
	}
	return s.Default, false
}

// Of is Get for who does not want to know whose the value is.
func (v Values) Of(name string) string {
	value, _ := v.Get(name)
	return value
}
