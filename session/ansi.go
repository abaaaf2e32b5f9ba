package session

import (
	"slices"
	"strings"
)

// pasteMarkers and otherTerminals begin the names of terminals that take the sequences which Screen sends, as they
// stand in TERM and as telnet clients tell them. A name goes on, if at all, with something that is no letter:
// "xterm-256color", "vt220".
//
// pasteMarkers are known to say where pasted text begins and ends, once they are told to (xterm's mode 2004). The
// others would ignore that, too, but for a few.
var (
	pasteMarkers = []string{
		"alacritty", "apple_terminal", "contour", "domterm", "foot", "ghostty", "gnome", "hterm", "iterm", "kitty",
		"konsole", "mintty", "mlterm", "ms-terminal", "nsterm", "putty", "rio", "rxvt", "screen", "st", "terminator",
		"terminology", "tmux", "urxvt", "uxterm", "vscode", "vte", "wezterm", "xfce", "xterm", "zutty",
	}
	otherTerminals = []string{
		"ansi", "aterm", "bvterm", "color_xterm", "color-xterm", "cons25", "crt", "cygwin", "dtterm", "dvtm", "eterm",
		"fbterm", "jfbterm", "kterm", "linux", "mgt", "nxterm", "pcansi", "scoansi", "securecrt", "sun", "syncterm",
		"teken", "teraterm", "wsvt25", "xtermc", "xtermm", "yaft",
	}
)

// marks reports whether the terminal of that name says where pasted text begins and ends.
func marks(name string) bool { return beginsAs(strings.ToLower(name), pasteMarkers) }

// takesSequences reports whether the terminal of that name is known to take ECMA-48 control sequences. Of the others, a
// VT52 or an empty name among them, nothing is known but that they show text.
func takesSequences(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "dec-")
	if number, ok := strings.CutPrefix(name, "vt"); ok {
		if number = number[:len(number)-len(strings.TrimLeft(number, "0123456789"))]; number != "" {
			return len(number) == 3 && number[0] != '0' // from VT100 on; before it came VT05, VT50 and VT52
		}
	}
	return beginsAs(name, pasteMarkers) || beginsAs(name, otherTerminals)
}

// beginsAs reports whether name, in small letters, is one of those that are known, or one with something behind that is
// no letter.
func beginsAs(name string, known []string) bool {
	return name != "" && slices.ContainsFunc(known, func(known string) bool {
		rest, ok := strings.CutPrefix(name, known)
		return ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
	})
}

// reflowing begin the names of terminals that wrap what they show anew when their window becomes narrower. xterm itself
// does not, but many that call themselves xterm do.
var reflowing = []string{"alacritty", "foot", "ghostty", "kitty", "tmux", "wezterm"}

// reflows reports whether the terminal of that name is known to wrap what it shows anew.
func reflows(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "xterm-")
	return slices.ContainsFunc(reflowing, func(known string) bool { return strings.HasPrefix(name, known) })
}
