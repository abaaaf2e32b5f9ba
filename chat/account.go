package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"time"

	"parley/chat/record"
	"parley/settings"
)

// accountsBucket is where accounts are kept, each under the skeleton of its name: so the store itself refuses a
// look-alike.
const accountsBucket = "accounts"

// An account is the record of a user. Fields are only ever added: an older Parley ignores what it does not know.
type account struct {
	Name       string    `json:"name"`
	Hash       string    `json:"hash"` // PHC string format
	Info       string    `json:"info,omitempty"`
	Blocks     []block   `json:"blocks,omitempty"`
	Watched    []string  `json:"watched,omitempty"` // names of accounts: see Node.Watch
	Aliases    []Alias   `json:"aliases,omitempty"`
	Origin     string    `json:"origin,omitempty"` // see User.Origin
	Registered time.Time `json:"registered"`
	LastLogin  time.Time `json:"lastLogin,omitzero"`
	LastSeen   time.Time `json:"lastSeen,omitzero"`
	Failed     int       `json:"failed,omitempty"` // logins refused since LastLogin
	// Marks are how far the user has read in each place.
	Marks []Mark `json:"marks,omitempty"`
	// Unheard is when the user left who did not hear somebody before, because of a block that may have ended. What was
	// said until then is not read again.
	Unheard  time.Time `json:"unheard,omitzero"`
	Operator bool      `json:"operator,omitempty"`
	Disabled bool      `json:"disabled,omitempty"` // may not log in
	// Sources are those that the user has logged in from, the latest first: see SourceOf. From there nobody else's
	// guesses keep the user out.
	Sources []netip.Addr `json:"sources,omitempty"`
	// Settings are what the user has set: see package settings.
	Settings settings.Values `json:"settings,omitempty"`
	// PasswordSet is when the password was chosen, if not at the registration: see chosen.
	PasswordSet time.Time `json:"passwordSet,omitzero"`
	Reset       *reset    `json:"reset,omitempty"`
	// Free is from when on anybody may have the name. If it is not zero the account is deleted, and there is only its
	// name: see grave.
	Free time.Time `json:"free,omitzero"`
	TOTP *factor   `json:"totp,omitempty"` // nil while one-time codes are off
	// Keys are those with which the user logs in.
	Keys []Key `json:"keys,omitempty"`
}

// blocking returns the block that means u now, and whether there is one.
func (a *account) blocking(u User) (b block, blocked bool) {
	return a.blocks().of(u, skeleton(a.Name), time.Now())
}

func (a *account) user() User {
	return User{Name: a.Name, ID: skeleton(a.Name), Origin: a.Origin}
}

// blocks returns whom the user has blocked, or had.
func (a *account) blocks() blocks {
	all := make(blocks, len(a.Blocks))
	for _, b := range a.Blocks {
		all[b.ID] = b
	}
	return all
}

// setBlocks makes all those whom the user has blocked.
func (a *account) setBlocks(all blocks) {
	a.Blocks = a.Blocks[:0]
	for _, id := range slices.Sorted(maps.Keys(all)) {
		a.Blocks = append(a.Blocks, all[id])
	}
}

func decodeAccount(r Record) (*account, error) {
	a := new(account)
	if err := json.Unmarshal(r.Value, a); err != nil {
		return nil, fmt.Errorf("read account %q: %w", r.Key, err)
	}
	if wellFormed(a.Name) != nil || skeleton(a.Name) != r.Key {
		return nil, fmt.Errorf("read account %q: it holds the name %q", r.Key, a.Name)
	}
	return a, nil
}

// stored returns the account that is stored under id, a grave too: nil if there is none.
func (n *Node) stored(ctx context.Context, id string) (*account, error) {
	r, err := n.store.Get(ctx, accountsBucket, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read account %q: %w", id, err)
	}
	return decodeAccount(r)
}

// account returns the account that name finds, in any letter case. It returns ErrNoUser if there is none, which is also
// the answer for a mere look-alike.
func (n *Node) account(ctx context.Context, name string) (*account, error) {
	if wellFormed(name) != nil {
		return nil, ErrNoUser.With(name)
	}
	a, err := n.stored(ctx, skeleton(name))
	if err == nil && !a.isCalled(name) {
		return nil, ErrNoUser.With(name)
	}
	return a, err
}

