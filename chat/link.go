package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/netip"
	"strings"
	"time"

	"parley/chat/totp"
)

// LinkLasts is for how long a code of [Node.Link] is good, and LinkLastsHeard for those who hear it.
const (
	LinkLasts      = time.Minute
	LinkLastsHeard = 3 * time.Minute
)

// Link returns a code by which whoever types it where a user name is asked for gets the session of me, once, within
// that time, as long as me is online and the password stays the same. A new code ends the one before. It returns
// ErrLinkGuest for a guest.
func (n *Node) Link(ctx context.Context, me *Presence, lasts time.Duration) (code string, err error) {
	a, err := n.accountOf(ctx, me, ErrLinkGuest)
	if err != nil {
		return "", err
	}
	if code, err = newLinkCode(n.random); err != nil {
		return "", err
	}
	key := codeKey(code)
	err = n.desk.Link(ctx, me.User, Link{Key: key, Bound: boundTo(key, code, a), Lasts: lasts})
	if errors.Is(err, ErrNotFound) {
		err = ErrMoved
	}
	if err == nil {
		me.linked.Store(true)
	}
	return code, err
}

// newLinkCode returns a code that begins with a digit, as no name does.
func newLinkCode(random io.Reader) (string, error) {
	code, err := newCode(random)
	if err != nil {
		return "", err
	}
	first := strings.IndexByte(codeAlphabet, code[0]) % 10
	return codeAlphabet[first:first+1] + code[1:], nil
}

// IsLinkCode reports whether text has the form of a code of [Node.Link].
func IsLinkCode(text string) bool {
	text = strings.ToUpper(totp.Ungrouped(text))
	if len(text) != codeLength || text[0] < '0' || text[0] > '9' {
		return false
	}
	return strings.Trim(text, codeAlphabet+"OIL") == ""
}

// boundTo returns what a code is bound to: the account and its password.
func boundTo(key, code string, a *account) string {
	sum := sha256.Sum256([]byte(key + "\x00" + plainCode(code) + "\x00" + a.Name + "\x00" + a.Hash))
	return hex.EncodeToString(sum[:])
}

// Redeem returns the user whose code it is, and uses the code up. A wrong one costs what a wrong password does. It
// returns ErrNoLink, or ErrManyTries.
func (n *Node) Redeem(ctx context.Context, code string, source netip.Addr) (User, error) {
	giveBack, err := n.guessBy(ctx, "link", source)
	if err != nil {
		return User{}, err
	}
	key := codeKey(code)
	u, bound, err := n.desk.Redeem(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return User{}, ErrNoLink
	}
	giveBack()
	if err != nil {
		return User{}, err
	}
	a, err := n.account(ctx, u.Name)
	switch {
	case errors.Is(err, ErrNoUser), err == nil && (a.user() != u || bound != boundTo(key, code, a)):
		return User{}, ErrNoLink
	}
	return u, err
}

// Linked reports whether me has got a code since it was asked last: the session that takes the seat over goes on where
// me was.
func (p *Presence) Linked() bool { return p.linked.Swap(false) }

// mayTakeOver returns ErrTakenOften if the seat of u has been taken over from a connection too often of late, and r is
// about to do that once more.
func (n *Node) mayTakeOver(ctx context.Context, u User, r Receiver) error {
	if n.wars {
		return nil
	}
	if p := n.here(u); p != nil {
		if at, _ := p.connection(); at == r {
			return nil
		}
	}
	if e, online := n.entryOf(u); !online || e.Held != nil {
		return nil
	}
	wait, err := n.desk.TakeOver(ctx, u)
	if err == nil && wait > 0 {
		err = ErrTakenOften.With(MaxTakeOvers, roughly(wait))
	}
	return err
}
