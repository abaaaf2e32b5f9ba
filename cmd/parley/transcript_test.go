package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

var update = flag.Bool("update", false, "rewrite the transcripts from what happens")

// TestTranscripts performs every play in testdata/transcripts on the whole server, with a store of its own, in a bubble
// whose clock starts at 2000-01-01 00:00 UTC. A play is a txtar archive: the text before the first file are the steps
// and what is seen.
//
// A step is one of these lines; NAME is whoever sits at a terminal, not yet an account.
//
//	connect NAME [KIND] [COLUMNSxROWS]   KIND is xterm (the default), putty, busybox, dumb, mud, line or raw:
//	                  see package telnettest
//	connect NAME [...] 192.0.2.7         from that address instead of 127.0.0.1
//	connect NAME [...] tls               by that door, at port 4001, if the play's configuration opens it
//	NAME > text                          types text and Enter; the line must appear on the screen and is not repeated
//	NAME * text                          the same at a prompt that hides it: it must appear nowhere
//	NAME ~ keys                          types keys, with Go's escapes: \r \t \x7f \x1b[D
//	NAME >> words                        sends bytes, in telnet's words: IAC WILL NAWS "text\r\n"
//	hangup, eof, freeze, thaw NAME       closes; half-closes; stops reading; reads on
//	resize NAME 40x24                    changes the window
//	again 300                            what was typed or sent in the last step, so many times more
//	wait 10m                             lets time pass; every other step takes a millisecond
//	file banner.txt text                 replaces a file of the play by a line
//	stop, start, restart, reload         what the operator does to the server
//
// The lines behind a step are all that is new because of it, the actor's first.
//
//	NAME < line       a line was finished on the screen; (closed) is the end of the connection
//	NAME | line       the unfinished line, _ is the cursor; left out where the ordinary prompt <NAME:n> is the
//	                  one to come
//	NAME << words     what a raw client received
//	NAME ! complaint  something is wrong; this never passes
//	...               there may be more than the other lines say
//
// Comments start with #. Of the files parley.yaml is the configuration ($WORK in it is the folder of the files) and
// accounts has accounts that exist already: name, password and, for an operator, the word operator in a line.
func TestTranscripts(t *testing.T) {
	forAllPlays(t, func(t *testing.T, p *play) {
		if !*update { // which changes the number of processors
			t.Parallel()
		}
		serve := serveProgram
		if p.several {
			serve = p.serveThree
		}
		seen := perform(t, p, serve)
		if !*update {
			p.check(t, seen)
			return
		}
		rewritten, err := p.rewrite(seen, func() [][]string { return perform(t, p, serve) })
		if err != nil {
			t.Fatal(err)
		}
		if !rewritten {
			return
		}
		if err := os.WriteFile(p.file, p.format(), 0o666); err != nil {
			t.Fatal(err)
		}
		p.check(t, seen) // a complaint fails also when it is written down
	})
}

// TestTranscriptsOnThreeNodes performs every play once more on three servers that are one Parley. Who connects comes to
// the next of them. The same is seen as on one server. Where something cannot be the same, the play says so, and why in
// a comment:
//
//	one server: reason     before the first step: the play is not performed on three servers
//	three servers: reason  the same: it is performed on three servers alone, also by TestTranscripts
//	by ssh: reason         before the first step: by SSH it is seen otherwise, see TestTranscriptsByOtherDoors
//	by web: reason         the same by the door for browsers
//	by address: reason     before the first step: who comes from one address comes to the same server
//	on three: NAME < line  this is seen too
func TestTranscriptsOnThreeNodes(t *testing.T) {
	forAllPlays(t, func(t *testing.T, p *play) {
		t.Parallel()
		switch {
		case p.alone:
			t.Skip("it is a play for one server")
		case p.several:
			t.Skip("TestTranscripts performs it on three servers")
		}
		p = p.onThree()
		p.check(t, perform(t, p, p.serveThree))
	})
}

// serveThree serves p on three servers.
func (p *play) serveThree(ctx context.Context, s serving) error {
	return serveThree(ctx, s, p.byAddress, p.lasts() > time.Hour, nil)
}

// forAllPlays runs test for each play.
func forAllPlays(t *testing.T, test func(t *testing.T, p *play)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "transcripts", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no transcripts")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := parsePlay(file, source)
			if err != nil {
				t.Fatal(err)
			}
			test(t, p)
		})
	}
}

// cheapHash makes passwords cost little, and has them hashed one after the other whatever the machine has.
var cheapHash = chat.HashParams{Memory: 64, Time: 1, AtATime: 1}

// serveProgram is Parley itself, with passwords that cost little.
func serveProgram(ctx context.Context, s serving) error {
	p := &program{listen: s.listen, reload: s.reload, stderr: s.stderr, random: s.random, hash: cheapHash,
		sshOpen: true, hashing: s.hashing}
	return p.run(ctx, s.args, io.Discard)
}

// perform plays p on serve and returns what was seen in each scene. It fails t, with the server's log, if a step is
// none.
func perform(t *testing.T, p *play, serve func(context.Context, serving) error) [][]string {
	t.Helper()
	return performWith(t, p, serve, func(*stage) {})
}

// performWith is perform on a stage that prepare has changed.
func performWith(t *testing.T, p *play, serve func(context.Context, serving) error,
	prepare func(*stage)) (seen [][]string) {
	t.Helper()
	s := &stage{serve: serve, dir: t.TempDir(), data: filepath.Join(t.TempDir(), "data"), door: playDoors[telnetDoor],
		random: newSameRandom()}
	if p.door != nil {
		s.door = *p.door
	}
	if p.three {
		s.hops = hopsTime
	}
	s.files(t, p)
	prepare(s)
	synctest.Test(t, func(t *testing.T) {
		if i := slices.IndexFunc(p.files, isAccounts); i >= 0 {
			s.register(t, string(p.files[i].Data))
		}
		var err error
		if seen, err = s.perform(p); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log.String())
		}
	})
	return seen
}

// check fails t where p does not hold.
func (p *play) check(t *testing.T, seen [][]string) {
	t.Helper()
	for i := range seen {
		if sc := &p.scenes[i]; !sc.holds(seen[i]) {
			t.Errorf("%s:%d: %s\n%s", p.file, sc.line, sc.step.source, diff(sc.wants(), seen[i]))
		}
	}
}

// rehearsals is how many times a play that has changed is performed once more, on one processor and on two.
const rehearsals = 3

// rewrite makes p say what was seen, if it does not hold, and reports whether. It performs such a play several times,
// and returns an error, with both versions, if not the same is seen each time: then p stays as it is.
func (p *play) rewrite(seen [][]string, again func() [][]string) (rewritten bool, err error) {
	changed := func(i int) bool { return !p.scenes[i].holds(seen[i]) }
	for i := range seen {
		rewritten = rewritten || changed(i)
	}
	if !rewritten {
		return false, nil
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for n := range 2 * rehearsals {
		runtime.GOMAXPROCS(1 + n%2)
		other := again()
		if len(other) != len(seen) {
			return false, fmt.Errorf("%s: %d scenes were played at first, and %d later", p.file, len(seen), len(other))
		}
		for i := range seen {
			sc := &p.scenes[i]
			if (changed(i) || !sc.holds(other[i])) && !slices.Equal(seen[i], other[i]) {
				return false, fmt.Errorf("%s:%d: %s\nnot the same each time: - at first, + later\n%s", p.file, sc.line,
					sc.step.source,
					diff(seen[i], other[i]))
			}
		}
	}
	for i := range seen {
		if changed(i) {
			p.scenes[i].rewrite(seen[i])
		}
	}
	return true, nil
}
