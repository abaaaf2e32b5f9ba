//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A talker is somebody with an account who comes to one machine, joins the room that there is, or opens one, and talks.
// Whoever is sent away comes again.
type talker struct {
	name string
	at   *machine
	talk *talk
	said int
}

// talkPace is how long a talker waits at most before the next line.
const talkPace = 400 * time.Millisecond

// live talks until end.
func (p *talker) live(end <-chan struct{}) {
	for !over(end) {
		if s := p.come(); s != nil {
			s.stay(end)
			s.leave()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func over(end <-chan struct{}) bool {
	select {
	case <-end:
		return true
	default:
		return false
	}
}

// A visit is one connection of a talker.
type visit struct {
	*talker
	conn  net.Conn
	heard *stay
	lines chan string
	read  sync.WaitGroup
	room  int // -1 for none
}

// come logs in. It returns nil if that is refused, or does not work.
func (p *talker) come() *visit {
	conn, err := net.DialTimeout("tcp", p.at.outer()+":4000", time.Second)
	if err != nil {
		return nil
	}
	s := &visit{talker: p, conn: conn, lines: make(chan string, 4096), room: -1}
	_, _ = fmt.Fprintf(conn, "%s\n%s\n", p.name, passwordOf(p.name)) // that it failed is read below
	r := bufio.NewReader(conn)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var seen strings.Builder
	for !strings.HasSuffix(seen.String(), "<"+p.name+":") {
		b, err := r.ReadByte()
		if err != nil {
			conn.Close()
			return nil
		}
		if seen.WriteByte(b); b == '\n' && refuses(seen.String()) {
			conn.Close()
			return nil
		}
	}
	_ = conn.SetReadDeadline(time.Time{})
	s.heard = p.talk.newStay(p.name, p.at.name)
	s.read.Go(func() { s.listen(r) }) // until leave
	return s
}

// refuses reports whether there is no login now, by what was said.
func refuses(text string) bool {
	return slices.ContainsFunc(refusals, func(r string) bool { return strings.Contains(text, r) })
}

func passwordOf(name string) string { return "quicksand-of-" + name }

var promptsBefore = regexp.MustCompile(`^(\r|(<[a-z0-9]+:)?\d+> )*`)

// listen hears until the connection ends.
func (s *visit) listen(r *bufio.Reader) {
	defer close(s.lines)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(promptsBefore.ReplaceAllString(line, ""), "\r\n")
		s.heard.hear(line)
		select {
		case s.lines <- line:
		default: // nobody waits for that one
		}
	}
}

func (s *visit) leave() {
	s.conn.Close()
	s.read.Wait()
}

// ask sends a line and returns the first line that match finds, empty if there is none in time or the connection ends.
func (s *visit) ask(line string, match func(line string) bool) string {
	for len(s.lines) > 0 {
		<-s.lines
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second))
	if _, err := s.conn.Write([]byte(line + "\n")); err != nil {
		return ""
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case got, ok := <-s.lines:
			if !ok || match(got) {
				return got
			}
		case <-timer.C:
			return ""
		}
	}
}

const (
	refusedApart = "The other machines cannot be reached, so nothing was done."
	maybeSent    = "The other machines did not answer in time."
)

// stay talks until end, or until the connection is over.
func (s *visit) stay(end <-chan struct{}) {
	for !over(end) {
		if s.room < 0 && !s.enter() {
			return
		}
		if s.room >= 0 && !s.say() {
			return
		}
		time.Sleep(time.Duration(rand.Int64N(int64(talkPace))))
	}
}

var roomLine = regexp.MustCompile(`^Room (\d+), topic:`)

// enter comes into a room. It returns false if the connection is over.
func (s *visit) enter() bool {
	got := s.ask("rooms", func(l string) bool {
		return roomLine.MatchString(l) || l == "No rooms." || strings.Contains(l, "cannot be reached")
	})
	m := roomLine.FindStringSubmatch(got)
	switch {
	case got == "":
		return false
	case m == nil && got == "No rooms.":
		return s.ask("start tea", func(l string) bool {
			return strings.Contains(l, "created room") || strings.HasPrefix(l, "The other machines")
		}) != ""
	case m == nil:
		return true
	}
	n, _ := strconv.Atoi(m[1])
	got = s.ask("join "+m[1], func(l string) bool {
		return strings.HasPrefix(l, "You joined Room") || strings.HasPrefix(l, "You are already in") ||
			strings.HasPrefix(l, "Room "+m[1]+" does not") || strings.HasPrefix(l, "The other machines")
	})
	if strings.HasPrefix(got, "You ") {
		s.room = n
	}
	return got != ""
}

