package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"parley/chat/record"
)

const (
	// MaxMail is how many letters are kept for a user.
	MaxMail = 50
	// maxMailOfOne is how many of them may be from one user; guests together are one. Nobody fills another's box alone.
	maxMailOfOne = 10
)

// mailBucket is where the letters to each account are kept, under the skeleton of its name.
const mailBucket = "mail"

// A Letter is what somebody wrote to a user for later.
type Letter struct {
	// Number tells it from the user's other letters, as long as there are any.
	Number int       `json:"number"`
	From   User      `json:"from"`
	At     time.Time `json:"at"`
	Text   Text      `json:"text"`
	Read   bool      `json:"read,omitempty"`
}

// A letterbox is the record of a user's letters.
type letterbox struct {
	// Owner is when the account was registered: another one of the same name does not read this one's letters.
	Owner   time.Time `json:"owner"`
	Letters []Letter  `json:"letters"`
	// Lost are how many letters seemed to arrive, by the sender, which count for that one alone: see BlockTerms.Silent.
	Lost map[string]int `json:"lost,omitempty"`
}

// sender returns for whom a letter counts that is from u.
func sender(u User) string {
	if u.Guest {
		return AllGuests
	}
	return u.ID
}

// mayTake returns ErrMailFull or ErrMuchMail if there is no room for a letter from u to the user called name.
func (box *letterbox) mayTake(u User, name string) error {
	lost := box.Lost[sender(u)]
	ofOne := lost
	for _, l := range box.Letters {
		if sender(l.From) == sender(u) {
			ofOne++
		}
	}
	switch {
	case len(box.Letters)+lost >= MaxMail:
		return ErrMailFull.With(name, MaxMail)
	case ofOne >= maxMailOfOne:
		return ErrMuchMail.With(maxMailOfOne, name)
	}
	return nil
}

// add puts l into the box, and returns its number.
func (box *letterbox) add(l Letter) (number int) {
	l.Number = 1
	if len(box.Letters) > 0 {
		l.Number = box.Letters[len(box.Letters)-1].Number + 1
	}
	box.Letters = append(box.Letters, l)
	return l.Number
}

// lose counts a letter that is not kept.
func (box *letterbox) lose(l Letter) {
	if box.Lost == nil {
		box.Lost = make(map[string]int)
	}
	box.Lost[sender(l.From)]++
}

// forget makes the letters from accounts of those IDs, which are gone, letters from nobody, and reports whether there
// were any: they do not count against who has the name next.
func (box *letterbox) forget(gone map[string]bool) bool {
	before := len(box.Lost)
	maps.DeleteFunc(box.Lost, func(id string, _ int) bool { return gone[id] })
	found := len(box.Lost) < before
	for i := range box.Letters {
		if from := &box.Letters[i].From; gone[from.ID] {
			*from, found = User{Name: from.Name}, true
		}
	}
	return found
}

// SendMail leaves text for the user called name to read later, and returns the user's name. It is on disk when SendMail
// returns nil. A user who is online is told of it. Of a letter from somebody who is blocked silently nothing is kept.
//
// It returns ErrMuted, ErrNoUser, ErrMailGuest, ErrBlocked, ErrNothingSaid, ErrMailFull or ErrMuchMail.
func (n *Node) SendMail(ctx context.Context, me *Presence, name string, text Text) (string, error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return "", err
	}
	a, err := n.account(ctx, name)
	if errors.Is(err, ErrNoUser) {
		if u, finding := n.user(ctx, name); finding == nil && u.Guest {
			err = ErrMailGuest.With(u.Name)
		}
	}
	if err != nil {
		return "", err
	}
	b, blocked := a.blocking(me.User)
	switch {
	case blocked && !b.Silent:
		return "", ErrBlocked.With(a.Name)
	case text.Empty():
		return "", ErrNothingSaid
	}
	number, err := n.putLetter(ctx, a, Letter{From: me.User, At: time.Now().UTC(), Text: text}, !blocked)
	if err != nil {
		return "", err
	}
	if _, err := n.account(ctx, a.Name); errors.Is(err, ErrNoUser) { // deleted meanwhile, with all letters
		if err := record.Remove(context.WithoutCancel(ctx), n.store, mailBucket, a.user().ID); err != nil {
			n.log.Warn("a letter to a deleted account stays until the next start", "user", a.Name, "err", err)
		}
		return "", err
	}
	if e, online := n.entryOf(a.user()); online {
		told := newEvent(Mailed, me.User, 0, Text{}) // which says nothing, and takes as long
		if !blocked {
			told.Text = Clean(strconv.Itoa(number))
		}
		if _, err := n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: e.User, Event: told}); err != nil {
			n.log.Warn("mail not announced", "user", a.Name, "err", err) // the next login tells
		}
	}
	return a.Name, nil
}

