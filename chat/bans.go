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
	Users []string
	// Operators are the names of the operators among them.
	Operators []string
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

// Ban keeps target away: a user, an address such as 192.0.2.7, or a network such as 2001:db8::/32. A single IPv6
// address stands for its first 64 bits: see [SourceOf]. A ban lasts as long as said; zero means until it is lifted. It
// is on disk when Ban returns nil, and holds after a restart. Whoever of them is online is sent away, and reads reason.
// An earlier ban of the same target is replaced.
//
// It returns ErrNoUser, ErrBadTarget, ErrBanGuest, ErrOneself if it would keep the operator away too, ErrLastOperator,
// ErrBadDuration or ErrTooManySanctions.
func (n *Node) Ban(ctx context.Context, by Actor, target string, lasts time.Duration, reason Text) (Banning, error) {
	return n.ban(ctx, by, target, false, lasts, reason)
}

// BanAddress is Ban for a user and the address that the user came from last; for a guest it is the address alone. It
// returns ErrNoAddress if that is not known, and ErrOwnAddress if it is the operator's too.
func (n *Node) BanAddress(ctx context.Context, by Actor, name string, lasts time.Duration,
	reason Text) (Banning, error) {
	return n.ban(ctx, by, name, true, lasts, reason)
}

func (n *Node) ban(ctx context.Context, by Actor, word string, address bool, lasts time.Duration,
	reason Text) (Banning, error) {
	var b Banning
	err := n.operate(ctx, by, Deed{Action: "ban", Target: word, For: lasts, Reason: reason}, func(d *Deed) error {
		targets, from, err := n.banTargets(ctx, by, word, address)
		if err != nil {
			return err
		}
		d.Target = ""
		for i, t := range targets {
			s := newSanction(t.shown, d.By, lasts, reason)
			s.User = t.user
			if err := n.impose(ctx, n.bans, t.key, s, true); err != nil {
				for _, made := range targets[:i] {
					_, _, lifting := n.lift(ctx, n.bans, made.key)
					err = errors.Join(err, lifting)
				}
				return err
			}
			b.Bans = append(b.Bans, s)
		}
		for i, t := range targets {
			if d.Target += t.shown; i+1 < len(targets) {
				d.Target += ", "
			}
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

// banTargets returns what by bans who writes word: a user, a network, or, if address is true, a user and the address.
// from is where a user who is one of them came from last, if that is known.
func (n *Node) banTargets(ctx context.Context, by Actor, word string,
	address bool) (targets []banTarget, from netip.Addr, err error) {
	t, err := parseBanTarget(word)
	if err != nil {
		return nil, from, err
	}
	if t.network.IsValid() {
		return []banTarget{t}, from, n.mayBan(ctx, by, t)
	}
	u, err := n.user(ctx, word)
	switch {
	case err != nil:
		return nil, from, err
	case u.Guest && !address:
		return nil, from, ErrBanGuest.With(u.Name, u.Name)
	case !u.Guest:
		t.shown = u.Name
		if err := n.mayBan(ctx, by, t); err != nil {
			return nil, from, err
		}
		targets = append(targets, t)
	}
	if from, err = n.lastSource(ctx, u); err != nil || !address {
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
	e, online, err := n.entryOf(ctx, u)
	if err != nil || online {
		return e.Source, err
	}
	a, _, err := n.account(ctx, u.Name)
	if err != nil || len(a.Sources) == 0 || a.Sources[0].IsUnspecified() {
		return netip.Addr{}, err
	}
	return a.Sources[0], nil
}

// Unban ends a ban and returns it; that of a user together with that of the address which BanAddress made. It returns
// ErrNotBanned or ErrBadTarget.
func (n *Node) Unban(ctx context.Context, by Actor, target string) ([]Sanction, error) {
	var lifted []Sanction
	err := n.operate(ctx, by, Deed{Action: "unban", Target: target}, func(d *Deed) error {
		t, err := parseBanTarget(target)
		if err != nil {
			return err
		}
		keys := []string{t.key}
		if addr, err := netip.ParseAddr(target); err == nil {
			keys = append(keys, netip.PrefixFrom(plain(addr), plain(addr).BitLen()).String()) // banned with its length
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
			}
		}
		if len(lifted) == 0 {
			return ErrNotBanned.With(t.shown)
		}
		d.Target = lifted[0].Target
		for _, s := range lifted[1:] {
			d.Target += ", " + s.Target
		}
		return nil
	})
	return lifted, err
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
			if s, ok := held[network.String()]; ok && s.Left() >= 0 {
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

// A banTarget is a user or a network; a single address is a network of one.
type banTarget struct {
	key     string // in the store and the table: a skeleton, or the network, which always has a slash
	shown   string
	network netip.Prefix // the zero Prefix for a user
	user    string       // whose address it is, if it is banned with that user
}

// parseBanTarget reads a target without asking whether there is such a user. A word that could be a name is one: names
// begin with a letter and have no colon.
func parseBanTarget(word string) (banTarget, error) {
	if word != "" && isLetter(rune(word[0])) && !strings.ContainsAny(word, ":/") {
		if wellFormed(word) != nil {
			return banTarget{}, ErrNoUser.With(word)
		}
		return banTarget{key: skeleton(word), shown: word}, nil
	}
	network, err := netip.ParsePrefix(word)
	if !strings.Contains(word, "/") {
		var addr netip.Addr
		addr, err = netip.ParseAddr(word)
		network = networkOf(addr)
	}
	if err != nil {
		return banTarget{}, ErrBadTarget.With(word)
	}
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	return targetOf(network.Masked()), nil
}

func targetOf(network netip.Prefix) banTarget {
	t := banTarget{key: network.String(), shown: network.String(), network: network}
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
func (n *Node) mayBan(ctx context.Context, by Actor, t banTarget) error {
	if !t.network.IsValid() {
		if by.Name() != Console && t.key == skeleton(by.Name()) {
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
func (n *Node) expelBanned(ctx context.Context, t banTarget, s Sanction) (Ended, error) {
	if t.network.IsValid() {
		return n.expelAll(ctx, &Order{Kind: Expel, Network: t.network}, ErrAddressBanned.With(s.Terms()))
	}
	return n.expel(ctx, User{Name: t.shown, ID: t.key}, ErrBanned.With(s.Terms()))
}
