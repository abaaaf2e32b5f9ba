package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// A play is a transcript: steps, and behind each what everybody sees because of it.
type play struct {
	file   string
	lead   []string // comments before the first step
	scenes []scene
	files  []txtar.File
	// byAddress says that on several servers all who come from one address come to the same: see
	// TestTranscriptsOnThreeNodes.
	byAddress bool
	// otherwise are the doors by which it is seen otherwise.
	otherwise []string
	// door is by which all come; nil means plain telnet.
	door *playDoor
	// alone says that it is performed on one server only.
	alone bool
	// several says that it is performed on three servers only.
	several bool
	// three says that it is performed on three servers.
	three bool
}

type scene struct {
	line  int // in the file, from 1
	step  step
	lines []string // what follows the step: expectations, those of onThree too, comments, empty lines
}

// A step is one line that makes something happen. Either a user does something (user and op), or op is a word of its
// own.
type step struct {
	source string
	user   string // whom it is about, or the name of a file; empty for the server and the clock
	// op is > * ~ >> connect hangup lose eof resize freeze thaw file again wait hashing restart stop start or reload.
	op   string
	text string // the rest of the line
}

var (
	deedLine    = regexp.MustCompile(`^(\S+) (>>|[>*~])(?: (.*))?$`)
	wantLine    = regexp.MustCompile(`^(\S+) (<<|[<|!])(?: (.*))?$`)
	wordLine    = regexp.MustCompile(`^(connect|hangup|lose|eof|resize|freeze|thaw|file) (\S+)(?: (.*))?$`)
	addressLine = regexp.MustCompile(`^by address: \S`)
	byDoorLine  = regexp.MustCompile(`^by (ssh|web): \S`)
	aloneLine   = regexp.MustCompile(`^one server: \S`)
	severalLine = regexp.MustCompile(`^three servers: \S`)
	bareLine    = regexp.MustCompile(`^(restart|stop|start|reload|wait|again|hashing)(?: (.*))?$`)
)

// anything is the line that allows others beside it.
const anything = "..."

func parsePlay(file string, source []byte) (*play, error) {
	archive := txtar.Parse(source)
	p := &play{file: file, files: archive.Files}
	number := 0
	for line := range strings.Lines(string(archive.Comment)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		st, isStep := parseStep(line)
		switch {
		case isStep:
			p.scenes = append(p.scenes, scene{line: number, step: st})
		case isNote(line) ||
			len(p.scenes) > 0 && (line == anything || wantLine.MatchString(strings.TrimPrefix(line, onThree))):
			if len(p.scenes) == 0 {
				p.lead = append(p.lead, line)
				break
			}
			last := &p.scenes[len(p.scenes)-1]
			last.lines = append(last.lines, line)
		case addressLine.MatchString(line) && len(p.scenes) == 0:
			p.byAddress = true
			p.lead = append(p.lead, line)
		case byDoorLine.MatchString(line) && len(p.scenes) == 0:
			p.otherwise = append(p.otherwise, byDoorLine.FindStringSubmatch(line)[1])
			p.lead = append(p.lead, line)
		case aloneLine.MatchString(line) && len(p.scenes) == 0:
			p.alone = true
			p.lead = append(p.lead, line)
		case severalLine.MatchString(line) && len(p.scenes) == 0:
			p.several, p.three = true, true
			p.lead = append(p.lead, line)
		default:
			return nil, fmt.Errorf("%s:%d: no step and no expectation: %q", file, number, line)
		}
	}
	if len(p.scenes) == 0 {
		return nil, fmt.Errorf("%s: nothing happens in it", file)
	}
	return p, nil
}

// onThree is what a line begins with that is seen only where the users are dealt over three servers.
const onThree = "on three: "

// onThree returns the play as it is seen where the users are dealt over three servers.
func (p *play) onThree() *play {
	other := *p
	other.scenes, other.three = slices.Clone(p.scenes), true
	for i, sc := range p.scenes {
		lines := slices.Clone(sc.lines)
		for j, line := range lines {
			lines[j] = strings.TrimPrefix(line, onThree)
		}
		other.scenes[i].lines = lines
	}
	return &other
}

