package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parley/chat/record"
)

// NameRests is for how long nobody can register the name of a user who has deleted the account.
const NameRests = 30 * 24 * time.Hour

// To delete an account is one write: its grave takes its place, which has the name and nothing else. With that write
// the account is gone. What belongs to it elsewhere goes afterwards; if the process dies in between, at the next start.
// Nobody finds it until then: letters name the account that they are for, by when it was registered.

// gone reports whether the account is deleted.
func (a *account) gone() bool { return !a.Free.IsZero() }

// rests returns ErrNameRests if nobody may have the name of a grave yet, which looks like name.
func (a *account) rests(name string, now time.Time) error {
	if now.Before(a.Free) {
		return ErrNameRests.With(name, a.Free)
	}
	return nil
}

// ForgetMe deletes the account of the user whom p is about, with letters, blocks, marks, settings and aliases, and ends
// the session if there is one. Nobody can register the name for NameRests. A mute holds until somebody has the name.
//
// It returns ErrProofGone, or ErrLastOperator.
func (n *Node) ForgetMe(ctx context.Context, p Proof) error {
	done, err := n.desk.Operate(ctx) // nobody becomes, or ceases to be, an operator meanwhile
	if err != nil {
		return err
	}
	defer done()
	a, err := n.bury(ctx, p.User.Name, n.now().Add(NameRests), func(a *account) error {
		if err := a.honours(p); err != nil {
			return err
		}
		return n.MayForget(ctx, p.User)
	})
	if errors.Is(err, ErrNoUser) {
		return ErrProofGone
	}
	if err != nil {
		return err
	}
	n.log.Info("account deleted by its user", "user", a.Name)
	n.seeOff(ctx, a, ErrForgotten)
	return nil
}

// seeOff sends the user of a away, whose account is deleted, and removes what that leaves. It returns no error: the
// account is deleted all the same, and [Node.SweepGraves] removes the rest. The caller has the operators' turn.
func (n *Node) seeOff(ctx context.Context, a *account, reason error) {
	ctx = context.WithoutCancel(ctx)
	_, expelling := n.expel(ctx, a.user(), reason)
	if err := errors.Join(expelling, n.sweepGraves(ctx, a.user().ID)); err != nil {
		n.log.Warn("an account is deleted, but something of it is left until the next start", "user", a.Name,
			"err", err)
	}
}

// MayForget returns ErrLastOperator for the only operator who can log in.
func (n *Node) MayForget(ctx context.Context, u User) error { return n.notLast(ctx, u.Name) }

// bury puts a grave in the place of the account called name, if may agrees, and returns what was there. The name is
// anybody's from then on. It returns ErrNoUser.
func (n *Node) bury(ctx context.Context, name string, free time.Time, may func(*account) error) (*account, error) {
	var was account
	_, err := n.changeAccount(ctx, name, func(a *account) error {
		if err := may(a); err != nil {
			return err
		}
		was = *a
		*a = account{Name: a.Name, Free: free}
		return nil
	})
	return &was, err
}

// sweepGraves removes what is left of those of the accounts that were deleted, and their graves too, once anybody may
// have the names. The caller has the operators' turn.
func (n *Node) sweepGraves(ctx context.Context, ids ...string) error {
	var gone []string
	for _, id := range ids {
		a, err := n.stored(ctx, id)
		if err != nil {
			return err
		}
		if a != nil && a.gone() {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := n.forgetAtUsers(ctx, gone); err != nil {
		return err
	}
	for _, id := range gone {
		if err := n.sweepGrave(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// sweepGrave removes what is left of one of them, but for what users have set about it.
func (n *Node) sweepGrave(ctx context.Context, id string) error {
	if err := n.forgetInRooms(ctx, id); err != nil {
		return err
	}
	a, err := n.stored(ctx, id)
	if err != nil || a == nil {
		return err
	}
	if err := record.Remove(ctx, n.store, mailBucket, id); err != nil || n.now().Before(a.Free) {
		return err
	}
	// Who could not be sent away before must not be taken for whoever has the name next.
	if _, err := n.expel(ctx, a.user(), ErrForgotten); err != nil {
		return err
	}
	_, _, muteErr := n.lift(ctx, n.mutes, id)
	_, _, banErr := n.lift(ctx, n.bans, id)
	if err := errors.Join(muteErr, banErr); err != nil {
		return err
	}
	return record.Change(ctx, n.store, accountsBucket, id, func(r Record) ([]byte, error) {
		if now, err := decodeAccount(r); err != nil || !now.Free.Equal(a.Free) {
			return nil, record.ErrUnchanged // it is somebody's by now
		}
		return nil, nil
	})
}

// clearGrave makes room for an account called name: it returns ErrNameRests if that may not be yet. The caller must not
// have the operators' turn, for which this waits.
func (n *Node) clearGrave(ctx context.Context, name string) error {
	a, err := n.stored(ctx, skeleton(name))
	if err != nil || a == nil || !a.gone() {
		return err
	}
	if err := a.rests(name, n.now()); err != nil {
		return err
	}
	done, err := n.desk.Operate(ctx)
	if err != nil {
		return err
	}
	defer done()
	return n.sweepGraves(ctx, skeleton(name))
}

// SweepGraves ends what a process had begun that died, or lost the desk, while it deleted accounts. Call it once,
// before anybody comes. What the node cannot do now it does later.
func (n *Node) SweepGraves(ctx context.Context) {
	n.atStart(ctx, "what deleted accounts have left", n.sweepAllGraves)
}

func (n *Node) sweepAllGraves(ctx context.Context) error {
	var ids []string
	for r, err := range n.store.List(ctx, accountsBucket) {
		if err != nil {
			return fmt.Errorf("read accounts: %w", err)
		}
		var a struct {
			Free time.Time `json:"free"`
		}
		if json.Unmarshal(r.Value, &a) == nil && !a.Free.IsZero() { // whoever reads the others says what is wrong
			ids = append(ids, r.Key)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	done, err := n.desk.Operate(ctx)
	if err != nil {
		return err
	}
	defer done()
	return n.sweepGraves(ctx, ids...)
}