// say says something new, and notes what becomes of it.
func (s *visit) say() bool {
	s.said++
	text := fmt.Sprintf("%s-%d", s.name, s.said)
	own := fmt.Sprintf("[Room %d] *%s*: %s", s.room, s.name, text)
	s.talk.says(text)
	got := s.ask(fmt.Sprintf("say %d %s", s.room, text), func(l string) bool {
		return l == own || strings.HasPrefix(l, refusedApart) || strings.HasPrefix(l, maybeSent) ||
			strings.HasPrefix(l, "You are not in") || strings.HasPrefix(l, "Room "+strconv.Itoa(s.room)+" does not")
	})
	switch {
	case got == own:
		s.talk.became(text, wasSaid)
	case got == "" || strings.HasPrefix(got, maybeSent):
		s.talk.became(text, mayBeSaid)
	default:
		s.talk.became(text, wasRefused)
		if !strings.HasPrefix(got, refusedApart) {
			s.room = -1
		}
	}
	return got != ""
}

// What became of a line, as far as the one knows who typed it.
type fate int

const (
	mayBeSaid fate = iota
	wasSaid
	wasRefused
)

// A talk is all that was said, and what everybody heard of it.
type talk struct {
	mu    sync.Mutex // guards all below, and what stays heard
	fates map[string]fate
	when  map[string]time.Time // each was said, by whoever said it
	stays []*stay
}

func newTalk() *talk { return &talk{fates: make(map[string]fate), when: make(map[string]time.Time)} }

func (k *talk) says(text string) { k.became(text, mayBeSaid) }

func (k *talk) became(text string, f fate) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fates[text] = f
	if f == wasSaid {
		k.when[text] = time.Now()
	}
}

// A stay is what one heard by one connection.
type stay struct {
	talk     *talk
	who, at  string
	heard    []hearing
	notices  []string // who came and went
	began    time.Time
	received []string // as it was, for the report of a fault
}

// A hearing is a line of a room, or that some were lost, or that what comes need not go on where it was.
type hearing struct {
	room int
	text string // empty for the other two
	lost int
}

func (k *talk) newStay(who, at string) *stay {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &stay{talk: k, who: who, at: at, began: time.Now()}
	k.stays = append(k.stays, s)
	return s
}

var (
	saidLine   = regexp.MustCompile(`^\[Room (\d+)\] \*[a-z0-9]+\*: (\S+)$`)
	lostLine   = regexp.MustCompile(`^\[Room (\d+)\] (\d+) lines? (?:was|were) lost on the way\.`)
	noticeLine = regexp.MustCompile(`^\[Room (\d+)\] ([a-z0-9, ]+) (joined|left)\.$`)
	between    = regexp.MustCompile(`, | and `)
	brokenLine = regexp.MustCompile(`^(?:\[Room \d+\] .*closed|You joined Room|Room \d+ .*closed)`)
)

// hear notes what a line says.
func (s *stay) hear(line string) {
	s.talk.mu.Lock()
	defer s.talk.mu.Unlock()
	s.received = append(s.received, time.Since(s.began).Round(time.Millisecond).String()+" "+line)
	if m := saidLine.FindStringSubmatch(line); m != nil {
		n, _ := strconv.Atoi(m[1])
		s.heard = append(s.heard, hearing{room: n, text: m[2]})
	} else if m := lostLine.FindStringSubmatch(line); m != nil {
		n, _ := strconv.Atoi(m[1])
		lost, _ := strconv.Atoi(m[2])
		s.heard = append(s.heard, hearing{room: n, lost: lost})
	} else if m := noticeLine.FindStringSubmatch(line); m != nil {
		for _, who := range between.Split(m[2], -1) { // who come together are told of together
			s.notices = append(s.notices, m[1]+" "+who+" "+m[3])
		}
		if strings.HasSuffix(m[2], " others") {
			s.notices = nil // who that was is not said
		}
	} else if brokenLine.MatchString(line) {
		s.heard = append(s.heard, hearing{room: -1})
		s.notices = nil
	}
}

// pauses returns the longest time in which nobody of those at the machines of that name said anything.
func (k *talk) longestPause(from, to time.Time) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	times := []time.Time{from, to}
	for _, at := range k.when {
		if at.After(from) && at.Before(to) {
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	var longest time.Duration
	for i := range times[1:] {
		longest = max(longest, times[i+1].Sub(times[i]))
	}
	return longest
}
