package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/chat"
	"parley/cluster/order"
	"parley/cluster/simnet"
)

// A judge knows what was done, by number, and what each user heard; and from that, what everybody should have heard. It
// looks into no node: what is done it sees on its way into the ledgers, and it keeps a ledger of its own.
type judge struct {
	net *simnet.Net

	mu     sync.Mutex // guards all below
	faults []string
	done   map[uint64]order.Op // by number
	ears   map[string]*ear     // by name
	said   map[string]error    // what became of each line that somebody said
	dead   map[string]bool     // processes that were killed
}

func newJudge(net *simnet.Net) *judge {
	return &judge{net: net, done: make(map[uint64]order.Op), ears: make(map[string]*ear), said: make(map[string]error),
		dead: make(map[string]bool)}
}

func (j *judge) faultLocked(format string, args ...any) {
	if len(j.faults) < 10 {
		j.faults = append(j.faults, fmt.Sprintf(format, args...))
		j.net.Logf("FAULT "+format, args...)
	}
}

// A witness shows the judge what is applied to a machine.
type witness struct {
	order.Machine
	judge *judge
}

func (w witness) Apply(op *order.Op) any {
	j := w.judge
	j.mu.Lock()
	if was, ok := j.done[op.Number]; !ok {
		j.done[op.Number] = *op
	} else if was.Epoch != op.Epoch || string(was.Data) != string(op.Data) {
		j.faultLocked("number %d was given twice", op.Number)
	}
	j.mu.Unlock()
	return w.Machine.Apply(op)
}

// An ear is one stay of a user at a node. What it hears is written down in short.
type ear struct {
	judge   *judge
	name    string
	process string // the node's
	heard   []string
	told    []chat.Kind // that the others cannot be reached, or can
	lost    int         // lines that it was told of as lost
	entered bool        // the call has returned without an error
	ended   bool        // the user has quit, has moved on, or was sent away: by then it may have heard less
}

func (j *judge) newEar(process string) *ear {
	j.mu.Lock()
	defer j.mu.Unlock()
	e := &ear{judge: j, name: fmt.Sprint("ear", len(j.ears)), process: process}
	j.ears[e.name] = e
	return e
}

func (e *ear) Sit() {}

func (e *ear) Hear(_ context.Context, event *chat.Event) {
	e.judge.mu.Lock()
	defer e.judge.mu.Unlock()
	switch event.Kind {
	case chat.Apart, chat.Together:
		e.told = append(e.told, event.Kind)
	case chat.Lost, chat.LostShouts:
		e.lost += event.Count
	default:
		e.heard = append(e.heard, short(event))
	}
}

func short(e *chat.Event) string {
	return strings.TrimSpace(fmt.Sprint(e.Kind, " ", e.Room, " ", e.From.Name, " ", e.Text))
}

// hears reports whether e has heard the line.
func (e *ear) hears(line string) bool {
	e.judge.mu.Lock()
	defer e.judge.mu.Unlock()
	return slices.ContainsFunc(e.heard, func(h string) bool { return strings.HasSuffix(h, " "+line) })
}

// A hall is what the judge makes of all that was done: who sits where, and who should have heard what.
type hall struct {
	judge   *judge
	ledger  *chat.Ledger
	sits    map[string]string              // ear by entry
	names   map[string]string              // entry by name
	nodes   map[string]map[string]bool     // entries by node
	hears   map[chat.Topic]map[string]bool // ears by topic
	should  map[string][]string            // by ear
	publics map[string]int                 // of these, how many were said to a room or to all
	numbers map[string]uint64              // where each line was said
}

// settle judges everything, once nothing happens any more.
func (j *judge) settle() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := &hall{j, chat.NewLedger(), make(map[string]string), make(map[string]string), make(map[string]map[string]bool),
		make(map[chat.Topic]map[string]bool), make(map[string][]string), make(map[string]int), make(map[string]uint64)}
	for n := uint64(1); n <= uint64(len(j.done)); n++ {
		op, ok := j.done[n]
		if !ok {
			j.faultLocked("number %d is missing", n)
			return j.faults
		}
		h.do(&op)
	}
	for line, err := range j.said {
		switch at := h.numbers[line]; {
		case err == nil && at == 0:
			j.faultLocked("%s was acknowledged, and never said", line)
		case errors.Is(err, chat.ErrNoDesk) && at != 0:
			j.faultLocked("%s was refused, and said", line)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.ears)) {
		h.compare(j.ears[name])
	}
	return j.faults
}

