package chat

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"parley/chat/passwd"
	"parley/chat/totp"
)

// A Try is somebody's try to show who that is.
type Try struct {
	// Name is whom somebody says to be, and Typed what was typed where a password was asked for: a password, a code in
	// its place, or both, with a blank between them. See [Node.Authenticate].
	Name, Typed string
	// Source is where that comes from.
	Source netip.Addr
	// Encrypted says that nobody could read along on the way.
	Encrypted bool
}

// A Proof says that somebody has shown to be a user. It is worth nothing once the user has another password, or none.
type Proof struct {
	User User
	// Mark recognises the password that was typed; it is nil where a code stood in for that.
	Mark *passwd.Mark
	// Reset says that it was an operator's code: the user is to choose a password before anything else, by
	// [Node.ChangePassword], and the code is good until then.
	Reset bool
	// Recovered says that a recovery code was used up, and Left how many there are still.
	Recovered bool
	Left      int

	source netip.Addr // where the one comes from who has shown it
	chosen time.Time  // when the password was
	reset  string     // the hash of the operator's code
}

// Authenticate looks whether t opens an account. It brings nobody online, and writes nothing but a better hash of the
// same password, if need be, and that a code was used.
//
// What opens an account is its password, or an operator's code in place of that: see [Node.Reset]. With one-time codes
// on (see [Node.BeginTOTP]) it is a code alone where others can read along, and the password and a code where they
// cannot; an operator's code always takes a one-time code beside it. A recovery code is as good as a one-time code,
// once.
//
// It returns ErrLogin if t opens no account, after the same time whatever the reason; ErrNeedsCode if nothing but the
// code is missing; ErrManyTries, to the guesser and the owner alike, if there were too many wrong tries;
// ErrPasswordEncoding for what is not UTF-8; ErrBusy if too many passwords wait to be checked; and ErrBanned or
// ErrAddressBanned to a guesser who knows the password.
func (n *Node) Authenticate(ctx context.Context, t Try) (Proof, error) {
	typed, err := readTyped(t)
	if err != nil {
		return Proof{}, ErrPasswordEncoding
	}
	a, err := n.account(ctx, t.Name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return Proof{}, err
	}
	var proof Proof
	err = n.guess(ctx, guessAt(t.Name, a, t.Source), t.Source, func() (err error) {
		proof, err = n.prove(ctx, t.Source, typed, a)
		return err
	})
	if errors.Is(err, ErrLogin) || errors.Is(err, ErrManyTries) {
		n.counters.refused.Add(1)
		if a != nil {
			n.countFailure(a.Name)
		}
	}
	return proof, err
}

// WithCode returns what prove does of what was typed; and where that lacks nothing but a code, of both together, once
// ask has asked for one.
func WithCode(typed string, prove func(typed string) (Proof, error), ask func() (string, error)) (Proof, error) {
	proof, err := prove(typed)
	if !errors.Is(err, ErrNeedsCode) {
		return proof, err
	}
	code, err := ask()
	if err != nil {
		return Proof{}, err
	}
	if proof, err = prove(typed + " " + code); errors.Is(err, ErrNeedsCode) {
		err = ErrLogin // what was typed for a code is none
	}
	return proof, err
}

// Typed is what was typed where a password was asked for, taken apart.
type typed struct {
	text  string   // all of it
	forms []string // what it may have been hashed as
	// before and code are the two parts, if its end looks like a code; beforeForms are as forms, and stay empty where
	// no password is to be sent.
	before, code string
	beforeForms  []string
	encrypted    bool
}

func readTyped(t Try) (typed, error) {
	forms, err := passwd.Forms(t.Typed)
	if err != nil {
		return typed{}, err
	}
	in := typed{text: t.Typed, forms: forms, encrypted: t.Encrypted}
	in.before, in.code = cutCode(t.Typed)
	if in.code != "" && t.Encrypted {
		if in.beforeForms, err = passwd.Forms(in.before); err != nil {
			return typed{}, err
		}
	}
	return in, nil
}

