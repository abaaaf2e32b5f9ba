package chat

import (
	"context"
	"iter"
	"net/netip"
	"time"

	"parley/chat/budget"
)

// A LedgerDesk is the part of a [Desk] that is the same whatever gives the operations their order: it looks up in the
// ledger what somebody asks, and makes an [Op] of what is to change. A desk embeds it, and does the operations. All
// methods are those of [Desk].
type LedgerDesk struct {
	node   string
	ledger *Ledger
	bus    *Bus
	now    func() time.Duration
	do     func(ctx context.Context, o *Op) (Outcome, error)
}

// NewLedgerDesk returns that of the node of that name, whose desk has the ledger l and the bus b. now returns the
// ledger's time. do does an operation in its place in the order, tells what is to be told of it, and returns the error
// of the outcome, or why the operation was not done.
func NewLedgerDesk(node string, l *Ledger, b *Bus, now func() time.Duration,
	do func(ctx context.Context, o *Op) (Outcome, error)) LedgerDesk {
	return LedgerDesk{node, l, b, now, do}
}

func (d *LedgerDesk) Node() string { return d.node }

func (d *LedgerDesk) Update(ctx context.Context, e Entry) error {
	_, err := d.do(ctx, &Op{Kind: OpUpdate, Entry: &e})
	return err
}

func (d *LedgerDesk) Find(name string) (Entry, error) { return d.ledger.Find(name) }

func (d *LedgerDesk) Online() iter.Seq[Entry] { return d.ledger.Online() }

func (d *LedgerDesk) OpenRoom(ctx context.Context, topic Text, leader User) (Room, error) {
	out, err := d.do(ctx, &Op{Kind: OpOpenRoom, Text: topic, User: &leader, At: time.Now()})
	return out.Room, err
}

func (d *LedgerDesk) ChangeRoom(ctx context.Context, number int, c RoomChange) (Room, error) {
	out, err := d.do(ctx, &Op{Kind: OpChangeRoom, Number: number, Change: &c})
	return out.Room, err
}

func (d *LedgerDesk) Stand(ctx context.Context, number int, s Standing, by User) (Room, error) {
	out, err := d.do(ctx, &Op{Kind: OpStand, Number: number, Standing: &s, User: &by, At: time.Now()})
	return out.Room, err
}

func (d *LedgerDesk) Unstand(ctx context.Context, name string, by User) (Room, error) {
	out, err := d.do(ctx, &Op{Kind: OpUnstand, Text: Clean(name), User: &by, At: time.Now()})
	return out.Room, err
}

func (d *LedgerDesk) Forget(ctx context.Context, u User) error {
	_, err := d.do(ctx, &Op{Kind: OpForget, User: &u})
	return err
}

func (d *LedgerDesk) Speak(ctx context.Context, number int, e *Event) error {
	_, err := d.do(ctx, &Op{Kind: OpSpeak, Number: number, Event: e})
	return err
}

func (d *LedgerDesk) SpeakByHook(ctx context.Context, number int, key string, e *Event) error {
	_, err := d.do(ctx, &Op{Kind: OpSpeakByHook, Number: number, Key: key, Event: e})
	return err
}

func (d *LedgerDesk) Calm(ctx context.Context, lasts time.Duration) error {
	_, err := d.do(ctx, &Op{Kind: OpCalm, Lasts: lasts, At: time.Now()})
	return err
}

func (d *LedgerDesk) CalmLeft() time.Duration { return d.ledger.CalmLeft(d.now()) }

func (d *LedgerDesk) Died() (ago time.Duration, ever bool) { return d.ledger.Died(d.now()) }

func (d *LedgerDesk) Known(source netip.Addr) bool { return d.ledger.Known(source, d.now()) }

func (d *LedgerDesk) Room(number int) (Room, error) { return d.ledger.Room(number) }

func (d *LedgerDesk) Rooms() []Room { return d.ledger.Rooms() }

func (d *LedgerDesk) RoomsOf(u User) []Room { return d.ledger.RoomsOf(u) }

func (d *LedgerDesk) Past(topic Topic, u User) (Past, error) {
	return d.bus.pasts.of(topic, u)
}

func (d *LedgerDesk) Heard(u User) []Line { return d.bus.pasts.heard(u, d.ledger.RoomsOf(u)) }

func (d *LedgerDesk) Said() uint64 { return d.bus.Said() }

func (d *LedgerDesk) Publish(ctx context.Context, topic Topic, e *Event) error {
	_, err := d.do(ctx, &Op{Kind: OpPublish, Topic: topic, Event: e})
	return err
}

func (d *LedgerDesk) TakeNumber(ctx context.Context) (int, error) {
	out, err := d.do(ctx, &Op{Kind: OpTakeNumber, Node: d.node})
	return out.Number, err
}

func (d *LedgerDesk) GiveNumber(ctx context.Context, number int) error {
	_, err := d.do(ctx, &Op{Kind: OpGiveNumber, Number: number})
	return err
}

func (d *LedgerDesk) TakeGuess(ctx context.Context, g budget.Guess) (time.Duration, error) {
	out, err := d.do(ctx, &Op{Kind: OpTakeGuess, Guess: &g})
	return out.Wait, err
}

func (d *LedgerDesk) GiveGuess(ctx context.Context, g budget.Guess) error {
	_, err := d.do(ctx, &Op{Kind: OpGiveGuess, Guess: &g})
	return err
}

func (d *LedgerDesk) TakeRegistration(ctx context.Context, source netip.Addr) (budget.Waits, error) {
	out, err := d.do(ctx, &Op{Kind: OpTakeRegistration, Source: source})
	return out.Waits, err
}

func (d *LedgerDesk) WaitRegistration(source netip.Addr) budget.Waits {
	return d.ledger.WaitRegistration(source, d.now())
}

func (d *LedgerDesk) GiveRegistration(ctx context.Context, source netip.Addr) error {
	_, err := d.do(ctx, &Op{Kind: OpGiveRegistration, Source: source})
	return err
}

func (d *LedgerDesk) TakeOver(ctx context.Context, u User) (time.Duration, error) {
	out, err := d.do(ctx, &Op{Kind: OpTakeOver, User: &u})
	return out.Wait, err
}

func (d *LedgerDesk) Link(ctx context.Context, u User, link Link) error {
	_, err := d.do(ctx, &Op{Kind: OpLink, User: &u, Link: &link})
	return err
}

func (d *LedgerDesk) Redeem(ctx context.Context, key string) (User, string, error) {
	out, err := d.do(ctx, &Op{Kind: OpRedeem, Link: &Link{Key: key}})
	return out.User, out.Bound, err
}