// accountOf returns the account of me, and for a guest the error ofGuest.
func (n *Node) accountOf(ctx context.Context, me *Presence, ofGuest error) (*account, error) {
	if me.User.Guest {
		return nil, ofGuest
	}
	return n.account(ctx, me.User.Name)
}

// isCalled reports whether name finds a, in any letter case: not nil, and not a grave.
func (a *account) isCalled(name string) bool {
	return a != nil && !a.gone() && FoldName(a.Name) == FoldName(name)
}

// changeAccount applies change to the account called name, writes it and returns it. When change returns an error
// nothing is written.
func (n *Node) changeAccount(ctx context.Context, name string, change func(*account) error) (*account, error) {
	return changeAccountIn(ctx, n.store, name, change)
}

// changeAccountIn is changeAccount by another way to the store.
func changeAccountIn(ctx context.Context, store Store, name string,
	change func(*account) error) (a *account, err error) {
	if wellFormed(name) != nil {
		return nil, ErrNoUser.With(name)
	}
	err = record.Change(ctx, store, accountsBucket, skeleton(name), func(r Record) (_ []byte, err error) {
		if a = nil; r.Revision > 0 {
			a, err = decodeAccount(r)
		}
		if err == nil && !a.isCalled(name) {
			err = ErrNoUser.With(name)
		}
		if err == nil {
			err = change(a)
		}
		if err != nil {
			return nil, err
		}
		return json.Marshal(a)
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// changeOwn applies change to what me has set. An account's is on disk when changeOwn returns nil, a guest's lasts as
// long as the session. When change returns an error nothing is changed.
func (n *Node) changeOwn(ctx context.Context, me *Presence, change func(*account) error) (err error) {
	if err := me.wait(ctx); err != nil {
		return err
	}
	defer me.yield()
	a := me.own()
	if me.User.Guest {
		err = change(a)
	} else {
		a, err = n.changeAccount(ctx, me.User.Name, change)
	}
	if err != nil {
		return err
	}
	me.read(a)
	if !me.moved() {
		return nil
	}
	return n.all(ctx, &Order{Kind: Reread, User: me.User}) // the other node may have read it before
}

// createAccount writes a new account, whose name is free of a grave: see clearGrave. It returns ErrNameTaken,
// ErrLookAlike or ErrNameRests if its name is no longer free.
func (n *Node) createAccount(ctx context.Context, a *account) (revision uint64, err error) {
	value, err := json.Marshal(a)
	if err != nil {
		return 0, fmt.Errorf("encode account %q: %w", a.Name, err)
	}
	revision, err = n.store.Put(ctx, accountsBucket, skeleton(a.Name), value, 0)
	if errors.Is(err, ErrConflict) {
		if taken := n.nameFree(ctx, a.Name); taken != nil {
			return 0, taken
		}
	}
	if err != nil {
		return 0, fmt.Errorf("write account %q: %w", a.Name, err)
	}
	return revision, nil
}

// nameFree returns ErrNameTaken if name is that of an account, ErrLookAlike if it looks like one, and ErrNameRests if
// it does so of one that was deleted not long ago.
func (n *Node) nameFree(ctx context.Context, name string) error {
	a, err := n.stored(ctx, skeleton(name))
	switch {
	case err != nil || a == nil:
		return err
	case a.gone():
		return a.rests(name, n.now())
	case FoldName(a.Name) == FoldName(name):
		return ErrNameTaken.With(a.Name)
	}
	return ErrLookAlike.With(name, a.Name)
}

// accounts yields all accounts, as they stand at one moment, in the order of their keys. An error ends it.
func (n *Node) accounts(ctx context.Context) iter.Seq2[*account, error] {
	return func(yield func(*account, error) bool) {
		for r, err := range n.store.List(ctx, accountsBucket) {
			if err != nil {
				yield(nil, fmt.Errorf("read accounts: %w", err))
				return
			}
			a, err := decodeAccount(r)
			if err == nil && a.gone() {
				continue
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}
