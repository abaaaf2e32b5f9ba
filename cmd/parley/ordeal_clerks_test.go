//go:build linux

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// A clerk registers accounts at one machine, of names for which the others try too, gives those that it got some
// information, and looks what others have.
type clerk struct {
	at    *machine
	books *books
	id    int
}

// books are what the clerks did, and what they were told.
type books struct {
	start time.Time

	mu   sync.Mutex // guards all below
	ops  []porcupine.Operation
	next int // the number of the name that is tried next

	settled bool // nothing is done any more but to look; set while no clerk works
}

// An entry is what a clerk does to the account called name. It is the input of an operation.
type bookEntry struct {
	kind string // register, set or get
	name string
	info string // of set
}

// An answer is what came of it.
type bookAnswer struct {
	unknown bool
	refused string // if that is not empty nothing was done, and this was said
	taken   bool   // of register: the name is another's
	info    string // of get: empty if there is no such account
}

// noInfo is the information of an account that has none.
const noInfo = "-"

// account is one account as it ought to be for whoever looks from outside. Its state is its information, and empty if
// there is no such account.
var account = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byName := make(map[string][]porcupine.Operation)
		for _, op := range history {
			name := op.Input.(bookEntry).name
			byName[name] = append(byName[name], op)
		}
		var parts [][]porcupine.Operation
		for _, ops := range byName {
			parts = append(parts, ops)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		info, in, out := state.(string), input.(bookEntry), output.(bookAnswer)
		switch {
		case out.refused != "":
			return true, info
		case in.kind == "get":
			return out.info == info, info
		case in.kind == "set" && info == "":
			return out.unknown, info
		case in.kind == "set":
			return true, in.info
		case info != "":
			return out.taken || out.unknown, info
		case out.taken:
			return false, info
		}
		return true, noInfo
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
}

// do does in by do, which returns the answer, and notes both.
func (c *clerk) do(in bookEntry, do func() bookAnswer) bookAnswer {
	called := time.Since(c.books.start)
	if in.kind == "get" && !c.books.settled {
		called = 0 // a node reads what it has, which may be old
	}
	out := do()
	returned := time.Since(c.books.start)
	if out.unknown {
		returned = 1 << 62 // it may be done at any time, or never
	}
	c.books.mu.Lock()
	defer c.books.mu.Unlock()
	if !out.unknown || in.kind != "get" {
		c.books.ops = append(c.books.ops, porcupine.Operation{ClientId: c.id, Input: in, Call: int64(called),
			Output: out, Return: int64(returned)})
	}
	return out
}

// name returns a name to try: a new one, or one that others try now.
func (b *books) name(fresh bool) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if fresh {
		b.next++
	}
	return fmt.Sprint("k", max(0, b.next-rand.IntN(3)))
}

// A counter is where a clerk is served: a connection of a program.
type counter struct {
	conn net.Conn
	r    *bufio.Reader
}

func (c *clerk) open() *counter {
	conn, err := net.DialTimeout("tcp", c.at.outer()+":4000", time.Second)
	if err != nil {
		return nil
	}
	return &counter{conn: conn, r: bufio.NewReader(conn)}
}

// ask sends lines, and returns the first line of the answer in which one of texts is: empty if none comes.
func (k *counter) ask(lines string, texts ...string) string {
	_ = k.conn.SetDeadline(time.Now().Add(patience))
	if _, err := k.conn.Write([]byte(lines + "\n")); err != nil {
		return ""
	}
	for {
		line, err := k.r.ReadString('\n')
		if err != nil {
			return ""
		}
		for _, text := range texts {
			if strings.Contains(line, text) {
				return strings.TrimRight(line, "\r\n")
			}
		}
	}
}

// refusals are parts of what is answered when nothing is done.
var refusals = []string{"Sorry, ", "The server is busy", "The other machines cannot be reached, so nothing",
	"did not answer in time"}

// enter comes in as a guest, and reports whether that was possible.
func (k *counter) enter() bool {
	return k != nil && strings.Contains(k.ask("guest", append(refusals, "You are logged in")...), "You are")
}

