package session

import (
	"errors"
	"fmt"
	"strings"

	"parley/chat"
	"parley/words"
)

// Texts are what an operator may replace. Of an empty text nothing is shown.
type Texts struct {
	// Name is what the server is called.
	Name string
	// Banner is shown before the login, MOTD after it, and Goodbye at the end.
	Banner, MOTD, Goodbye string
	// Encrypted is shown instead of Banner at an [Encrypter] that is encrypted.
	Encrypted string
}

// DefaultName is what a server is called whose operator has given it no name.
const DefaultName = "Internet Chat Server"

// MaxName is how many columns a server's name may take.
const MaxName = 60

// CheckName returns why a server cannot be called name: it is empty, longer than MaxName, or has characters that a
// terminal does not show.
func CheckName(name string) error {
	switch clean := chat.Clean(name); {
	case clean.String() != name:
		return errors.New("the name has characters that cannot be shown")
	case clean.Empty():
		return errors.New("the name is empty")
	case maxCells(name) > MaxName:
		return fmt.Errorf("the name is longer than %d columns", MaxName)
	}
	return nil
}

// DefaultTexts returns the built-in texts of a server of that name, for which [CheckName] must have no objection.
func DefaultTexts(name string) Texts {
	return Texts{
		Name:      name,
		Banner:    words.English.Say("banner"),
		Encrypted: words.English.Say("encrypted banner"),
		MOTD:      box("", words.English.Say("welcome to"), name, ""),
		Goodbye:   words.English.Say("goodbye", name),
	}
}

// box draws lines in the middle of a box of % signs, which is at least 34 columns wide.
func box(lines ...string) string {
	inner := 32
	for _, line := range lines {
		inner = max(inner, cells(line)+4)
	}
	border := strings.Repeat("%", inner+2)
	rows := []string{border}
	for _, line := range lines {
		left := (inner - cells(line)) / 2
		right := inner - cells(line) - left
		rows = append(rows, "%"+strings.Repeat(" ", left)+line+strings.Repeat(" ", right)+"%")
	}
	return strings.Join(append(rows, border), "\n")
}
