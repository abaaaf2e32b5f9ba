package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"parley/chat"
	"parley/db"
	"parley/telnet/telnettest"
)

// stepTime is how long a step takes, so that no two timers set in different steps meet.
const stepTime = time.Millisecond

// A stage performs plays: it has a server and the users. It lives in one bubble of synctest, in one goroutine.
type stage struct {
	serve  func(ctx context.Context, s serving) error
	dir    string   // where the files of the play are
	config []string // arguments that name its configuration
	data   string   // the server's folder
	random io.Reader

	door   playDoor // by which users come
	users  []*user  // in the order they came
	reload chan os.Signal
	// listeners are those of the server, by their ports.
	listeners map[int]*telnettest.Listener
	left      func(u *user)      // if set, is called with each who leaves, before that
	hops      time.Duration      // what several messages take between servers; zero if there is one
	stop      context.CancelFunc // nil while no server runs
	result    chan error         // what serve returned
	last      step               // what again repeats
	hashing   atomic.Int64       // half of what the hash of a password takes: nanoseconds
	log       logBook
}

// perform plays p and returns what was seen in each scene. The error is one of the play's own: a step that is none.
func (s *stage) perform(p *play) (seen [][]string, err error) {
	defer s.leave()
	if complaint := s.start(); complaint != "" {
		return nil, errors.New(complaint)
	}
	for _, sc := range p.scenes {
		lines, err := s.step(sc.step)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", p.file, sc.line, sc.step.source, err)
		}
		seen = append(seen, lines)
	}
	// The end is part of the last scene: it must be quiet.
	s.leave()
	if complaints := s.complaints(); len(complaints) > 0 {
		seen[len(seen)-1] = append(seen[len(seen)-1], complaints...)
	}
	return seen, nil
}

// leave makes everybody hang up and the server stop.
func (s *stage) leave() {
	for _, u := range s.users {
		s.leaves(u)
	}
	for _, u := range s.users {
		if line, ok := misplacedMark(u.client.Received()); !ok {
			s.log.complain(fmt.Sprintf("%s ! a mark of a prompt behind %q", u.name, line))
		}
		u.client.Close()
	}
	s.users = nil
	if s.stop != nil {
		if complaint := s.end(); complaint != "" {
			s.log.complain(complaint)
		}
	}
}

// leaves takes notice of a user whose connection is about to be closed.
func (s *stage) leaves(u *user) {
	if s.left != nil {
		s.left(u)
	}
}

// step makes one step happen, lets everything settle, and returns what is new to see.
func (s *stage) step(st step) ([]string, error) {
	var complaint string
	var err error
	switch {
	case st.op == "again":
		complaint, err = s.repeat(st.text)
	case st.user == "":
		complaint, err = s.direct(st)
	default:
		complaint, err = s.act(st)
		s.last = st
	}
	if err != nil {
		return nil, err
	}
	synctest.Wait()
	time.Sleep(stepTime)
	synctest.Wait()
	if complaint != "" {
		st.op = "" // did not happen, so nothing is to be seen of it
	}
	isActor := func(u *user) bool { return u.name == st.user }
	var lines []string
	if i := slices.IndexFunc(s.users, isActor); i >= 0 {
		lines = s.users[i].look(st.op, st.text)
	}
	for _, u := range s.users {
		if !isActor(u) {
			lines = append(lines, u.look("", "")...)
		}
	}
	if complaint != "" {
		lines = append(lines, complaint)
	}
	return append(lines, s.complaints()...), nil
}

