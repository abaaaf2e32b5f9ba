package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// serveToy is a server for the tests of the stage: a name, then a prompt at which some words do something.
func serveToy(ctx context.Context, s serving) error {
	l, err := s.listen(ctx, "tcp", "127.0.0.1:4000")
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stderr, "level=INFO msg=listening")
	toy := &toy{log: s.stderr, failed: make(chan error, 1), conns: make(map[net.Conn]string)}
	toy.wg.Go(func() { toy.accept(l) }) // until l is closed
	select {
	case <-ctx.Done():
	case <-s.reload:
		err = errors.New("the toy breaks when it is reloaded")
	case err = <-toy.failed:
	}
	l.Close()
	toy.close()
	toy.wg.Wait()
	return err
}

type toy struct {
	wg     sync.WaitGroup
	log    io.Writer
	failed chan error

	mu    sync.Mutex // guards conns
	conns map[net.Conn]string
}

func (s *toy) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[nc] = ""
		s.mu.Unlock()
		s.wg.Go(func() { s.converse(nc) }) // until nc is closed
	}
}

func (s *toy) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.conns {
		nc.Close()
	}
}

func (s *toy) converse(nc net.Conn) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, nc)
		nc.Close()
	}()
	in := bufio.NewScanner(nc)
	ask := func(prompt string) (string, bool) {
		io.WriteString(nc, prompt)
		if !in.Scan() {
			return "", false
		}
		line := bytes.ReplaceAll(in.Bytes(), []byte("\xff\xfd\x01"), nil) // IAC DO ECHO
		line = bytes.ReplaceAll(line, []byte("\xff\xfe\x01"), nil)
		return string(bytes.Trim(line, "\r\x00")), true
	}
	name, ok := ask("Hello.\r\nEnter your username: ")
	for n := 0; ok; n++ {
		prompt := fmt.Sprintf("<%s:%d> ", name, n)
		s.mu.Lock()
		s.conns[nc] = prompt
		s.mu.Unlock()
		var line string
		if line, ok = ask(prompt); !ok {
			return
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "say":
			s.say(nc, name+": "+rest)
		case "secret", "leak":
			var secret string
			secret, ok = ask("Password: \xff\xfb\x01")
			io.WriteString(nc, "\xff\xfc\x01\r\n")
			if word == "leak" {
				io.WriteString(nc, "You chose "+secret+".\r\n")
			}
		case "skip":
			n++
		case "mumble":
			io.WriteString(nc, "\x1b[5L")
		case "log":
			fmt.Fprintln(s.log, "level=ERROR msg=oops")
		case "die":
			s.failed <- errors.New("the toy broke")
		case "quit":
			io.WriteString(nc, "Bye.\r\n")
			return
		}
	}
}

// say tells everybody at the prompt.
func (s *toy) say(speaker net.Conn, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc, prompt := range s.conns {
		switch {
		case nc == speaker:
			io.WriteString(nc, line+"\r\n")
		case prompt != "":
			io.WriteString(nc, "\r\x1b[K"+line+"\r\n"+prompt)
		}
	}
}

func performToy(t *testing.T, source string) (p *play, seen [][]string, err error) {
	t.Helper()
	p, err = parsePlay("toy", []byte(source))
	if err != nil {
		return nil, nil, err
	}
	synctest.Test(t, func(t *testing.T) {
		s := &stage{serve: serveToy, data: t.TempDir(), door: playDoors[telnetDoor]}
		seen, err = s.perform(p)
	})
	return p, seen, err
}

