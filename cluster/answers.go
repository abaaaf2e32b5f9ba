package cluster

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"parley/chat"
)

const (
	askAgain = 300 * time.Millisecond // when an answer has not come
	moveWait = 2 * time.Second        // for the seat of a user who moves
	askWait  = 5 * time.Second        // for all other answers: a node that is dead is gone long before
	maxGiven = 4096                   // answers are kept for those who ask again
	seatTime = 2 * askWait            // for so long one with a seat, in which is what its user has heard
)

// A letter goes from one node to another, beside the order: an answer, or the question for one that has not come.
type letter struct {
	ID     string       `json:"id"` // of the call
	Answer *chat.Answer `json:"answer,omitempty"`
}

// order lets this node do the order in r, if it is for it, and notes whose answers the call waits for.
func (m *machine) order(ctx context.Context, from string, r *request, out *chat.Outcome, c *call) {
	o, to := r.Op.Order, []string(nil)
	switch r.Op.Kind {
	case chat.OpAsk:
		if m.nodes[r.Op.To] == 0 {
			out.Err = chat.ErrNotFound
			return
		}
		to = []string{r.Op.To}
	case chat.OpAll:
		for node := range m.nodes {
			to = append(to, node)
		}
		slices.Sort(to)
	case chat.OpMove:
		o = &chat.Order{Kind: chat.HandOver, User: r.Op.Entry.User, Entry: r.Op.Entry.ID}
		if m.nodes[out.Was.Node] > 0 {
			to = []string{out.Was.Node}
		}
	}
	if c != nil {
		m.view.awaits(c, to)
	}
	if slices.Contains(to, m.view.name) {
		m.view.carryOut(ctx, from, r.ID, o)
	}
}

// call returns the call of the given ID, or nil if nobody waits for it any more.
func (v *View) call(id string) *call {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls[id]
}

func (v *View) awaits(c *call, nodes []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c.asked = nodes
}

// carryOut does o, and sends the answer to the node called from, when there is one.
func (v *View) carryOut(ctx context.Context, from, id string, o *chat.Order) {
	v.mu.Lock()
	h := v.handler
	v.mu.Unlock()
	var a chat.Answer
	var later <-chan chat.Answer
	if h != nil {
		a, later = h.Do(ctx, o)
	}
	if later == nil {
		v.give(from, id, a)
		return
	}
	// until there is an answer, or Close
	v.start("answer", func() {
		select {
		case a := <-later:
			v.give(from, id, a)
		case <-v.ctx.Done():
		}
	})
}

// give sends an answer, and keeps it for a while.
func (v *View) give(to, id string, a chat.Answer) {
	v.mu.Lock()
	v.given[id] = a
	if v.oldest = append(v.oldest, id); len(v.oldest) > maxGiven {
		delete(v.given, v.oldest[0])
		v.oldest = v.oldest[1:]
	}
	v.mu.Unlock()
	if a.Seat != nil {
		v.start("forget a seat", func() { v.forgetGiven(id) }) // for seatTime, or until Close
	}
	v.post(to, letter{ID: id, Answer: &a})
}

// forgetGiven forgets an answer once nobody asks for it again.
func (v *View) forgetGiven(id string) {
	select {
	case <-time.After(seatTime):
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.given, id)
	case <-v.ctx.Done():
	}
}

func (v *View) post(to string, l letter) {
	if to == v.name {
		v.got(to, l)
		return
	}
	b, err := json.Marshal(l)
	if err != nil {
		v.log.Error("letter not written", "to", to, "err", err)
		return
	}
	v.replica.Mail(to, b)
}

// mailed takes a letter.
func (v *View) mailed(from string, data []byte) {
	var l letter
	if err := json.Unmarshal(data, &l); err != nil {
		v.log.Warn("letter not understood", "from", from, "err", err)
		return
	}
	v.got(from, l)
}

func (v *View) got(from string, l letter) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if l.Answer == nil {
		if a, ok := v.given[l.ID]; ok {
			v.start("answer again", func() { v.post(from, letter{l.ID, &a}) }) // at once
		}
		return
	}
	if c := v.calls[l.ID]; c != nil {
		c.answered[from] = *l.Answer
		c.ring()
	}
}

// ring says that something has changed about the answers to c.
func (c *call) ring() {
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// nodeGone ends the waiting for the answers of a node.
func (v *View) nodeGone(node string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.calls {
		if i := slices.Index(c.asked, node); i >= 0 {
			c.asked = slices.Delete(slices.Clone(c.asked), i, i+1)
			c.ring()
		}
	}
}

// missing returns who has not answered c yet, and the answers of the others.
func (v *View) missing(c *call) (nodes []string, answers []chat.Answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, node := range c.asked {
		if a, ok := c.answered[node]; ok {
			answers = append(answers, a)
		} else {
			nodes = append(nodes, node)
		}
	}
	return nodes, answers
}

// answers waits for the answers of all whom c asks, except those that are dead. It returns ErrUnsure if that takes too
// long.
func (v *View) answers(ctx context.Context, c *call, most time.Duration) ([]chat.Answer, error) {
	defer v.drop(c)
	over := time.NewTimer(most)
	defer over.Stop()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		missing, answers := v.missing(c)
		if len(missing) == 0 {
			return answers, nil
		}
		select {
		case <-c.more:
		case <-again.C:
			for _, node := range missing {
				if node != v.name {
					v.post(node, letter{ID: c.id})
				}
			}
		case <-over.C:
			return answers, chat.ErrUnsure
		case <-ctx.Done():
			return answers, ctx.Err()
		case <-v.ctx.Done():
			return answers, chat.ErrUnsure
		}
	}
}
