package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Checkup is what a test of a terminal has shown. The zero Checkup is that all is as it mostly is, or that nobody
// knows.
type Checkup struct {
	// Erase says that Backspace sends what Delete sends elsewhere.
	Erase bool
	// Charset is a value of the setting of that name; empty means unknown.
	Charset string
	// Width is how many columns there are; 0 means that the terminal says so itself, or unknown.
	Width int
}

// maxCheckups is for how many types of terminals a user's checkups are kept.
const maxCheckups = 8

// checkupPrefix begins the name under which a checkup is kept. No row of the table begins so.
const checkupPrefix = "checkup "

func checkupName(terminal string) string { return checkupPrefix + strings.ToLower(terminal) }

// Checkup returns what is kept for terminals of that type, which may be empty.
func (v Values) Checkup(terminal string) Checkup {
	if len(v) == 0 {
		return Checkup{}
	}
	c, _ := readCheckup(v[checkupName(terminal)])
	return c
}

// KeepCheckup returns what to set to keep c for terminals of that type. Of too many the oldest is to be unset: it is
// empty.
func (v Values) KeepCheckup(terminal string, c Checkup) (changes Values) {
	name := checkupName(terminal)
	var others []string
	last := 0
	for other, value := range v {
		if strings.HasPrefix(other, checkupPrefix) {
			_, n := readCheckup(value)
			last = max(last, n)
			if other != name {
				others = append(others, other)
			}
		}
	}
	changes = make(Values)
	if len(others) >= maxCheckups {
		oldest := slices.MinFunc(others, func(a, b string) int {
			_, m := readCheckup(v[a])
			_, n := readCheckup(v[b])
			return m - n
		})
		changes[oldest] = ""
	}
	fields := []string{fmt.Sprint("n=", last+1)}
	if c.Erase {
		fields = append(fields, "erase=delete")
	}
	if c.Charset != "" {
		fields = append(fields, "charset="+c.Charset)
	}
	if c.Width > 0 {
		fields = append(fields, fmt.Sprint("width=", c.Width))
	}
	changes[name] = strings.Join(fields, " ")
	return changes
}

// readCheckup reads what is kept, and the number by which it is newer or older than others. What a present version of
// Parley does not know is left out.
func readCheckup(value string) (c Checkup, number int) {
	for field := range strings.FieldsSeq(value) {
		switch name, word, _ := strings.Cut(field, "="); name {
		case "n":
			if n, err := strconv.Atoi(word); err == nil {
				number = n
			}
		case "erase":
			c.Erase = word == "delete"
		case Charset:
			if s, _ := Find(Charset); slices.Contains(s.Values, word) && word != Auto {
				c.Charset = word
			}
		case Width:
			if _, ok := readWidth(word); ok {
				c.Width = Columns(word)
			}
		}
	}
	return c, number
}