// do does op.
func (h *hall) do(op *order.Op) {
	switch op.Kind {
	case order.Gone:
		for id := range h.nodes[op.Replica] {
			h.rise(id)
		}
		h.tell(h.ledger.Apply(&chat.Op{Kind: chat.OpGone, Node: op.Replica}, op.Time), false)
		return
	case order.Submitted:
	default:
		return
	}
	var r request
	if err := json.Unmarshal(op.Data, &r); err != nil {
		h.judge.faultLocked("number %d: %v", op.Number, err)
		return
	}
	out := h.ledger.Apply(r.Op, op.Time)
	if out.Err != nil {
		return
	}
	switch e := r.Op.Entry; r.Op.Kind {
	case chat.OpEnter:
		if there := h.names[e.User.Name]; there != "" {
			h.judge.faultLocked("number %d: two seats for %s", op.Number, e.User.Name)
		}
		h.sit(*e, nil)
	case chat.OpMove:
		h.rise(e.ID)
		h.sit(*e, out.Rooms)
	case chat.OpPublish:
		line := r.Op.Event.Text.String()
		if h.numbers[line] != 0 {
			h.judge.faultLocked("number %d: %s is said again", op.Number, line)
		}
		h.numbers[line] = op.Number
	}
	h.tell(out, r.Op.Kind == chat.OpPublish)
	if r.Op.Kind == chat.OpQuit && out.Quit {
		h.rise(r.Op.Entry.ID)
	}
}

func (h *hall) sit(e chat.Entry, rooms []chat.Room) {
	name := e.Info.String()
	h.sits[e.ID], h.names[e.User.Name] = name, e.ID
	if h.nodes[e.Node] == nil {
		h.nodes[e.Node] = make(map[string]bool)
	}
	h.nodes[e.Node][e.ID] = true
	for _, topic := range []chat.Topic{chat.Everyone, chat.UserTopic(e.User)} {
		h.listen(topic, name)
	}
	for _, r := range rooms {
		h.listen(chat.RoomTopic(r.Number), name)
	}
}

func (h *hall) listen(topic chat.Topic, name string) {
	if h.hears[topic] == nil {
		h.hears[topic] = make(map[string]bool)
	}
	h.hears[topic][name] = true
}

func (h *hall) rise(id string) {
	for _, names := range h.hears {
		delete(names, h.sits[id])
	}
	for _, ids := range h.nodes {
		delete(ids, id)
	}
	maps.DeleteFunc(h.names, func(_, there string) bool { return there == id })
	delete(h.sits, id)
}

func (h *hall) tell(out chat.Outcome, public bool) {
	for _, t := range out.Told {
		delete(h.hears[t.Topic], h.sits[t.Goes])
		if t.Event != nil {
			for name := range h.hears[t.Topic] {
				h.should[name] = append(h.should[name], short(t.Event))
				if public {
					h.publics[name]++
				}
			}
		}
		if t.Ends {
			delete(h.hears, t.Topic)
		}
		if name := h.sits[t.Comes]; name != "" {
			h.listen(t.Topic, name)
		}
	}
}

// compare judges what one ear heard.
func (h *hall) compare(e *ear) {
	should := h.should[e.name]
	missing := 0 // of what it should have heard before the last that it did
	rest := should
	for i, line := range e.heard {
		at := slices.Index(rest, line)
		if at < 0 {
			h.judge.faultLocked("%s at %s heard %q as number %d, and should have heard %q", e.name, e.process, line, i,
				tail(should, len(should)-len(rest)))
			return
		}
		for _, skipped := range rest[:at] {
			if strings.HasPrefix(skipped, "said") || strings.HasPrefix(skipped, "shouted") {
				missing++
			}
		}
		rest = rest[at+1:]
	}
	if missing > e.lost {
		h.judge.faultLocked("%s at %s has missed %d lines, and was told of %d", e.name, e.process, missing, e.lost)
	}
	if len(rest) > 0 && e.entered && !e.ended && !h.judge.dead[e.process] && e.lost == 0 {
		h.judge.faultLocked("%s at %s never heard %q", e.name, e.process, rest[0])
	}
}

// tail returns what of lines is around the place at.
func tail(lines []string, at int) []string { return lines[max(0, at-2):min(len(lines), at+3)] }

// TestJudge tests the judge: he hears what is wrong.
func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name  string
		heard []string
		want  string
	}{
		{"right", []string{"said 0 bob one", "said 0 bob two", "said 0 bob three"}, ""},
		{"twice", []string{"said 0 bob one", "said 0 bob one"}, "and should have heard"},
		{"out of order", []string{"said 0 bob two", "said 0 bob one"}, "and should have heard"},
		{"a gap", []string{"said 0 bob one", "said 0 bob three"}, "has missed 1 lines"},
		{"the end is missing", []string{"said 0 bob one", "said 0 bob two"}, "never heard"},
		{"never said", []string{"said 0 bob four"}, "and should have heard"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := newJudge(simnet.New(1, simnet.Faults{}))
			e := j.newEar("a 1")
			e.heard, e.entered = tt.heard, true
			should := []string{"said 0 bob one", "said 0 bob two", "said 0 bob three"}
			h := &hall{judge: j, should: map[string][]string{e.name: should}}
			h.compare(e)
			if got := strings.Join(j.faults, "\n"); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}
