package chat

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

const bansBucket = "bans"

// Ban keeps target away: a user, an address such as 192.0.2.7, or a network such as 2001:db8::/32. It lasts as long as said; zero means until
// it is lifted. It is on disk when Ban returns nil, and holds after a restart. Whoever of them is online is sent away, and reads reason.
//
// An earlier ban of the same target is replaced. Ban returns the ban, and ErrNoUser, ErrBadTarget, ErrBanGuest, ErrOneself if it would
// keep the operator away too, ErrLastOperator, ErrBadDuration or ErrTooManySanctions.
func (n *Node) Ban(ctx context.Context, by, target string, lasts time.Duration, reason Text) (Sanction, error) {
	d := Deed{By: by, Action: "ban", Target: target, For: lasts, Reason: reason}
	var s Sanction
	err := n.operate(ctx, d, func(d *Deed) error {
		t, err := n.banTarget(ctx, target)
		if err != nil {
			return err
		}
		if err := n.mayBan(ctx, d.By, t); err != nil {
			return err
		}
		d.Target = t.shown
		s = newSanction(t.shown, d.By, lasts, reason)
		if err := n.bans.impose(ctx, t.key, s, true); err != nil {
			return err
		}
		return n.expelBanned(ctx, t, s)
	})
	return s, err
}

// Unban ends a ban and returns it. It returns ErrNotBanned or ErrBadTarget.
func (n *Node) Unban(ctx context.Context, by, target string) (Sanction, error) {
	var s Sanction
	err := n.operate(ctx, Deed{By: by, Action: "unban", Target: target}, func(d *Deed) error {
		t, err := parseBanTarget(target)
		if err != nil {
			return err
		}
		lifted, found, err := n.bans.lift(ctx, t.key)
		if err == nil && !found {
			return ErrNotBanned.With(t.shown)
		}
		s, d.Target = lifted, lifted.Target
		return err
	})
	return s, err
}

// Bans returns the bans that hold now, sorted by target.
func (n *Node) Bans(ctx context.Context) ([]Sanction, error) { return n.bans.all(ctx) }

// MayConnect returns ErrAddressBanned if nobody may come from source. The zero Addr is a source that nobody knows; a ban of 0.0.0.0
// or :: concerns it.
func (n *Node) MayConnect(ctx context.Context, source netip.Addr) error {
	held, err := n.bans.table(ctx)
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

// mayLogin returns why the user of account a may not log in: ErrLogin, if a is disabled, ErrBanned or ErrAddressBanned.
func (n *Node) mayLogin(ctx context.Context, a *account, source netip.Addr) error {
	if a.Disabled {
		return ErrLogin
	}
	s, banned, err := n.bans.find(ctx, skeleton(a.Name))
	if err != nil {
		return err
	}
	if banned {
		return ErrBanned.With(s.Terms())
	}
	return n.MayConnect(ctx, source)
}

// A banTarget is a user or a network; a single address is a network of one.
type banTarget struct {
	key     string // in the store and the table: a skeleton, or the network, which always has a slash
	shown   string
	network netip.Prefix // the zero Prefix for a user
}

// parseBanTarget reads a target without asking whether there is such a user. A word that could be a name is one: names begin with a letter and
// have no colon.
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
		addr = plain(addr)
		network = netip.PrefixFrom(addr, addr.BitLen())
	}
	if err != nil {
		return banTarget{}, ErrBadTarget.With(word)
	}
	if addr := network.Addr(); addr.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(addr.Unmap(), network.Bits()-96)
	}
	network = network.Masked()
	t := banTarget{key: network.String(), shown: network.String(), network: network}
	if network.IsSingleIP() {
		t.shown = network.Addr().String()
	}
	return t, nil
}

// plain makes one of the ways to write an address.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// banTarget reads a target, and returns the user's name as registered. It returns ErrNoUser, ErrBanGuest or ErrBadTarget.
func (n *Node) banTarget(ctx context.Context, word string) (banTarget, error) {
	t, err := parseBanTarget(word)
	if err != nil || t.network.IsValid() {
		return t, err
	}
	u, err := n.user(ctx, word)
	if err != nil {
		return t, err
	}
	if u.Guest {
		return t, ErrBanGuest.With(u.Name)
	}
	t.shown = u.Name
	return t, nil
}

// mayBan returns why by may not ban t: ErrOneself or ErrLastOperator.
func (n *Node) mayBan(ctx context.Context, by string, t banTarget) error {
	if !t.network.IsValid() {
		if t.key == skeleton(by) {
			return ErrOneself.With("ban")
		}
		return n.notLast(ctx, t.shown)
	}
	if by == Console {
		return nil
	}
	e, err := n.online(ctx, by)
	if err == nil && covers(t.network, e.Source()) {
		return ErrOneself.With("ban")
	}
	return nil
}

// expelBanned sends away whom the ban s of t concerns.
func (n *Node) expelBanned(ctx context.Context, t banTarget, s Sanction) (err error) {
	n.presences.Range(func(_, v any) bool {
		p := v.(*Presence)
		switch {
		case !p.User.Guest && p.User.ID == t.key:
			err = n.expel(ctx, p.User, ErrBanned.With(s.Terms()))
		case t.network.IsValid() && covers(t.network, p.Source()):
			err = n.expel(ctx, p.User, ErrAddressBanned.With(s.Terms()))
		}
		return err == nil
	})
	return err
}