// What the runner writes down for the steps of each play, and that this then holds.
func TestStage(t *testing.T) {
	tests := []struct{ name, play string }{
		{"login and talk", `# Two people.
connect alice line
alice < Hello.
alice | Enter your username: _

connect bob xterm 40x24
bob < Hello.
bob | Enter your username: _
alice > alice
bob > bob
# Nobody is typing.
alice > say hi   there
alice < alice: hi   there
bob < alice: hi   there
# Bob is.
bob ~ say hel
bob | <bob:0> say hel_
alice > say again
alice < alice: again
bob < alice: again
alice >
bob > quit
bob < bob: helquit
alice < bob: helquit
`},
		{"prompts that are not the next one", `connect alice line
alice < Hello.
alice | Enter your username: _
alice > eve
alice | <eve:0> _
alice > skip
alice | <eve:2> _
alice > nothing
alice ~ skip\r
alice < <eve:3> skip
alice | <eve:5> _
`},
		{"a name with a cursor in it", `connect a_b line
a_b < Hello.
a_b | Enter your username: _
a_b > a_b
a_b > say _ _
a_b < a_b: _ _
`},
		{"half a message", `connect alice line
alice < Hello.
alice | Enter your username: _
connect bob line
bob < Hello.
bob | Enter your username: _
alice > alice
bob > bob
bob ~ say h\x7fhi
bob | <bob:0> say hi_
wait 1h
resize bob 5x5
resize bob 40x24
alice > say one
alice < alice: one
bob < alice: one
`},
		{"secret", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice > secret
alice | Password: _
alice * s3cret
`},
		{"the secret shows", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice > leak
alice | Password: _
alice * s3cret
alice ! the secret shows
alice < You chose s3cret.
`},
		{"the secret is typed where it shows", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice * s3cret
alice ! no prompt asks for a secret, or the screen shows more than the prompt
alice ! the secret shows
alice < <alice:0> s3cret
`},
		{"no secret, but hidden", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice > secret
alice | Password: _
alice > hello
alice ! what was typed is not on the screen
alice < Password:
`},
		{"the end of it", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice > quit
alice < Bye.
alice < (closed)
alice > say hello?
alice ! io: read/write on closed pipe
connect alice
alice < Hello.
alice | Enter your username: _
hangup alice
connect alice
alice < Hello.
alice | Enter your username: _
eof alice
alice < (closed)
`},
		{"frozen", `connect alice
alice < Hello.
alice | Enter your username: _
connect bob
bob < Hello.
bob | Enter your username: _
alice > alice
bob > bob
freeze alice
bob > say cold?
bob < bob: cold?
thaw alice
alice < bob: cold?
`},
		{"again", `connect alice
alice < Hello.
alice | Enter your username: _
connect bob
bob < Hello.
bob | Enter your username: _
alice > alice
bob > bob
alice > say hi
alice < alice: hi
bob < alice: hi
again 2
alice < <alice:1> say hi
alice < alice: hi
alice < <alice:2> say hi
alice < alice: hi
bob < alice: hi
bob < alice: hi
alice > quit
alice < Bye.
alice < (closed)
again 2
alice ! io: read/write on closed pipe
`},
		{"on the wire", `connect x raw
x << "Hello.\r\n"
x << "Enter your username: "
x >> "x\r\nsecret\r\n"
x << "<x:0> Password: "
x << IAC WILL ECHO
x >> IAC DO ECHO "s3cret\r\nquit\r\n"
x << IAC WONT ECHO
x << "\r\n"
x << "<x:1> Bye.\r\n"
x << (closed)
`},
		{"the operator", `connect alice
alice < Hello.
alice | Enter your username: _
stop
alice < (closed)
start
connect alice
alice < Hello.
alice | Enter your username: _
restart
alice < (closed)
`},
		{"complaints of the server", `connect alice
alice < Hello.
alice | Enter your username: _
alice > alice
alice > log
server ! level=ERROR msg=oops
alice > mumble
alice ! no terminal has to know "\x1b[5L"
alice > die
alice < (closed)
server ! ended by itself: the toy broke
`},
		{"a broken reload", `connect alice
alice < Hello.
alice | Enter your username: _
reload
alice < (closed)
server ! ended by itself: the toy breaks when it is reloaded
`},
		{"more may have come", `connect alice
...
alice > alice
connect bob
...
bob | Enter your username: _
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, seen, err := performToy(t, tt.play)
			if err != nil {
				t.Fatal(err)
			}
			for i := range p.scenes {
				sc := &p.scenes[i]
				complaint := slices.ContainsFunc(sc.wants(), isComplaint)
				if holds := sc.holds(seen[i]); holds == complaint {
					t.Errorf("line %d: %s: holds is %t\n%s", sc.line, sc.step.source, holds, diff(sc.wants(), seen[i]))
					sc.rewrite(seen[i])
				}
			}
			if got := string(p.format()); got != tt.play {
				t.Errorf("is rewritten as\n%s", got)
			}
		})
	}
}