func isNote(line string) bool { return line == "" || strings.HasPrefix(line, "#") }

func parseStep(line string) (step, bool) {
	if m := deedLine.FindStringSubmatch(line); m != nil {
		return step{line, m[1], m[2], m[3]}, true
	}
	if m := wordLine.FindStringSubmatch(line); m != nil && !wantLine.MatchString(line) {
		return step{line, m[2], m[1], m[3]}, true
	}
	if m := bareLine.FindStringSubmatch(line); m != nil && !wantLine.MatchString(line) {
		return step{line, "", m[1], m[2]}, true
	}
	return step{}, false
}

// lasts returns how long p waits in all.
func (p *play) lasts() (sum time.Duration) {
	for _, sc := range p.scenes {
		if d, err := time.ParseDuration(sc.step.text); err == nil && sc.step.op == "wait" {
			sum += d
		}
	}
	return sum
}

// wants returns the expectations among the lines of a scene.
func (sc scene) wants() []string {
	var wants []string
	for _, line := range sc.lines {
		if !isNote(line) && !strings.HasPrefix(line, onThree) {
			wants = append(wants, strings.TrimRight(line, " "))
		}
	}
	return wants
}

// holds reports whether what was seen is what the scene says. Among users no order is claimed. With "..." anything else
// may have been seen too. A complaint never holds, even an expected one.
func (sc scene) holds(seen []string) bool {
	wants := sc.wants()
	more := slices.Contains(wants, anything)
	wants = slices.DeleteFunc(wants, func(line string) bool { return line == anything })
	if slices.ContainsFunc(slices.Concat(wants, seen), isComplaint) {
		return false
	}
	want, got := byUser(wants), byUser(seen)
	if more {
		for user := range want {
			if !isSubsequence(want[user], got[user]) {
				return false
			}
		}
		return true
	}
	for user := range got {
		if want[user] == nil {
			return false
		}
	}
	for user := range want {
		if !slices.Equal(want[user], got[user]) {
			return false
		}
	}
	return true
}

func isComplaint(line string) bool {
	m := wantLine.FindStringSubmatch(line)
	return m != nil && m[2] == "!"
}

func byUser(lines []string) map[string][]string {
	users := make(map[string][]string)
	for _, line := range lines {
		user, _, _ := strings.Cut(line, " ")
		users[user] = append(users[user], line)
	}
	return users
}

func isSubsequence(some, all []string) bool {
	for _, line := range all {
		if len(some) > 0 && some[0] == line {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// rewrite makes the scene say what was seen; comments and empty lines come after.
func (sc *scene) rewrite(seen []string) {
	notes := slices.DeleteFunc(slices.Clone(sc.lines), func(line string) bool { return !isNote(line) })
	sc.lines = slices.Concat(seen, notes)
}

// format is the inverse of parsePlay.
func (p *play) format() []byte {
	var b bytes.Buffer
	write := func(lines ...string) {
		for _, line := range lines {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	write(p.lead...)
	for _, sc := range p.scenes {
		write(sc.step.source)
		write(sc.lines...)
	}
	return txtar.Format(&txtar.Archive{Comment: b.Bytes(), Files: p.files})
}

// diff shows the lines of want and got next to each other, "-" before what was missing and "+" before what was too
// much.
func diff(want, got []string) string {
	// common[i][j] is the length of what want[i:] and got[j:] have in common.
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if want[i] == got[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var b strings.Builder
	for i, j := 0, 0; i < len(want) || j < len(got); {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j]:
			fmt.Fprintf(&b, "  %s\n", want[i])
			i, j = i+1, j+1
		case i < len(want) && (j == len(got) || common[i+1][j] >= common[i][j+1]):
			fmt.Fprintf(&b, "- %s\n", want[i])
			i++
		default:
			fmt.Fprintf(&b, "+ %s\n", got[j])
			j++
		}
	}
	return b.String()
}
