package session

import (
	"regexp"
	"strings"
	"testing"

	"parley/chat"
	"parley/words"
)

func TestLinks(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"nothing here", ""},
		{"https://example.org", "https://example.org"},
		{"HTTP://EXAMPLE.org/A?b=c#d", "HTTP://EXAMPLE.org/A?b=c#d"},
		{"see https://example.org/x.", "https://example.org/x"},
		{"see https://example.org/x, or http://a.b:80/!", "https://example.org/x http://a.b:80/"},
		{"(https://example.org/x)", "https://example.org/x"},
		{"https://example.org/a_(b)", "https://example.org/a_(b)"},
		{"[https://example.org/x]", "https://example.org/x"},
		{"<https://example.org/x>", "https://example.org/x"},
		{`"https://example.org/x"`, "https://example.org/x"},
		{"https://[2001:db8::1]:8080/x", "https://[2001:db8::1]:8080/x"},
		{"https://127.0.0.1/x", "https://127.0.0.1/x"},
		{"https://example.org/é/茶", "https://example.org/%C3%A9/%E8%8C%B6"},
		{"https://example.org/x…", "https://example.org/x"},
		// Other schemes, and what is none.
		{"ftp://example.org/ file:///etc/passwd send:quit telnet://x javascript://x", ""},
		{"xhttps://example.org", ""},
		{"éhttps://example.org", ""},
		{"https:// https:/x https://. https://-x https:///x https://?x", ""},
		// What would seem to lead elsewhere than it does.
		{"https://example.org@evil.example/", ""},
		{"https://ехаmple.org/", ""},
		{"https://example.org:x/", ""},
		{"https://[evil]/", ""},
		{"https://a/https://b/", "https://a/https://b/"},
		{"https://" + strings.Repeat("a", 1993), ""},
		{"https://" + strings.Repeat("a", 1992), "https://" + strings.Repeat("a", 1992)},
	} {
		var got []string
		for _, l := range links(tt.line) {
			got = append(got, l.target)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%.60s: got %q, want %q", tt.line, got, tt.want)
		}
	}
}

// inOSC8 matches a link that is closed in its row.
var (
	inOSC8   = regexp.MustCompile(`\x1b\]8;id=[0-9a-f]+;([!-~]+)\x1b\\([^\r\n]*?)\x1b\]8;;\x1b\\`)
	openOSC8 = regexp.MustCompile(`\x1b\]8;[^;]*;[^\x1b]*\x1b\\`)
	anySGR   = regexp.MustCompile(`\x1b\[[0-9;]*m`)
)

func TestLinkedRows(t *testing.T) {
	const open, shut = "\x1b]8;id=2b9afa0b;https://example.org/long/path\x1b\\", "\x1b]8;;\x1b\\"
	for _, tt := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"alone", "https://example.org/long/path", 80, open + "https://example.org/long/path" + shut + "\r\n"},
		{"at the end of a row", "see https://example.org/long/path and more", 33,
			"see " + open + "https://example.org/long/path" + shut + "\r\n    and more\r\n"},
		{"broken", "see https://example.org/long/path and more", 20,
			"see " + open + "https://example." + shut + "\r\n    " + open + "org/long/path" + shut +
				"\r\n    and more\r\n"},
		{"two lines", "a\nhttps://example.org/long/path", 80, "a\r\n" + open + "https://example.org/long/path" + shut +
			"\r\n"},
		{"no width", "https://example.org/long/path", 0, open + "https://example.org/long/path" + shut + "\r\n"},
	} {
		if got := string(appendLinkedLines(nil, tt.text, tt.width)); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// In an event a link may be in a colour, and hold a name that is highlighted.
func TestLinkedEvent(t *testing.T) {
	v := View{Words: words.English, Width: 30, Colour: true, Paint: true, Links: true}
	e := &chat.Event{Kind: chat.Told, From: chat.User{Name: "bob"},
		Text: chat.Clean("https://example.org/alice/and/more")}
	got := string(v.appendRows(nil, e, "alice"))
	plain := openOSC8.ReplaceAllString(got, "")
	v.Links = false
	if want := string(v.appendRows(nil, e, "alice")); plain != want {
		t.Errorf("without links:\n got %q\nwant %q", plain, want)
	}
	if n := len(inOSC8.FindAllString(got, -1)); n != 2 || !strings.Contains(got, "\x1b[7malice\x1b[0m") {
		t.Errorf("%d links in %q", n, got)
	}
}

// FuzzLinks tests that links change nothing of what is seen, that each leads to the web and is closed in its row, and
// that what is seen of one is where it leads.
func FuzzLinks(f *testing.F) {
	f.Add("see https://example.org/x, or http://a.b:80/ (really)", byte(20))
	f.Add("https://example.org/é/茶茶茶茶茶茶茶茶茶茶茶茶 x", byte(16))
	f.Add("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", byte(80))
	f.Add("a  https://x.y/                          z", byte(30))
	f.Fuzz(func(t *testing.T, text string, width byte) {
		columns := 0
		if width >= minColumns {
			columns = int(width)
		}
		want := string(appendLinkedLines(nil, text, columns))
		rows := string(appendLines(nil, text, columns))
		if got := openOSC8.ReplaceAllString(want, ""); got != rows {
			t.Fatalf("seen:\n got %q\nwant %q", got, rows)
		}
		left := inOSC8.ReplaceAllStringFunc(want, func(l string) string {
			m := inOSC8.FindStringSubmatch(l)
			if scheme, _, _ := strings.Cut(strings.ToLower(m[1]), "://"); scheme != "http" && scheme != "https" {
				t.Errorf("a link to %q", m[1])
			}
			if !strings.Contains(m[1], target(m[2])) {
				t.Errorf("%q leads to %q", m[2], m[1])
			}
			return m[2]
		})
		if left != rows || anySGR.MatchString(left) {
			t.Errorf("an open link is left: %q", left)
		}
	})
}
