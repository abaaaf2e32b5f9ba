package session

import "testing"

func TestTakesSequences(t *testing.T) {
	for _, name := range []string{
		"XTERM", "xterm-256color", "XTERM-KITTY", "xterm+sl", "vt100", "VT102", "vt220-8bit", "DEC-VT420", "vt525",
		"ANSI", "ansi.sys",
		"ANSI-BBS", "screen", "screen.xterm-256color", "tmux-256color", "linux", "LINUX-16COLOR", "rxvt-unicode",
		"putty-256color", "kitty",
		"alacritty", "foot-extra", "st-256color", "st", "sun", "sun-color", "cygwin", "eterm-color", "iTerm2.app",
		"Apple_Terminal", "SYNCTERM",
	} {
		if !takesSequences(name) {
			t.Errorf("%q takes none", name)
		}
	}
	for _, name := range []string{
		"", " ", "dumb", "unknown", "DUMB", "VT52", "vt05", "vt50h", "vt", "VT5250", "vt10", "VTNT", "NETWORK",
		"network-virtual-terminal", "IBM-3278-2", "IBM-5081",
		"TELETYPE-33", "TELETYPE", "EMACS", "dialup", "plugboard", "glasstty", "adm3a", "wyse50", "tvi925", "hp2392",
		"stv52", "sunos", "screening",
		"ANSIBLE", "linuxmud", "5250", "TN3270", "x", "wsvt", "vt-52", "vt1",
	} {
		if takesSequences(name) {
			t.Errorf("%q is sent sequences", name)
		}
	}
}
