package chat

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"parley/words"
)

const bansBucket = "bans"

// An Ended is whose sessions an operator ended.
type Ended struct {
	// Users are the names of those who were sent away.
	Users []string `json:"users,omitempty"`
	// Operators are the names of the operators among them.
	Operators []string `json:"operators,omitempty"`
}

func (e *Ended) add(more Ended) {
	e.Users = append(e.Users, more.Users...)
	e.Operators = append(e.Operators, more.Operators...)
}

// A Banning is what came of a ban.
type Banning struct {
	// Bans are the bans: of what was named, and of the address if that was asked for.
	Bans []Sanction
	// Ended is who was sent away.
	Ended Ended
	// Address is where the banned user came from last, and may come again as a guest. Empty if it is banned, not known
	// or the operator's own, and where there are no guests.
	Address string
}

// A BanTarget is whom a ban concerns: a user, an address or a network.
type BanTarget struct {
	// Name is that of a user.
	Name string
	// AndAddress says that the address is meant too that the user came from last; of a guest it is meant alone.
	AndAddress bool
	// Addr is an address. One of IPv6 stands for its first 64 bits: see [SourceOf].
	Addr netip.Addr
	// Network is all addresses in it, as many or few as they are.
	Network netip.Prefix
}

// Ban keeps target away. A ban lasts as long as said; zero means until it is lifted. It is on disk when Ban returns
// nil, and holds after a restart. Whoever of them is online is sent away, and reads reason. An earlier ban of the same
// target is replaced.
//
// It returns ErrNoUser, ErrBanGuest, ErrOneself if it would keep the operator away too, ErrLastOperator, ErrBadDuration
// or ErrTooManySanctions; of the address of a user ErrNoAddress if that is not known, and ErrOwnAddress if it is the
// operator's too.
func (n *Node) Ban(ctx context.Context, by Actor, target BanTarget, lasts time.Duration,
	reason Text) (b Banning, err error) {
	err = n.operate(ctx, by, Deed{Action: "ban", For: lasts, Reason: reason}, func(d *Deed) error {
		targets, from, err := n.banned(ctx, by, target)
		if err != nil {
			return err
		}
		before, err := n.bans.All(ctx)
		if err != nil {
			return err
		}
		for i, t := range targets {
			s := newSanction(t.shown, d.By, lasts, reason)
			s.User = t.user
			if err := n.impose(ctx, n.bans, t.key, s, true); err != nil {
				for _, made := range targets[:i] {
					err = errors.Join(err, n.undoBan(context.WithoutCancel(ctx), made.key, before))
				}
				return err
			}
			b.Bans = append(b.Bans, s)
		}
		d.Target, d.stands = targetsOf(b.Bans), true
		for i, t := range targets {
			ended, err := n.expelBanned(ctx, t, b.Bans[i])
			b.Ended.add(ended)
			if err != nil {
				return err
			}
		}
		slices.Sort(b.Ended.Operators)
		if from.IsValid() && !covers(networkOf(from), by.source()) && n.Guests() != GuestsOff &&
			n.MayConnect(ctx, from) == nil {
			b.Address = targetOf(networkOf(from)).shown
		}
		return nil
	})
	return b, err
}

// undoBan makes what is banned under key what it was before.
func (n *Node) undoBan(ctx context.Context, key string, before map[string]Sanction) error {
	if s, banned := before[key]; banned {
		return n.impose(ctx, n.bans, key, s, true)
	}
	_, _, err := n.lift(ctx, n.bans, key)
	return err
}

// banned returns what by bans who means target: a user, a network, or a user and the address. from is where a user who
// is one of them came from last, if that is known.
func (n *Node) banned(ctx context.Context, by Actor, target BanTarget) (targets []banned, from netip.Addr, err error) {
	t, err := target.banned()
	if err != nil {
		return nil, from, err
	}
	if t.network.IsValid() {
		return []banned{t}, from, n.mayBan(ctx, by, t)
	}
	u, err := n.user(ctx, target.Name)
	switch {
	case err != nil:
		return nil, from, err
	case u.Guest && !target.AndAddress:
		return nil, from, ErrBanGuest.With(u.Name, u.Name)
	case !u.Guest:
		t.shown = u.Name
		if err := n.mayBan(ctx, by, t); err != nil {
			return nil, from, err
		}
		targets = append(targets, t)
	}
	if from, err = n.lastSource(ctx, u); err != nil || !target.AndAddress {
		return targets, from, err
	}
	if !from.IsValid() {
		return nil, from, ErrNoAddress.With(u.Name)
	}
	at := targetOf(networkOf(from))
	if n.mayBan(ctx, by, at) != nil {
		return nil, from, ErrOwnAddress.With(at.shown)
	}
	if !u.Guest {
		at.user = u.Name
	}
	return append(targets, at), from, nil
}

// lastSource returns where u is, or came from last: the zero Addr if that is not known.
func (n *Node) lastSource(ctx context.Context, u User) (netip.Addr, error) {
	if e, online := n.entryOf(u); online {
		return e.Source, nil
	}
	a, err := n.account(ctx, u.Name)
	if err != nil || len(a.Sources) == 0 || a.Sources[0].IsUnspecified() {
		return netip.Addr{}, err
	}
	return a.Sources[0], nil
}

