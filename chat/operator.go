package chat

import (
	"context"
	"errors"
	"time"

	"parley/words"
)

// operate lets by act as an operator: do does it, and completes d, which then goes into the audit log with by's name.
// Operators act one after the other, on however many nodes. It returns ErrOperatorsOnly, ErrLineTooLong for endless
// reasons, and the error of do; then nothing was done, unless do says that d stands.
func (n *Node) operate(ctx context.Context, by Actor, d Deed, do func(d *Deed) error) error {
	done, err := n.desk.Operate(ctx)
	if err != nil {
		return err
	}
	defer done()
	if len(d.Reason.String()) > MaxLine {
		return ErrLineTooLong
	}
	if d.For < 0 || d.For > MaxDuration {
		return ErrBadDuration.With(d.For)
	}
	name, err := n.operatorName(ctx, by)
	if err != nil {
		return err
	}
	d.By = name
	if err = do(&d); err != nil && !d.stands {
		return err
	}
	d.Time = time.Now().UTC()
	n.log.Info("operator", "by", d.By, "action", d.Action, "target", d.Target, "for", d.For)
	// What was done is done: on a full disk an operator can still send a troublemaker away, and the log above has it.
	if err := n.audit.record(context.WithoutCancel(ctx), n.store, d); err != nil {
		n.log.Error("not in the audit log", "by", d.By, "action", d.Action, "target", d.Target, "err", err)
	}
	return err
}

// changeAs changes the account called name on the word of an operator, and returns it. That stands once it is written,
// also where done, which may be nil, returns an error.
func (n *Node) changeAs(ctx context.Context, by Actor, action, name string, change func(*account) error,
	done func(*account) error) (a *account, err error) {
	err = n.operate(ctx, by, Deed{Action: action, Target: name}, func(d *Deed) error {
		if a, err = n.changeAccount(ctx, name, change); err != nil {
			return err
		}
		d.Target, d.stands = a.Name, true
		if done == nil {
			return nil
		}
		return done(a)
	})
	return a, err
}

// Promote makes the user called name an operator. It returns ErrNoUser or ErrIsOperator.
func (n *Node) Promote(ctx context.Context, by Actor, name string) error {
	return n.setRole(ctx, by, "promote", name, func(a *account) error {
		if a.Operator {
			return ErrIsOperator.With(a.Name)
		}
		a.Operator = true
		return nil
	})
}

// Demote ends that. It returns ErrNoUser, ErrNotOperator or ErrLastOperator.
func (n *Node) Demote(ctx context.Context, by Actor, name string) error {
	return n.setRole(ctx, by, "demote", name, func(a *account) error {
		if !a.Operator {
			return ErrNotOperator.With(a.Name)
		}
		a.Operator = false
		return n.notLast(ctx, a.Name)
	})
}

func (n *Node) setRole(ctx context.Context, by Actor, action, name string, change func(*account) error) error {
	_, err := n.changeAs(ctx, by, action, name, change, func(a *account) error {
		answers, err := n.desk.All(ctx, &Order{Kind: SetRole, User: a.user(), Operator: a.Operator})
		if err != nil {
			return err
		}
		kind := Demoted
		if a.Operator {
			kind = Promoted
		}
		for _, answer := range answers {
			if answer.Verdict == Delivered {
				return n.notify(ctx, a.user(), kind)
			}
		}
		return nil
	})
	return err
}

// notLast returns ErrLastOperator if name is that of the only operator who can log in.
func (n *Node) notLast(ctx context.Context, name string) error {
	a, err := n.account(ctx, name)
	if err != nil || !a.Operator || a.Disabled {
		return err
	}
	for other, err := range n.accounts(ctx) {
		if err != nil {
			return err
		}
		if !other.Operator || other.Disabled || other.Name == a.Name {
			continue
		}
		if _, banned, err := n.bans.Find(ctx, other.user().ID); err != nil || !banned {
			return err
		}
	}
	return ErrLastOperator.With(a.Name)
}

// Announce speaks to everyone online, whomever they have blocked. It returns ErrNothingSaid, or ErrMuted.
func (n *Node) Announce(ctx context.Context, by Actor, text Text) error {
	return n.operate(ctx, by, Deed{Action: "announce", Reason: text}, func(*Deed) error {
		if by.user != nil {
			if err := n.maySpeak(ctx, by.user); err != nil {
				return err
			}
		}
		if text.Empty() {
			return ErrNothingSaid
		}
		return n.publish(ctx, Everyone, newEvent(Announced, User{}, 0, text))
	})
}

// notify tells u of something that concerns u alone, if u is online.
func (n *Node) notify(ctx context.Context, u User, kind Kind) error {
	return n.publish(ctx, UserTopic(u), newEvent(kind, User{}, 0, Text{}))
}

// Kick ends the session of the user called name, who reads reason and may come again at once. It returns ErrNoUser,
// ErrNotOnline, or ErrOneself.
func (n *Node) Kick(ctx context.Context, by Actor, name string, reason Text) (Ended, error) {
	var ended Ended
	err := n.operate(ctx, by, Deed{Action: "kick", Target: name, Reason: reason}, func(d *Deed) error {
		e, err := n.onlineEntry(ctx, name)
		u := e.User
		switch {
		case err != nil:
			return err
		case by.is(u):
			return ErrOneself.With(words.Say("kick"))
		}
		d.Target = u.Name
		ended, err = n.expel(ctx, u, ErrKicked.With(words.Reason(reason.String())))
		d.stands = len(ended.Users) > 0
		if err == nil && len(ended.Users) == 0 {
			err = ErrNotOnline.With(u.Name)
		}
		return err
	})
	return ended, err
}

// expel ends u's being online, on whichever node and connection, which is told reason. Rooms are left and closed as
// when a user quits.
func (n *Node) expel(ctx context.Context, u User, reason error) (Ended, error) {
	return n.expelAll(ctx, &Order{Kind: Expel, User: u}, reason)
}

// expelAll gives all nodes the order o to expel users, who read reason, and returns who they were.
func (n *Node) expelAll(ctx context.Context, o *Order, reason error) (ended Ended, err error) {
	if refusal, ok := errors.AsType[*Refusal](reason); ok {
		o.Reason = refusal
	}
	answers, err := n.desk.All(ctx, o)
	for _, a := range answers {
		ended.add(a.Ended)
	}
	return ended, err
}
