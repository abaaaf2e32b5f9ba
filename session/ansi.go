package session

import (
	"slices"
	"strings"
)

// ansiTerminals begin the names of terminals that take the sequences which Screen sends, as they stand in TERM and as
// telnet clients tell them. A name goes on, if at all, with something that is no letter: "xterm-256color", "vt220".
var ansiTerminals = []string{
	"alacritty", "ansi", "apple_terminal", "aterm", "bvterm", "color_xterm", "color-xterm", "cons25", "contour", "crt",
	"cygwin", "domterm", "dtterm",
	"dvtm", "eterm", "fbterm", "foot", "ghostty", "gnome", "hterm", "iterm", "iterm2", "jfbterm", "kitty", "konsole",
	"kterm", "linux",
	"mgt", "mintty", "mlterm", "ms-terminal", "nsterm", "nxterm", "pcansi", "putty", "rio", "rxvt", "scoansi", "screen",
	"securecrt", "st",
	"sun", "syncterm", "teken", "terminator", "terminology", "teraterm", "tmux", "urxvt", "uxterm", "vscode", "vte",
	"wezterm",
	"wsvt25", "xfce", "xterm", "xtermc", "xtermm", "yaft", "zutty",
}

// takesSequences reports whether the terminal of that name is known to take ECMA-48 control sequences. Of the others, a
// VT52 or an empty name among them, nothing is known but that they show text.
func takesSequences(name string) bool {
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "dec-"); ok {
		name = rest
	}
	if number, ok := strings.CutPrefix(name, "vt"); ok {
		if number = number[:len(number)-len(strings.TrimLeft(number, "0123456789"))]; number != "" {
			return len(number) == 3 && number[0] != '0' // from VT100 on; before it came VT05, VT50 and VT52
		}
	}
	return beginsAs(name, ansiTerminals)
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