// work works until end.
func (c *clerk) work(end <-chan struct{}) {
	var k *counter
	for n := 0; !over(end); n++ {
		if k == nil {
			if k = c.open(); !k.enter() {
				k = k.close()
				time.Sleep(200 * time.Millisecond)
				continue
			}
		}
		name := c.books.name(n%2 == 0)
		got := c.register(k, name)
		for range 3 {
			c.look(k, c.books.name(false))
		}
		if !got.unknown && got.refused == "" && !got.taken {
			c.inform(name)
		}
		if got.unknown {
			k = k.close()
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
	}
	k.close()
}

func (k *counter) close() *counter {
	if k != nil {
		k.conn.Close()
	}
	return nil
}

func (c *clerk) register(k *counter, name string) bookAnswer {
	return c.do(bookEntry{kind: "register", name: name}, func() bookAnswer {
		got := k.ask("register "+name+" "+passwordOf(name)+fmt.Sprint(c.id),
			append(refusals, "User "+name+" registered", "already exists")...)
		return answerOf(got, strings.Contains(got, "already"))
	})
}

// answerOf returns the answer that a line is.
func answerOf(line string, taken bool) bookAnswer {
	for _, text := range refusals[:3] {
		if strings.Contains(line, text) {
			return bookAnswer{refused: line}
		}
	}
	return bookAnswer{unknown: line == "" || strings.Contains(line, refusals[3]), taken: taken}
}

// look looks at an account.
func (c *clerk) look(k *counter, name string) {
	c.do(bookEntry{kind: "get", name: name}, func() bookAnswer {
		got := k.ask("status "+name, append(refusals, "Info: ", "does not exist")...)
		a := answerOf(got, false)
		if _, info, found := strings.Cut(got, "Info: "); found {
			a.info = info
		}
		return a
	})
}

// lookAtAll looks at all accounts that anybody has tried to register.
func (c *clerk) lookAtAll() {
	k := c.open()
	if !k.enter() {
		c.at.w.t.Errorf("nobody comes in at %s", c.at.name)
		return
	}
	defer k.close()
	for n := range c.books.next + 1 {
		c.look(k, fmt.Sprint("k", n))
	}
}

// inform logs in as the user of that name, who has just been registered, and gives information, twice.
func (c *clerk) inform(name string) {
	k := c.open()
	if k == nil {
		return
	}
	defer k.close()
	if k.ask(name+"\n"+passwordOf(name)+fmt.Sprint(c.id), "Last login") == "" {
		return
	}
	for n := range 2 {
		info := fmt.Sprintf("of clerk %d, %d", c.id, n)
		c.do(bookEntry{kind: "set", name: name, info: info}, func() bookAnswer {
			return answerOf(k.ask("info "+info, append(refusals, "has been updated")...), false)
		})
	}
	k.ask("quit", "See you")
}

// judge returns what is wrong: an account that no order of what was done explains.
func (b *books) judge(t *testing.T) (fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	result, info := porcupine.CheckOperationsVerbose(account, b.ops, time.Minute)
	if result == porcupine.Ok {
		return ""
	}
	for _, ops := range account.Partition(b.ops) {
		if porcupine.CheckOperations(account, ops) {
			continue
		}
		for _, op := range ops { // in a world of its own the page below is gone when it ends
			t.Logf("clerk %d, %v to %v: %s", op.ClientId, time.Duration(op.Call), time.Duration(op.Return),
				account.DescribeOperation(op.Input, op.Output))
		}
	}
	path := t.ArtifactDir() + "/accounts.html"
	return fmt.Sprintf("accounts: %s: no order explains what %d operations were answered; see %s (%v)", result,
		len(b.ops), path, porcupine.VisualizePath(account, info, path))
}

// count returns how many accounts were acknowledged, how many operations there were, and how many of them had no
// answer.
func (b *books) count() (registered, all, unknown int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, op := range b.ops {
		in, out := op.Input.(bookEntry), op.Output.(bookAnswer)
		if out.unknown {
			unknown++
		} else if in.kind == "register" && !out.taken && out.refused == "" {
			registered++
		}
	}
	return registered, len(b.ops), unknown
}

// TestAccountModel tests the model: what is wrong is found.
func TestAccountModel(t *testing.T) {
	register, get := bookEntry{kind: "register", name: "k"}, bookEntry{kind: "get", name: "k"}
	set := bookEntry{kind: "set", name: "k", info: "x"}
	type step struct {
		in  bookEntry
		out bookAnswer
	}
	for _, tt := range []struct {
		name  string
		steps []step // one after the other
		want  bool
	}{
		{"right", []step{{register, bookAnswer{}}, {set, bookAnswer{}}, {get, bookAnswer{info: "x"}}}, true},
		{"lost", []step{{register, bookAnswer{}}, {get, bookAnswer{}}}, false},
		{"doubled", []step{{register, bookAnswer{}}, {register, bookAnswer{}}}, false},
		{"an old reading", []step{{register, bookAnswer{}}, {set, bookAnswer{}}, {get, bookAnswer{info: noInfo}}},
			false},
		{"refused and done", []step{{register, bookAnswer{refused: "Sorry."}}, {get, bookAnswer{info: noInfo}}},
			false},
		{"unknown and done", []step{{register, bookAnswer{unknown: true}}, {get, bookAnswer{info: noInfo}}}, true},
		{"unknown and not done", []step{{register, bookAnswer{unknown: true}}, {get, bookAnswer{}}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ops []porcupine.Operation
			for i, s := range tt.steps {
				op := porcupine.Operation{Input: s.in, Output: s.out, Call: int64(2 * i), Return: int64(2*i + 1)}
				if s.out.unknown {
					op.Return = 1 << 62
				}
				ops = append(ops, op)
			}
			if got := porcupine.CheckOperations(account, ops); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
