package chat

import (
	"context"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"parley/chat/budget"
)

// Numbers, budgets, links and operators' turns of a desk in memory.

func (d *memoryDesk) TakeNumber(context.Context) (int, error) {
	return d.ledger.TakeNumber(d.node), nil
}

func (d *memoryDesk) GiveNumber(_ context.Context, number int) error {
	d.ledger.GiveNumber(number)
	return nil
}

func (d *memoryDesk) TakeGuess(_ context.Context, g budget.Guess) (time.Duration, error) {
	return d.ledger.TakeGuess(g, d.now()), nil
}

func (d *memoryDesk) GiveGuess(_ context.Context, g budget.Guess) error {
	d.ledger.GiveGuess(g, d.now())
	return nil
}

func (d *memoryDesk) TakeRegistration(_ context.Context, source netip.Addr) (budget.Waits, error) {
	return d.ledger.TakeRegistration(source, d.now()), nil
}

func (d *memoryDesk) WaitRegistration(_ context.Context, source netip.Addr) (budget.Waits, error) {
	return d.ledger.WaitRegistration(source, d.now()), nil
}

func (d *memoryDesk) GiveRegistration(_ context.Context, source netip.Addr) error {
	d.ledger.GiveRegistration(source, d.now())
	return nil
}

func (d *memoryDesk) TakeOver(_ context.Context, u User) (time.Duration, error) {
	return d.ledger.TakeOver(u, d.now()), nil
}

func (d *memoryDesk) Link(_ context.Context, u User, link Link) error {
	return d.ledger.Link(u, link, d.now())
}

func (d *memoryDesk) Redeem(_ context.Context, key string) (User, string, error) {
	return d.ledger.Redeem(key, d.now())
}

func (d *memoryDesk) Operate(ctx context.Context) (done func(), err error) {
	d.mu.Lock()
	d.turns++
	t := Turn{ID: strconv.FormatUint(d.turns, 10), Node: d.node}
	come := make(chan struct{})
	d.waiting[t.ID] = come
	d.ledger.Operate(t)
	d.comeLocked()
	d.mu.Unlock()
	done = func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting, t.ID)
		d.ledger.Yield(t.ID)
		d.comeLocked()
	}
	select {
	case <-come:
		return sync.OnceFunc(done), nil
	case <-ctx.Done():
		done()
		return nil, ctx.Err()
	}
}

// comeLocked tells the operator whose turn has come.
func (d *sharedMemory) comeLocked() {
	id := d.ledger.Acting().ID
	if come := d.waiting[id]; come != nil {
		delete(d.waiting, id)
		close(come)
	}
}
