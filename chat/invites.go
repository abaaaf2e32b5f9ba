package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/chat/record"
	"parley/chat/totp"
)

const (
	// MaxInvites is how many unused invite codes there may be at a time.
	MaxInvites = 1000
	// InviteLasts is how long an invite code can be used.
	InviteLasts = 7 * 24 * time.Hour
)

// invitesBucket is where invite codes are kept, each under its hash: whoever reads a backup can use none of them.
const invitesBucket = "invites"

// An invite is the record of an invite code.
type invite struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

// codeAlphabet has no letter that is taken for another, or for a digit: the one of Crockford's base 32,
// https://www.crockford.com/base32.html.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is how many letters of five bits a code has: nobody guesses one of 60.
const codeLength = 12

// newCode returns a new code, as in 4T7K-9QXA-M2VD, of bytes from random, whose error it returns.
func newCode(random io.Reader) (string, error) {
	b := make([]byte, codeLength)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	for i := range b {
		b[i] = codeAlphabet[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:]), nil
}

// plainCode returns a code as it was made, but for the dashes, however it is typed: in any letter case, with or without
// dashes and blanks, and with the letters that it has no use for instead of the digits that they look like.
func plainCode(code string) string {
	return meantDigits.Replace(totp.Ungrouped(strings.ToUpper(code)))
}

var meantDigits = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// codeKey returns what is kept of a code.
func codeKey(code string) string {
	sum := sha256.Sum256([]byte(plainCode(code)))
	return hex.EncodeToString(sum[:16])
}

// looksLikeCode reports whether typed could be such a code.
func looksLikeCode(typed string) bool {
	typed = plainCode(typed)
	return len(typed) == codeLength && strings.Trim(typed, codeAlphabet) == ""
}

// Invite returns a new invite code, with which one account can be registered within InviteLasts where registration
// takes one. It is on disk when Invite returns nil. It returns ErrTooManyInvites.
func (n *Node) Invite(ctx context.Context, by Actor) (code string, err error) {
	err = n.operate(ctx, by, Deed{Action: "invite"}, func(d *Deed) error {
		unused, err := n.sweepInvites(ctx)
		if err != nil {
			return err
		}
		if unused >= MaxInvites {
			return ErrTooManyInvites.With(MaxInvites)
		}
		value, err := json.Marshal(invite{By: d.By, Until: n.now().Add(InviteLasts)})
		if err != nil {
			return fmt.Errorf("encode invite: %w", err)
		}
		if code, err = newCode(n.random); err != nil {
			return err
		}
		_, err = n.store.Put(ctx, invitesBucket, codeKey(code), value, 0)
		return record.WriteError(invitesBucket, "", err)
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// sweepInvites deletes the invite codes that are too old, and returns how many others there are.
func (n *Node) sweepInvites(ctx context.Context) (unused int, err error) {
	for r, err := range n.store.List(ctx, invitesBucket) {
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", invitesBucket, err)
		}
		var i invite
		if json.Unmarshal(r.Value, &i) == nil && n.now().Before(i.Until) {
			unused++
			continue
		}
		if err := record.Remove(ctx, n.store, invitesBucket, r.Key); err != nil {
			return 0, err
		}
	}
	return unused, nil
}

// CheckInvite returns ErrNoInvite if code is no invite code that could be used now.
func (n *Node) CheckInvite(ctx context.Context, code string) error {
	_, err := n.usableInvite(ctx, code)
	return err
}

func (n *Node) usableInvite(ctx context.Context, code string) (Record, error) {
	r, err := n.store.Get(ctx, invitesBucket, codeKey(code))
	if errors.Is(err, ErrNotFound) {
		return r, ErrNoInvite
	}
	var i invite
	if err == nil {
		err = json.Unmarshal(r.Value, &i)
	}
	if err != nil {
		return r, fmt.Errorf("read %s: %w", invitesBucket, err)
	}
	if !n.now().Before(i.Until) {
		return r, ErrNoInvite
	}
	return r, nil
}

// redeem uses up an invite code. undo makes it good again, for an account that came to nothing. It returns ErrNoInvite.
func (n *Node) redeem(ctx context.Context, code string) (undo func(), err error) {
	r, err := n.usableInvite(ctx, code)
	if err != nil {
		return nil, err
	}
	// Of two who use one code at a time, one finds that it has gone.
	switch err := n.store.Delete(ctx, invitesBucket, r.Key, r.Revision); {
	case errors.Is(err, ErrConflict), errors.Is(err, ErrNotFound):
		return nil, ErrNoInvite
	case err != nil:
		return nil, record.WriteError(invitesBucket, r.Key, err)
	}
	return func() {
		if _, err := n.store.Put(context.WithoutCancel(ctx), invitesBucket, r.Key, r.Value, 0); err != nil {
			n.log.Error("invite code lost", "err", err)
		}
	}, nil
}