// cutCode cuts off the code at the end of what was typed, in one to three groups; it returns none if there is none, or
// nothing before it.
func cutCode(typed string) (before, code string) {
	end := strings.TrimRight(typed, " ")
	for rest, groups := end, 0; groups < 3; groups++ {
		i := strings.LastIndexByte(rest, ' ')
		if i < 0 {
			break
		}
		rest = rest[:i]
		last := end[i+1:]
		if _, ok := totp.Normal(last); (ok || looksLikeCode(last)) && strings.Trim(rest, " ") != "" {
			return rest, last
		}
	}
	return typed, ""
}

// prove looks what opens a, which is nil if there is no such account. It takes the same time whatever does.
func (n *Node) prove(ctx context.Context, source netip.Addr, in typed, a *account) (Proof, error) {
	hash := ""
	if a != nil {
		hash = a.Hash
	}
	forms := append(in.forms[:len(in.forms):len(in.forms)], in.beforeForms...)
	form, stale, err := n.hasher.Verify(ctx, SourceOf(source), hash, forms...)
	if err != nil {
		return Proof{}, refusalOf(err)
	}
	if a == nil || a.Disabled {
		return Proof{}, ErrLogin
	}
	whole, before := form >= 0 && form < len(in.forms), form >= len(in.forms)
	o := a.opening(in, whole, before, n.now())
	if o.by == nothing {
		return Proof{}, ErrLogin
	}
	barred := n.mayLogin(ctx, a, source)
	if barred != nil && o.by != onlyCode { // a user who has shown nothing yet is not told of a ban
		return Proof{}, barred
	}
	if o.lacksCode {
		return Proof{}, ErrNeedsCode
	}
	proof := Proof{User: a.user(), Reset: o.by == operatorsCode, source: source, chosen: a.chosen()}
	if proof.Reset {
		proof.reset = a.Reset.Hash
	}
	if o.code != "" {
		if proof.Recovered, proof.Left, err = n.useCode(ctx, a, o.code, barred); err != nil {
			return Proof{}, err
		}
	}
	if form >= 0 {
		proof.Mark = passwd.NewMark(in.text)
		first := 0
		if before {
			proof.Mark, first = passwd.NewMark(in.before), len(in.forms)
		}
		if stale || form > first {
			n.rehash(ctx, a, source, forms[first])
		}
	}
	return proof, nil
}

// An opening is what opens an account.
type opening struct {
	by        key
	code      string // the one-time or recovery code that must be used for that; "" if none need be
	lacksCode bool   // there is none
}

// A key is what an account is opened by, beside a code.
type key uint8

const (
	nothing key = iota
	password
	operatorsCode
	onlyCode // in place of the password
)

// opening returns how what was typed opens the account, but for whether the code is right. whole and before say that
// all of it, or what stands before the code, is the password.
func (a *account) opening(in typed, whole, before bool, now time.Time) opening {
	byOperator := a.Reset.is(in.text, now)
	switch {
	case a.TOTP == nil && whole:
		return opening{by: password}
	case a.TOTP == nil && byOperator:
		return opening{by: operatorsCode}
	case a.TOTP == nil:
		return opening{}
	case byOperator:
		return opening{by: operatorsCode, lacksCode: true}
	case in.code != "" && a.Reset.is(in.before, now):
		return opening{by: operatorsCode, code: in.code}
	case !in.encrypted:
		return opening{by: onlyCode, code: in.text}
	case whole:
		return opening{by: password, lacksCode: true}
	case before:
		return opening{by: password, code: in.code}
	}
	return opening{}
}

// rehash replaces the hash of a with one of today's costs. The password was right: if it is hashed anew at this login
// or the next is no reason to refuse it.
func (n *Node) rehash(ctx context.Context, a *account, source netip.Addr, prepared string) {
	hash, err := n.hasher.Hash(ctx, SourceOf(source), prepared)
	if err != nil {
		return
	}
	_, err = n.changeAccount(ctx, a.Name, func(now *account) error {
		if now.Hash == a.Hash {
			now.Hash = hash
		}
		return nil
	})
	if err != nil {
		n.log.Log(ctx, LevelOf(err), "password not hashed anew", "user", a.Name, "err", err)
	}
}

// honours returns ErrProofGone if p is not of the account's present password, or of an operator's code that has been
// replaced.
func (a *account) honours(p Proof) error {
	if a.user() != p.User || !a.chosen().Equal(p.chosen) || p.Reset && (a.Reset == nil || a.Reset.Hash != p.reset) {
		return ErrProofGone
	}
	return nil
}