// Unban ends a ban and returns it; that of a user together with that of the address. It returns ErrNotBanned or
// ErrNoUser.
func (n *Node) Unban(ctx context.Context, by Actor, target BanTarget) ([]Sanction, error) {
	var lifted []Sanction
	err := n.operate(ctx, by, Deed{Action: "unban"}, func(d *Deed) error {
		t, err := target.banned()
		if err != nil {
			return err
		}
		keys := []string{t.key}
		if addr := plain(target.Addr); addr.IsValid() {
			keys = append(keys, netip.PrefixFrom(addr, addr.BitLen()).String()) // banned with its length
		}
		held, err := n.bans.All(ctx)
		if err != nil {
			return err
		}
		for key, s := range held {
			if !t.network.IsValid() && s.User != "" && skeleton(s.User) == t.key {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			s, found, err := n.lift(ctx, n.bans, key)
			if err != nil {
				return err
			}
			if found {
				lifted = append(lifted, s)
				d.Target, d.stands = targetsOf(lifted), true
			}
		}
		if len(lifted) == 0 {
			return ErrNotBanned.With(t.shown)
		}
		return nil
	})
	return lifted, err
}

// targetsOf returns whom bans concern, as a deed has it.
func targetsOf(bans []Sanction) string {
	var targets []string
	for _, s := range bans {
		targets = append(targets, s.Target)
	}
	return strings.Join(targets, ", ")
}

// Bans returns the bans that hold now, sorted by target.
func (n *Node) Bans(ctx context.Context) ([]Sanction, error) { return n.bans.sorted(ctx) }

// MayConnect returns ErrAddressBanned if nobody may come from source. The zero Addr is a source that nobody knows; a
// ban of 0.0.0.0 or :: concerns it.
func (n *Node) MayConnect(ctx context.Context, source netip.Addr) error {
	held, err := n.bans.All(ctx)
	if err != nil || len(held) == 0 {
		return err
	}
	for _, addr := range addresses(source) {
		for bits := addr.BitLen(); bits >= 0; bits-- {
			network, err := addr.Prefix(bits)
			if err != nil {
				return err
			}
			if s, ok := held[network.String()]; ok && !s.Over() {
				return ErrAddressBanned.With(s.Terms())
			}
		}
	}
	return nil
}

// mayLogin returns why the user of account a may not log in: what mayUse says, or ErrAddressBanned.
func (n *Node) mayLogin(ctx context.Context, a *account, source netip.Addr) error {
	if err := n.mayUse(ctx, a); err != nil {
		return err
	}
	return n.MayConnect(ctx, source)
}

// mayUse returns why account a may not be used: ErrLogin, if it is disabled, or ErrBanned.
func (n *Node) mayUse(ctx context.Context, a *account) error {
	if a.Disabled {
		return ErrLogin
	}
	s, banned, err := n.bans.Find(ctx, skeleton(a.Name))
	if err != nil {
		return err
	}
	if banned {
		return ErrBanned.With(s.Terms())
	}
	return nil
}

// A banned is what a ban is kept for: a user or a network; a single address is a network of one.
type banned struct {
	key     string // in the store and the table: a skeleton, or the network, which always has a slash
	shown   string
	network netip.Prefix // the zero Prefix for a user
	user    string       // whose address it is, if it is banned with that user
}

// banned returns what a ban of t is kept for, without asking whether there is such a user.
func (t BanTarget) banned() (banned, error) {
	switch network := t.Network; {
	case t.Addr.IsValid():
		return targetOf(networkOf(t.Addr)), nil
	case network.IsValid():
		if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
			network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
		}
		return targetOf(network.Masked()), nil
	case wellFormed(t.Name) != nil:
		return banned{}, ErrNoUser.With(t.Name)
	}
	return banned{key: skeleton(t.Name), shown: t.Name}, nil
}

func targetOf(network netip.Prefix) banned {
	t := banned{key: network.String(), shown: network.String(), network: network}
	if network.IsSingleIP() {
		t.shown = network.Addr().String()
	}
	return t
}

// networkOf returns what a ban of addr alone is: what the limits count as one source, so that nobody evades it with the
// next address of the same household. The addresses of a machine for itself (RFC 4291, sections 2.5.2 and 2.5.3) have
// no household.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = plain(addr)
	bits := addr.BitLen()
	if addr.Is6() && !addr.IsLoopback() && !addr.IsUnspecified() {
		bits = 64
	}
	return netip.PrefixFrom(addr, bits).Masked()
}

// plain makes one of the ways to write an address.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// mayBan returns why by may not ban t: ErrOneself or ErrLastOperator.
func (n *Node) mayBan(ctx context.Context, by Actor, t banned) error {
	if !t.network.IsValid() {
		if by.name() != Console && t.key == skeleton(by.name()) {
			return ErrOneself.With(words.Say("ban"))
		}
		return n.notLast(ctx, t.shown)
	}
	if by != AtConsole() && covers(t.network, by.source()) {
		return ErrOneself.With(words.Say("ban"))
	}
	return nil
}

// expelBanned sends away whom the ban s of t concerns.
func (n *Node) expelBanned(ctx context.Context, t banned, s Sanction) (Ended, error) {
	if t.network.IsValid() {
		return n.expelAll(ctx, &Order{Kind: Expel, Network: t.network}, ErrAddressBanned.With(s.Terms()))
	}
	return n.expel(ctx, User{Name: t.shown, ID: t.key}, ErrBanned.With(s.Terms()))
}
