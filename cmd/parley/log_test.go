package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// FuzzLog logs hostile text in both forms: whatever it is, the event stays one line of printable ASCII, from which the
// text can be read back.
func FuzzLog(f *testing.F) {
	for _, seed := range []string{
		"", "plain", "two words", "Zoë", "\n", "a\r\nlevel=ERROR msg=forged", "\x1b[2J\x1b]0;title\x07", "\x7f\x00\x9b",
		"\u202egnp.exe", "𝒜😀",
		`\u00eb`, `"quoted"`, "key=value", "bad\xff\xfeutf8", "\u2028\u2029\ufeff", "\ufffd", "<script>&amp;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range []string{"text", "json"} {
			var out strings.Builder
			(&options{LogFormat: format}).logger(&out, slog.LevelDebug).Info(s, "user", s, s, errors.New(s), "stack",
				[]byte(s))
			line, ended := strings.CutSuffix(out.String(), "\n")
			if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 || !ended {
				t.Fatalf("%s: not one line of printable ASCII: %q", format, out.String())
			}
			if format == "json" {
				var event struct{ Msg string }
				if err := json.Unmarshal([]byte(line), &event); err != nil || event.Msg != string([]rune(s)) {
					t.Errorf("%q is %q (%v) in %s", s, event.Msg, err, line)
				}
			}
		}
	})
}

// TestLogText reads an event back from the text form.
func TestLogText(t *testing.T) {
	for _, s := range []string{"Zoë Ω", "a\nb", "\x1b[2J", "x \u202e y", "q\"\\u"} {
		var out strings.Builder
		(&options{LogFormat: "text"}).logger(&out, slog.LevelDebug).Info("hello", "user", s)
		m := regexp.MustCompile(` user=("(?:[^"\\]|\\.)*")\n$`).FindStringSubmatch(out.String())
		if m == nil {
			t.Errorf("%q is in no quotes: %s", s, out.String())
			continue
		}
		if got, err := strconv.Unquote(m[1]); got != s {
			t.Errorf("%q was read back as %q, %v", s, got, err)
		}
	}
}

// TestLogOfHostileUsers has users put everything they can into what the server may log, at the level that says most.
func TestLogOfHostileUsers(t *testing.T) {
	const (
		said   = "Zebra" // in all that people say, and in nothing else
		secret = "Quagga"
		evil   = "\x1b[2J\x1b]0;" + said + "\x07\u202e😀é\xff\xff level=ERROR msg=forged"
	)
	eventStart := regexp.MustCompile(`^(time=\S+ level=[A-Z]+ msg=|\{"time":")`)
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			mustShell(t, data, secret+"\n", "user", "add", "olga")
			mustShell(t, data, "", "user", "promote", "olga")
			server := startProcess(t, data, "--log-format", format, "--log-level", "debug", "--guests", "chat")

			guest := dialScript(t, server.address)
			guest.send("\xff\xfb\x18\xff\xfa\x18\x00"+evil+"\xff\xf0\xff\xfa\x1f\x00\x00\x00\x00\xff\xf0", evil,
				"guest")
			guest.expect("<guest:0> ")
			guest.send(
				evil, said, "sa "+said, "shout "+evil, "tell guest "+evil, "start "+evil, "say 0 "+evil, "say "+evil,
				"join "+evil, "info "+evil,
				"status "+evil, "block "+evil, "tell "+evil+" hi", "help "+evil, "who "+evil,
				"register "+said+evil+" "+secret, "register mallory "+secret,
				"register mallory "+secret, "register "+strings.Repeat(said, 100)+" "+secret, strings.Repeat(said, 500),
				"login mallory", secret+"!", "login mallory", secret,
				"shout "+evil, "ban olga "+said, "shutdown now", "last",
			)
			guest.expect(`Unsupported command: "last"`)
			liar := dialScript(t, server.address)
			liar.send("olga", secret+"1", "olga", secret+"2", "olga", secret+"3")
			liar.expect("See you next time.")
			browser := dialScript(t, server.address)
			browser.send("GET /" + said + " HTTP/1.1")
			browser.expect("\n")

			olga := dialScript(t, server.address)
			olga.send(
				"olga", secret, "announce "+evil, "mute mallory "+said, "unmute mallory", "kick mallory "+said,
				"ban mallory for 2h "+said, "ban "+evil, "ban 192.0.2.0/24 "+said,
				"unban "+evil, "kick "+evil+" "+said, "mute "+evil, "shutdown in "+evil, "last",
			)
			olga.expect(`Unsupported command: "last"`)
			if status := server.stop(); status != 0 {
				t.Errorf("exit status %d", status)
			}

			log := server.log.String()
			for line := range strings.Lines(log) {
				if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool {
					return r < ' ' || r > '~'
				}); i >= 0 {
					t.Errorf("not printable ASCII: %q", line)
				}
				if !eventStart.MatchString(line) || strings.Contains(line, "level=ERROR") ||
					strings.Contains(line, `"level":"ERROR"`) {
					t.Errorf("no event of the server: %q", line)
				}
			}
			for _, word := range []string{said, secret, "forged"} {
				if strings.Contains(log, word) {
					t.Errorf("the log has %q:\n%s", word, log)
				}
			}
			if n := strings.Count(log, "olga"); n < 5 {
				t.Errorf("the deeds of an operator are not in the log:\n%s", log)
			}
		})
	}
}

// TestWarnOfOthers tests that an operator is told once others can look into the data folder, and not without a reason.
func TestWarnOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such mode")
	}
	dir := t.TempDir()
	for _, tt := range []struct {
		mode os.FileMode
		want string
	}{{0o700, ""}, {0o750, "mode=0750"}, {0o705, "mode=0705"}} {
		if err := os.Chmod(dir, tt.mode); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		warnOfOthers(dir, (&options{LogFormat: "text"}).logger(&out, slog.LevelInfo))
		if (out.Len() > 0) != (tt.want != "") || !strings.Contains(out.String(), tt.want) {
			t.Errorf("mode %#o: %q", tt.mode, out.String())
		}
	}
	var out strings.Builder
	if warnOfOthers(filepath.Join(dir, "none"), (&options{LogFormat: "text"}).logger(&out,
		slog.LevelInfo)); out.Len() > 0 {
		t.Errorf("of a folder that is not there: %q", out.String())
	}
}