// direct does what concerns the server and the clock.
func (s *stage) direct(st step) (complaint string, err error) {
	if (st.op == "wait" || st.op == "hashing") != (st.text != "") {
		return "", errors.New("of these only wait and hashing take an argument: for how long")
	}
	switch st.op {
	case "wait", "hashing":
		d, err := time.ParseDuration(st.text)
		if err != nil {
			return "", err
		}
		if st.op == "hashing" {
			s.hashing.Store(int64(d / 2))
			break
		}
		time.Sleep(d)
	case "stop", "restart":
		if s.stop == nil {
			return "", errors.New("no server runs")
		}
		if complaint = s.end(); complaint != "" || st.op == "stop" {
			return complaint, nil
		}
		return s.start(), nil
	case "start":
		if s.stop != nil {
			return "", errors.New("a server runs already")
		}
		return s.start(), nil
	case "reload":
		select {
		case s.reload <- syscall.SIGHUP:
		default:
			return "server ! still busy with the last reload", nil
		}
	}
	return "", nil
}

// repeat does the last step so many times more.
func (s *stage) repeat(times string) (complaint string, err error) {
	n, err := strconv.Atoi(times)
	if err != nil || n < 1 || n > 10_000 || !slices.Contains([]string{">", "*", "~", ">>"}, s.last.op) {
		return "", errors.New("again repeats what was typed or sent, 1 to 10,000 times")
	}
	for range n {
		if complaint, err = s.act(s.last); complaint != "" || err != nil {
			break
		}
		time.Sleep(s.hops)
		synctest.Wait()
	}
	return complaint, err
}

// act does what a user does. The complaint is a line of the transcript.
func (s *stage) act(st step) (complaint string, err error) {
	u := s.user(st.user)
	switch st.op {
	case "connect":
		return s.connect(u, st)
	case "file":
		return "", os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(st.user)), []byte(st.text+"\n"), 0o600)
	}
	if u == nil {
		return "", fmt.Errorf("%s is not connected", st.user)
	}
	switch st.op {
	case ">", "*":
		u.enter(1)
		err = u.client.Type(st.text + "\r")
	case "~":
		keys, bad := unescape(st.text)
		if bad != nil {
			return "", bad
		}
		u.enter(strings.Count(keys, "\r"))
		err = u.client.Type(keys)
	case ">>":
		p, bad := telnettest.Bytes(st.text)
		if bad != nil {
			return "", bad
		}
		err = u.client.Send(p)
	case "resize":
		columns, rows, ok := parseSize(st.text)
		if !ok {
			return "", errors.New("a size is columns x rows, such as 40x24")
		}
		u.client.Resize(columns, rows)
	case "eof":
		u.client.CloseWrite()
	case "freeze":
		u.client.Freeze()
	case "thaw":
		u.client.Thaw()
	case "hangup", "lose":
		if st.op == "lose" {
			u.client.Lose()
		} else {
			s.leaves(u)
			u.client.Close()
		}
		s.users = slices.DeleteFunc(s.users, func(other *user) bool { return other == u })
	}
	if err != nil {
		return u.name + " ! " + err.Error(), nil
	}
	return "", nil
}