// putLetter puts l into the box of a, and returns its number there. If it is not to be kept it is only counted.
func (n *Node) putLetter(ctx context.Context, a *account, l Letter, keep bool) (number int, err error) {
	err = n.changeMail(ctx, a, func(box *letterbox) error {
		if err := box.mayTake(l.From, a.Name); err != nil {
			return err
		}
		if keep {
			number = box.add(l)
		} else {
			box.lose(l)
		}
		return nil
	})
	return number, err
}

// Mail returns the letters that me may read, the oldest first. Those from users whom me has blocked are not among them.
// It returns ErrNoMailbox for a guest.
func (n *Node) Mail(ctx context.Context, me *Presence) ([]Letter, error) {
	a, err := n.accountOf(ctx, me, ErrNoMailbox)
	if err != nil {
		return nil, err
	}
	box, err := n.letterbox(ctx, a)
	return me.mayReadLetters(box.Letters), err
}

// mayReadLetters returns those from users whom p does not block. It uses their memory.
func (p *Presence) mayReadLetters(letters []Letter) []Letter {
	return slices.DeleteFunc(letters, func(l Letter) bool { return !p.hears(l.From) })
}

// ReadMail returns the letter of the given number, or the oldest that is unread if that is 0, which is read by that. It
// returns ErrNoLetter, or ErrNoUnread.
func (n *Node) ReadMail(ctx context.Context, me *Presence, number int) (read Letter, err error) {
	a, err := n.accountOf(ctx, me, ErrNoMailbox)
	if err != nil {
		return Letter{}, err
	}
	err = n.changeMail(ctx, a, func(box *letterbox) error {
		i := slices.IndexFunc(box.Letters, func(l Letter) bool {
			return me.hears(l.From) && (number == 0 && !l.Read || number != 0 && l.Number == number)
		})
		switch {
		case i < 0 && number == 0:
			return ErrNoUnread
		case i < 0:
			return ErrNoLetter.With(number)
		}
		read = box.Letters[i]
		if read.Read {
			return record.ErrUnchanged
		}
		box.Letters[i].Read = true
		return nil
	})
	if record.CannotSave(err) && read.Number > 0 {
		err = nil // a letter can be read on a full disk too
	}
	return read, err
}

// DeleteMail deletes the letter of the given number, or all if that is 0, and returns how many. It returns ErrNoLetter.
func (n *Node) DeleteMail(ctx context.Context, me *Presence, number int) (deleted int, err error) {
	a, err := n.accountOf(ctx, me, ErrNoMailbox)
	if err != nil {
		return 0, err
	}
	err = n.changeMail(ctx, a, func(box *letterbox) error {
		before, lost := len(box.Letters), len(box.Lost)
		box.Letters = slices.DeleteFunc(box.Letters, func(l Letter) bool {
			return number == 0 || l.Number == number && me.hears(l.From)
		})
		if number == 0 { // their senders may write again, like others
			box.Lost = nil
		}
		deleted = before - len(box.Letters)
		switch {
		case deleted == 0 && number != 0:
			return ErrNoLetter.With(number)
		case deleted == 0 && len(box.Lost) == lost:
			return record.ErrUnchanged
		}
		return nil
	})
	return deleted, err
}

// unreadMail returns how many letters a has not read, of those not blocked.
func (n *Node) unreadMail(ctx context.Context, a *account) int {
	box, err := n.letterbox(ctx, a)
	if err != nil {
		n.log.Error("unread mail not counted", "user", a.Name, "err", err)
	}
	unread, blocks, now := 0, a.blocks(), time.Now()
	for _, l := range box.Letters {
		if l.Read {
			continue
		}
		if _, blocked := blocks.of(l.From, a.user().ID, now); !blocked {
			unread++
		}
	}
	return unread
}

// letterbox returns the letters to a, and the revision of their record: 0 if there is none.
func (n *Node) letterbox(ctx context.Context, a *account) (letterbox, error) {
	r, err := n.store.Get(ctx, mailBucket, skeleton(a.Name))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return letterbox{}, fmt.Errorf("read mail of %q: %w", a.Name, err)
	}
	return a.letterboxIn(r)
}

// letterboxIn returns the letters to a in r: none if they are another's who had the name before.
func (a *account) letterboxIn(r Record) (box letterbox, err error) {
	if r.Revision > 0 {
		err = json.Unmarshal(r.Value, &box)
	}
	if err != nil {
		return letterbox{}, fmt.Errorf("read mail of %q: %w", a.Name, err)
	}
	if !box.Owner.Equal(a.Registered) {
		box = letterbox{Owner: a.Registered}
	}
	return box, nil
}

// changeMail applies change to the box of a. When change returns an error nothing is written: see [record.Change].
func (n *Node) changeMail(ctx context.Context, a *account, change func(*letterbox) error) error {
	return record.Change(ctx, n.store, mailBucket, skeleton(a.Name), func(r Record) ([]byte, error) {
		box, err := a.letterboxIn(r)
		if err == nil {
			err = change(&box)
		}
		if err != nil || len(box.Letters) == 0 && len(box.Lost) == 0 {
			return nil, err
		}
		return json.Marshal(box)
	})
}
