package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"parley/internal/testenv"
	"parley/telnet"
)

// TestTranscriptsHeard performs every play once more with all users in the form for screen readers, in a wide window
// and in a narrow one. It looks for what such a reader stumbles over, in all that is said behind the first line:
// cursors that move, lines for looks, signs that are spelled, prompts, and text that is broken to the width of the
// window. What users have typed, and operators written into files, may have any signs.
func TestTranscriptsHeard(t *testing.T) {
	count := 0
	var heard atomic.Int64 // rows
	t.Cleanup(func() {
		if heard.Load() < 100 && !t.Failed() && count > sample*2 {
			t.Errorf("only %d lines were heard", heard.Load())
		}
	})
	forAllPlays(t, func(t *testing.T, p *play) {
		if p.several {
			t.Skip("it is for three servers")
		}
		if count++; !testenv.IsLong() && count%(2*sample) > 0 {
			t.Skip("it is not in the sample: PARLEY_LONG has all performed")
		}
		if p.lasts() > 24*time.Hour {
			t.Skip("it takes days")
		}
		t.Parallel()
		own := p.ownWords()
		wide, narrow := hears(t, p.heard("400x24")), hears(t, p.heard("20x24"))
		if len(wide) != len(narrow) {
			t.Fatalf("%d have come in wide windows, and %d in narrow ones", len(wide), len(narrow))
		}
		for i, text := range wide {
			if text != narrow[i] {
				t.Errorf("a narrow window has other lines than a wide one:\n%s",
					diff(strings.Split(text, "\n"), strings.Split(narrow[i], "\n")))
			}
			rows := strings.Split(text, "\n")
			heard.Add(int64(len(rows)))
			for j, row := range rows {
				if bad := stumble(row, own); bad != "" {
					t.Errorf("%q has %s", row, bad)
				} else if row == "" && j < len(rows)-1 {
					t.Errorf("an empty line is between %q and %q", rows[max(j-1, 0)], rows[j+1])
				}
			}
		}
	})
}

// sgr is what highlights, where a terminal has colours.
var sgr = regexp.MustCompile("\x1b\\[[0-9]*m")

// hears performs the play and returns what each user was sent from when the form for screen readers began, in the order
// in which they left. Raw clients have no screen.
func hears(t *testing.T, p *play) (texts []string) {
	t.Helper()
	performWith(t, p, serveProgram, func(s *stage) {
		s.left = func(u *user) {
			_, text, _ := strings.Cut(textOf(u.client.Received()), "The form for screen readers is on.")
			if _, text, begun := strings.Cut(text, "\n"); begun && !u.raw {
				texts = append(texts, sgr.ReplaceAllString(text, ""))
			}
		}
	})
	return texts
}

// textOf returns what of received is no command of telnet, with ends of lines as Go has them.
func textOf(received []byte) string {
	var d telnet.Decoder
	var text []byte
	dst := make([]byte, 256)
	for len(received) > 0 {
		n, used, _, err := d.Decode(dst, received)
		if err != nil {
			break
		}
		received, text = received[used:], append(text, dst[:n]...)
	}
	return string(text)
}

// ownSettings is what takes parts of the form for screen readers away.
var ownSettings = regexp.MustCompile(`(?i)^/?(set|checkup|hold|reader)\b`)

// heard returns the play with everybody asking for the form for screen readers at first, in windows of a size, and
// nobody ending it.
func (p *play) heard(size string) *play {
	other := *p
	other.scenes = nil
	raw := make(map[string]bool)
	for _, sc := range p.scenes {
		st := sc.step
		fields := strings.Fields(st.text)
		switch {
		case st.op == "connect":
			raw[st.user] = slices.Contains(fields, "raw")
			fields = slices.DeleteFunc(fields, func(word string) bool {
				_, _, ok := parseSize(word)
				return ok
			})
			st.text = strings.Join(append(fields, size), " ")
		case st.op == "resize":
			st.text = size
		case ownSettings.MatchString(st.text) && !raw[st.user]:
			continue
		}
		other.scenes = append(other.scenes, scene{line: sc.line, step: st})
		if st.op == "connect" && !raw[st.user] {
			asks := step{user: st.user, op: ">", text: "reader"}
			other.scenes = append(other.scenes, scene{line: sc.line, step: asks})
		}
	}
	return &other
}

// ownWords are the words that users type, and that stand in the files of the play.
func (p *play) ownWords() map[string]bool {
	own := make(map[string]bool)
	keep := func(text string) {
		for word := range strings.FieldsSeq(text) {
			own[word] = true
		}
	}
	for _, sc := range p.scenes {
		keep(sc.step.text)
		if keys, err := unescape(sc.step.text); err == nil {
			keep(keys)
		}
	}
	for _, file := range p.files {
		keep(string(file.Data))
	}
	return own
}

// ofUsers are lines that are users' own but for how they begin and end, and others whose signs are part of what is
// meant.
var ofUsers = regexp.MustCompile(`^((Tell|Shout|Emote|Mention): )+|^(Unsupported command|There is no account named)\b` +
	`| \(room [^ ]+\)$|^otpauth://|::/`)

// address is what is to be copied as it stands.
var address = regexp.MustCompile(`^https?://`)

// spelled are signs that a voice spells, or sings.
const spelled = "<>[]\"*|~^{}%=#"

// stumble returns what a screen reader would spell in a row, or "" if nothing.
func stumble(row string, own map[string]bool) string {
	row = strings.TrimLeft(row, "\a")
	if ofUsers.MatchString(row) {
		return ""
	}
	for word := range strings.SplitSeq(row, " ") {
		if own[word] || word != "" && own[word[:len(word)-1]] || address.MatchString(word) {
			continue
		}
		before := 'x'
		for _, r := range word {
			switch mark := unicode.IsPunct(r) || unicode.IsSymbol(r); {
			case r < ' ', r >= 0x2500 && r < 0x2600, strings.ContainsRune(spelled, r):
				return fmt.Sprintf("%q", r)
			case mark && (unicode.IsPunct(before) || unicode.IsSymbol(before)):
				return fmt.Sprintf("%q", string(before)+string(r))
			}
			before = r
		}
	}
	return ""
}
