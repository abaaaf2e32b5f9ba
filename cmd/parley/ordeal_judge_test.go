//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
)

// A passage is a part of a stay in which nothing of one room can be missing without a word.
type passage struct {
	stay  *stay
	lines []string
	place map[string]int // in lines
	lost  []int          // how many lines were told of as lost up to before each line
}

// passages returns those of the stay, by room.
func (s *stay) passages() map[int][]*passage {
	all, now, lost := make(map[int][]*passage), make(map[int]*passage), make(map[int]int)
	for _, h := range s.heard {
		switch {
		case h.room < 0:
			clear(now)
		case h.text == "":
			lost[h.room] += h.lost
		default:
			p := now[h.room]
			if p == nil {
				p = &passage{stay: s, place: make(map[string]int)}
				now[h.room], all[h.room] = p, append(all[h.room], p)
			}
			p.place[h.text] = len(p.lines)
			p.lines, p.lost = append(p.lines, h.text), append(p.lost, lost[h.room])
		}
	}
	return all
}

// judge returns what is wrong with what was heard, at most ten faults.
//
// There is one order in each room; nobody hears a line twice, in whatever stay; what was refused is heard by nobody;
// and who heard the first and the last line of several heard those between them, or was told that they are lost.
func (k *talk) judge() (faults []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	fault := func(format string, args ...any) {
		if len(faults) < 10 {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	rooms := make(map[int][]*passage)
	inRoom := make(map[string]int) // each line
	byUser := make(map[string]map[string]bool)
	for _, s := range k.stays {
		if byUser[s.who] == nil {
			byUser[s.who] = make(map[string]bool)
		}
		for _, h := range s.heard {
			if h.text == "" {
				continue
			}
			if byUser[s.who][h.text] {
				fault("%s at %s heard %s twice", s.who, s.at, h.text)
			}
			byUser[s.who][h.text] = true
			if n, known := inRoom[h.text]; known && n != h.room {
				fault("%s was said in room %d and in room %d", h.text, n, h.room)
			}
			inRoom[h.text] = h.room
			if f, known := k.fates[h.text]; !known || f == wasRefused {
				fault("%s at %s heard %s, which was refused, or which nobody said", s.who, s.at, h.text)
			}
		}
		for room, ps := range s.passages() {
			rooms[room] = append(rooms[room], ps...)
		}
		s.judgeNotices(fault)
	}
	for _, ps := range rooms {
		for _, p := range ps {
			for _, q := range ps {
				if p != q {
					p.compare(q, fault)
				}
			}
		}
	}
	return faults
}

// compare judges p by q, where both heard the same room.
func (p *passage) compare(q *passage, fault func(format string, args ...any)) {
	last := -1 // of those of p that q heard, too
	for i, line := range p.lines {
		at, both := q.place[line]
		if !both {
			continue
		}
		if last >= 0 {
			was := q.place[p.lines[last]]
			if at < was {
				fault("%s at %s heard %s before %s, and %s at %s the other way", p.stay.who, p.stay.at, p.lines[last],
					line, q.stay.who, q.stay.at)
				return
			}
			// Between these q has heard what p has not, unless p was told.
			if missed := at - was - 1; missed > p.lost[i]-p.lost[last] {
				fault("%s at %s missed %d lines without a word, %s between %s and %s, which %s at %s heard", p.stay.who,
					p.stay.at, missed, q.lines[was+1], p.lines[last], line, q.stay.who, q.stay.at)
				return
			}
		}
		last = i
	}
}

// judgeNotices looks whether who comes goes before coming again, and the other way.
func (s *stay) judgeNotices(fault func(format string, args ...any)) {
	last := make(map[string]string)
	for _, n := range s.notices {
		words := strings.Fields(n)
		key := words[0] + " " + words[1]
		if last[key] == words[2] {
			fault("%s at %s heard twice that in room %s %s %s", s.who, s.at, words[0], words[1], words[2])
		}
		last[key] = words[2]
	}
}

// TestOrdealJudge tests the judge: what is wrong is found.
func TestOrdealJudge(t *testing.T) {
	for _, tt := range []struct {
		name       string
		one, other []string
		want       string
	}{
		{"right", []string{"a", "b", "c"}, []string{"b", "c"}, ""},
		{"twice", []string{"a", "b", "a"}, nil, "twice"},
		{"two orders", []string{"a", "b"}, []string{"b", "a"}, "the other way"},
		{"a gap", []string{"a", "c"}, []string{"a", "b", "c"}, "missed 1 lines"},
		{"a gap that was told of", []string{"a", "1 lost", "c"}, []string{"a", "b", "c"}, ""},
		{"a gap of more", []string{"a", "1 lost", "d"}, []string{"a", "b", "c", "d"}, "missed 2 lines"},
		{"out and in again", []string{"a", "in", "c"}, []string{"a", "b", "c"}, ""},
		{"refused", []string{"a", "no"}, nil, "which was refused"},
		{"comes twice", []string{"x joined", "a", "x joined"}, nil, "heard twice that"},
		{"comes with another", []string{"x left", "x and y joined", "x left", "y left"}, nil, ""},
		{"comes with two others", []string{"x left", "y, z and x joined", "x left"}, nil, ""},
		{"comes with another twice", []string{"x and y joined", "y joined"}, nil, "heard twice that"},
		{"may be one of many", []string{"x left", "y, z and 2 others joined", "x left"}, nil, ""},
		{"comes again", []string{"x joined", "x left", "x joined"}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newTalk()
			k.fates = map[string]fate{"a": wasSaid, "b": mayBeSaid, "c": wasSaid, "d": wasSaid, "no": wasRefused}
			for who, lines := range map[string][]string{"one": tt.one, "other": tt.other} {
				s := k.newStay(who, "a")
				for _, l := range lines {
					switch {
					case l == "in":
						l = "You joined Room 0."
					case strings.HasSuffix(l, " lost"):
						l = "[Room 0] 1 line was lost on the way."
					case strings.Contains(l, " "):
						l = "[Room 0] " + l + "."
					default:
						l = "[Room 0] *x*: " + l
					}
					s.hear(l)
				}
			}
			if got := strings.Join(k.judge(), "\n"); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}
