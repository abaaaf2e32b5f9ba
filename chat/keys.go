package chat

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"unicode/utf8"

	"parley/chat/pubkey"
)

// MaxKeys is how many keys a user may have.
const MaxKeys = 10

// maxKeyComment is how many bytes are kept of what stands behind a key.
const maxKeyComment = 64

// A Key is a public key: who has the private one logs in with it, and needs no password.
type Key = pubkey.Key

// Keys returns the keys of me, the oldest first. It returns ErrNoKeysOfGuests.
func (n *Node) Keys(ctx context.Context, me *Presence) ([]Key, error) {
	a, err := n.accountOf(ctx, me, ErrNoKeysOfGuests)
	if err != nil {
		return nil, err
	}
	return a.Keys, nil
}

// AddKey lets me log in with k; that is on disk then. Of the comment only the beginning is kept. It returns ErrBadKey
// for a key that [Key.Check] refuses, ErrKeyThere, ErrManyKeys or ErrNoKeysOfGuests.
func (n *Node) AddKey(ctx context.Context, me *Presence, k Key) error {
	if me.User.Guest {
		return ErrNoKeysOfGuests
	}
	if k.Check() != nil {
		return ErrBadKey
	}
	k.Comment = keyComment(k.Comment)
	_, err := n.changeAccount(ctx, me.User.Name, func(a *account) error {
		switch {
		case a.user().ID != me.User.ID:
			return ErrNoUser.With(me.User.Name)
		case a.hasKey(k.Blob):
			return ErrKeyThere
		case len(a.Keys) >= MaxKeys:
			return ErrManyKeys.With(MaxKeys)
		}
		a.Keys = append(a.Keys, k)
		return nil
	})
	return err
}

// keyComment returns what is kept of what stands behind a key.
func keyComment(text string) string {
	comment := Clean(text).String()
	for len(comment) > maxKeyComment {
		_, last := utf8.DecodeLastRuneInString(comment)
		comment = comment[:len(comment)-last]
	}
	return comment
}

// RemoveKey ends that for the key of that number in [Node.Keys], the first being 1, and returns it; that is on disk
// then. It returns ErrNoKey or ErrNoKeysOfGuests.
func (n *Node) RemoveKey(ctx context.Context, me *Presence, number int) (k Key, err error) {
	if _, err := n.accountOf(ctx, me, ErrNoKeysOfGuests); err != nil {
		return k, err
	}
	_, err = n.changeAccount(ctx, me.User.Name, func(a *account) error {
		if number < 1 || number > len(a.Keys) {
			return ErrNoKey.With(number)
		}
		k = a.Keys[number-1]
		a.Keys = slices.Delete(a.Keys, number-1, number)
		return nil
	})
	return k, err
}

func (a *account) hasKey(blob []byte) bool {
	return slices.ContainsFunc(a.Keys, func(k Key) bool { return bytes.Equal(k.Blob, blob) })
}

// OpensWithKey reports whether the key of that form (see [Key]) opens the account of the user called name. Nobody has
// shown to have the key: see AuthenticateKey.
func (n *Node) OpensWithKey(ctx context.Context, name string, blob []byte) (bool, error) {
	a, err := n.accountWithKey(ctx, name, blob)
	return a != nil, err
}

// AuthenticateKey returns the user called name, for somebody who comes from source and has shown to have the key of
// that form. It returns ErrLogin if that key does not open the account, ErrBanned or ErrAddressBanned.
func (n *Node) AuthenticateKey(ctx context.Context, name string, blob []byte, source netip.Addr) (User, error) {
	a, err := n.accountWithKey(ctx, name, blob)
	if err == nil && a == nil {
		err = ErrLogin
	}
	if err == nil {
		err = n.mayLogin(ctx, a, source)
	}
	if err != nil {
		return User{}, err
	}
	return a.user(), nil
}

// accountWithKey returns the account that the key opens, nil for none.
func (n *Node) accountWithKey(ctx context.Context, name string, blob []byte) (*account, error) {
	a, err := n.account(ctx, name)
	switch {
	case errors.Is(err, ErrNoUser):
		return nil, nil
	case err != nil:
		return nil, err
	case a.Disabled || !a.hasKey(blob):
		return nil, nil
	}
	return a, nil
}

// checkKeys returns an error if there is something else among an account's keys.
func (a *account) checkKeys() error {
	if len(a.Keys) > MaxKeys {
		return pubkey.ErrNoKey
	}
	for _, k := range a.Keys {
		if k.Comment != keyComment(k.Comment) {
			return pubkey.ErrNoKey
		}
		if err := k.Check(); err != nil {
			return err
		}
	}
	return nil
}