func (s *stage) user(name string) *user {
	i := slices.IndexFunc(s.users, func(u *user) bool { return u.name == name })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

// connect lets a user come: connect NAME [KIND] [COLUMNSxROWS] [ADDRESS] [DOOR]. Whose connection the server has closed
// may come again.
func (s *stage) connect(old *user, st step) (complaint string, err error) {
	if old != nil {
		if !old.gone {
			return "", fmt.Errorf("%s is connected already", st.user)
		}
		s.leaves(old)
		old.client.Close()
		s.users = slices.DeleteFunc(s.users, func(u *user) bool { return u == old })
	}
	kind, columns, rows, door := telnettest.Xterm, 80, 24, s.door
	source := net.IPv4(127, 0, 0, 1)
	for word := range strings.FieldsSeq(st.text) {
		if c, r, ok := parseSize(word); ok {
			columns, rows = c, r
		} else if ip := net.ParseIP(word); ip != nil {
			source = ip
		} else if other, ok := playDoors[word]; ok {
			door = other
		} else {
			kind = telnettest.Kind(word)
		}
	}
	if s.stop == nil {
		return "", errors.New("no server runs")
	}
	l := s.listeners[door.at]
	if l == nil {
		return "", fmt.Errorf("the server does not listen at port %d", door.at)
	}
	nc, err := l.DialFrom(source)
	if err != nil {
		return st.user + " ! " + err.Error(), nil
	}
	raw := kind == telnettest.Raw
	if door.seat != nil {
		nc, kind = door.seat(nc, kind, columns, rows)
	} else {
		nc = door.dial(nc)
	}
	client, err := telnettest.NewClient(nc, kind, columns, rows)
	if err != nil {
		nc.Close()
		return "", err
	}
	s.users = append(s.users, &user{name: st.user, client: client, raw: raw})
	return "", nil
}

func parseSize(text string) (columns, rows int, ok bool) {
	c, r, _ := strings.Cut(text, "x")
	columns, err1 := strconv.Atoi(c)
	rows, err2 := strconv.Atoi(r)
	return columns, rows, err1 == nil && err2 == nil
}

// unescape reads the escapes of Go in keys; quotes stand for themselves.
func unescape(keys string) (string, error) {
	var b strings.Builder
	for keys != "" {
		r, multibyte, rest, err := strconv.UnquoteChar(keys, 0)
		if err != nil {
			return "", fmt.Errorf("keys %q: %w", keys, err)
		}
		if r < 0x80 || multibyte {
			b.WriteRune(r)
		} else {
			b.WriteByte(byte(r))
		}
		keys = rest
	}
	return b.String(), nil
}

// register makes the accounts of a play before it begins, one a line, name and password, on a server without the play's
// own configuration. The word operator behind them makes it an operator's.
func (s *stage) register(t *testing.T, accounts string) {
	t.Helper()
	config := s.config
	s.config = nil
	defer func() { s.config = config }()
	var operators []string
	p := &play{file: "accounts", scenes: []scene{{step: step{user: "clerk", op: "connect", text: "line"}}}}
	for line := range strings.Lines(accounts) {
		fields := strings.Fields(line)
		operator := len(fields) == 3 && fields[2] == "operator"
		if len(fields) != 2 && !operator {
			t.Fatalf("accounts: %q is not a name and a password", line)
		}
		if operator {
			operators = append(operators, fields[0])
		}
		p.scenes = append(p.scenes, scene{step: step{user: "clerk", op: ">", text: "register " + fields[0] + " " +
			fields[1]},
			lines: []string{anything, "clerk < User " + fields[0] + " registered"}})
	}
	wait := scene{step: step{op: "wait", text: "1s"}}
	p.scenes = slices.Insert(p.scenes, 1, wait, scene{step: step{user: "clerk", op: ">", text: "guest"}})
	seen, err := s.perform(p)
	if err != nil {
		t.Fatal(err)
	}
	for i, sc := range p.scenes {
		if sc.lines != nil && !sc.holds(seen[i]) {
			t.Fatalf("accounts: %s:\n%s", sc.step.text, strings.Join(seen[i], "\n"))
		}
	}
	if err := s.promote(t.Context(), operators); err != nil {
		t.Fatal(err)
	}
}

// promote makes users operators while no server runs.
func (s *stage) promote(ctx context.Context, names []string) error {
	store, err := db.Open(s.data, nil)
	if err != nil {
		return err
	}
	node := chat.New(chat.Options{Store: store})
	for _, name := range names {
		err = errors.Join(err, node.Promote(ctx, chat.AtConsole(), name))
	}
	node.Close()
	return errors.Join(err, store.Close())
}

func isAccounts(f txtar.File) bool { return f.Name == "accounts" }

// files puts the files of a play into s.dir. In them $WORK stands for that folder.
func (s *stage) files(t *testing.T, p *play) {
	t.Helper()
	for _, f := range p.files {
		if isAccounts(f) {
			continue
		}
		path := filepath.Join(s.dir, filepath.FromSlash(f.Name))
		data := bytes.ReplaceAll(f.Data, []byte("$WORK"), []byte(s.dir))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if f.Name == "parley.yaml" {
			s.config = []string{"--config", path}
		}
	}
}
