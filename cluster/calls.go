package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/chat"
	"parley/cluster/order"
)

// nextID returns what tells a call of this node from all others.
func (v *View) nextID() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last++
	return v.name + " " + strconv.FormatUint(v.replica.Status().Life, 36) + " " + strconv.FormatUint(v.last, 36)
}

// A request is what is submitted to the order.
type request struct {
	ID string   `json:"id"` // of the call
	Op *chat.Op `json:"op"`
	// Needs is the version of the operations that has to be understood: zero is 1.
	Needs int `json:"needs,omitempty"`
}

// A call waits for its operation to be done.
type call struct {
	id       string
	ctx      context.Context
	listener chat.Listener
	outcome  chat.Outcome

	// once the operation has been done here
	asked    []string // the nodes whose answers are awaited
	answered map[string]chat.Answer
	more     chan struct{} // holds one element if an answer has come, or a node is dead
}

// do lets op be done everywhere, and returns when it is done here. The call is for the outcome, and for the answers.
func (v *View) do(ctx context.Context, op *chat.Op, l chat.Listener) (*call, error) {
	c := &call{id: v.nextID(), ctx: ctx, listener: l, answered: make(map[string]chat.Answer),
		more: make(chan struct{}, 1)}
	r := request{ID: c.id, Op: op}
	if needs := v.needs(op); needs > 1 {
		r.Needs = needs
	}
	data, err := json.Marshal(r)
	if err != nil {
		return c, fmt.Errorf("submit %s: %w", op.Kind, err)
	}
	v.mu.Lock()
	v.calls[c.id] = c
	v.mu.Unlock()
	got, err := v.replica.SubmitWithin(ctx, data, patience(op.Kind))
	if err != nil {
		v.drop(c)
		return &call{}, refusal(err)
	}
	c.outcome = *got.(*chat.Outcome)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(c.asked) == 0 || c.outcome.Err != nil {
		delete(v.calls, c.id)
	}
	return c, c.outcome.Err
}

// comeWait is how long who comes in waits for a desk: for longer than it takes until there is another. Where the desk
// has died together with the NATS server that led the others, these take up to nine seconds to choose who leads them,
// and before that no epoch can be taken.
const comeWait = 10 * time.Second

// patience returns how long an operation of that kind may take, where that is longer than usual. When a node dies that
// is the desk, its users come to the others before there is another desk: they are let in then, and are not refused.
func patience(kind chat.OpKind) time.Duration {
	switch kind {
	case chat.OpEnter, chat.OpMove, chat.OpTakeOver, chat.OpTakeNumber, chat.OpTakeGuess, chat.OpTakeRegistration,
		chat.OpRedeem:
		return comeWait
	}
	return 0
}

// drop forgets a call.
func (v *View) drop(c *call) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.calls, c.id)
}

// refusal turns an error of the order into one that users can read.
func refusal(err error) error {
	switch {
	case errors.Is(err, order.ErrFenced), errors.Is(err, order.ErrBusy), errors.Is(err, order.ErrSuperseded):
		return chat.ErrNoDesk
	case errors.Is(err, order.ErrUnknown), errors.Is(err, order.ErrClosed):
		return chat.ErrUnsure
	}
	return err
}