func TestSceneHolds(t *testing.T) {
	seen := []string{"bob < one", "bob < two", "bob | > _", "alice < one"}
	tests := []struct {
		name  string
		lines string
		want  bool
	}{
		{"the same", "bob < one\nbob < two\nbob | > _\nalice < one", true},
		{"with comments", "# first\nbob < one\n\nbob < two  \nbob | > _\n# and\nalice < one", true},
		{"users in another order", "alice < one\nbob < one\nbob < two\nbob | > _", true},
		{"nothing", "", false},
		{"one missing", "bob < one\nbob < two\nbob | > _", false},
		{"one of several missing", "bob < one\nbob | > _\nalice < one", false},
		{"one too many", "bob < one\nbob < two\nbob | > _\nalice < one\nalice < two", false},
		{"one user too many", "bob < one\nbob < two\nbob | > _\nalice < one\ncarol < one", false},
		{"another text", "bob < one\nbob < zwei\nbob | > _\nalice < one", false},
		{"another order of one's own", "bob < two\nbob < one\nbob | > _\nalice < one", false},
		{"finished is not unfinished", "bob < one\nbob < two\nbob < > _\nalice < one", false},
		{"anything", "...", true},
		{"one and anything", "bob < two\n...", true},
		{"wrong among anything", "bob < three\n...", false},
		{"wrong order among anything", "bob < two\n...\nbob < one", false},
		{"twice among anything", "bob < two\n...\nbob < two", false},
		{"a complaint", "bob < one\nbob < two\nbob | > _\nalice < one\nalice ! oops", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sc := scene{lines: strings.Split(tt.lines, "\n")}
			if got := sc.holds(seen); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
	complaint := []string{"alice ! oops"}
	if (scene{lines: complaint}).holds(complaint) || (scene{lines: []string{anything}}).holds(complaint) {
		t.Error("a complaint holds")
	}
}

func TestParsePlayRefuses(t *testing.T) {
	for _, source := range []string{
		"", "# nothing\n", "-- parley.yaml --\n", "alice < before anything\n", "...\n",
		"dance\n", "connect\n", "stopp\n", "alice: hello\n", "connect alice\nalice <no blank\n",
	} {
		if p, err := parsePlay("toy", []byte(source)); err == nil {
			t.Errorf("%q: got %d scenes, want an error", source, len(p.scenes))
		}
	}
}

func TestStageRefuses(t *testing.T) {
	for _, last := range []string{
		"bob > hello", "hangup bob", "connect alice", "connect bob modem", "wait", "wait soon", "stop now", "start",
		"resize alice big",
		`alice ~ \q`, "alice >> HELLO", "again 2", "again", "again 0", "again and again",
	} {
		_, _, err := performToy(t, "connect alice\n"+last+"\n")
		if err == nil || !strings.Contains(err.Error(), "toy:2: "+last) {
			t.Errorf("%s: got %v, want an error that names line 2", last, err)
		}
	}
	for _, last := range []string{"stop", "restart", "connect bob"} {
		if _, _, err := performToy(t, "stop\n"+last+"\n"); err == nil {
			t.Errorf("%s without a server: no error", last)
		}
	}
}

func TestDiff(t *testing.T) {
	got := diff([]string{"a", "b", "c"}, []string{"b", "x", "c", "d"})
	if want := "- a\n  b\n+ x\n  c\n+ d\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
