package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
}

// SendMail leaves text for the user called name to read later, and returns the user's name. It is on disk when SendMail
// returns nil. A user who is online is told of it.
//
// It returns ErrMuted, ErrNoUser, ErrMailGuest, ErrBlocked, ErrNothingSaid, ErrMailFull or ErrMuchMail.
func (n *Node) SendMail(ctx context.Context, me *Presence, name string, text Text) (string, error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return "", err
	}
	a, _, err := n.account(ctx, name)
	if errors.Is(err, ErrNoUser) {
		if u, finding := n.user(ctx, name); finding == nil && u.Guest {
			err = ErrMailGuest.With(u.Name)
		}
	}
	if err != nil {
		return "", err
	}
	switch {
	case a.blocks(me.User):
		return "", ErrBlocked.With(a.Name)
	case text.Empty():
		return "", ErrNothingSaid
	}
	number, err := n.putLetter(ctx, a, Letter{From: me.User, At: time.Now().UTC(), Text: text})
	if err != nil {
		return "", err
	}
	if e, online, err := n.entryOf(ctx, a.user()); err == nil && online {
		told := newEvent(Mailed, me.User, 0, Clean(strconv.Itoa(number)))
		if _, err := n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: e.User, Event: told}); err != nil {
			n.log.Warn("mail not announced", "user", a.Name, "err", err) // the next login tells
		}
	}
	return a.Name, nil
}

// putLetter puts l into the box of a, and returns its number there.
func (n *Node) putLetter(ctx context.Context, a *account, l Letter) (number int, err error) {
	sender := func(u User) string {
		if u.Guest {
			return AllGuests
		}
		return u.ID
	}
	_, err = n.changeMail(ctx, a, func(letters []Letter) ([]Letter, error) {
		ofOne := 0
		for _, there := range letters {
			if sender(there.From) == sender(l.From) {
				ofOne++
			}
		}
		switch {
		case len(letters) >= MaxMail:
			return nil, ErrMailFull.With(a.Name, MaxMail)
		case ofOne >= maxMailOfOne:
			return nil, ErrMuchMail.With(maxMailOfOne, a.Name)
		}
		l.Number = 1
		if len(letters) > 0 {
			l.Number = letters[len(letters)-1].Number + 1
		}
		number = l.Number
		return append(letters, l), nil
	})
	return number, err
}

// Mail returns the letters that me may read, the oldest first. Those from users whom me has blocked are not among them.
// It returns ErrNoMailbox for a guest.
func (n *Node) Mail(ctx context.Context, me *Presence) ([]Letter, error) {
	a, err := n.mailOwner(ctx, me)
	if err != nil {
		return nil, err
	}
	box, _, err := n.letterbox(ctx, a)
	return slices.DeleteFunc(box.Letters, func(l Letter) bool { return !me.hears(l.From) }), err
}

// ReadMail returns the letter of the given number, or the oldest that is unread if that is 0, which is read by that. It
// returns ErrNoLetter, or ErrNoUnread.
func (n *Node) ReadMail(ctx context.Context, me *Presence, number int) (read Letter, err error) {
	a, err := n.mailOwner(ctx, me)
	if err != nil {
		return Letter{}, err
	}
	_, err = n.changeMail(ctx, a, func(letters []Letter) ([]Letter, error) {
		i := slices.IndexFunc(letters, func(l Letter) bool {
			return me.hears(l.From) && (number == 0 && !l.Read || number != 0 && l.Number == number)
		})
		switch {
		case i < 0 && number == 0:
			return nil, ErrNoUnread
		case i < 0:
			return nil, ErrNoLetter.With(number)
		}
		read = letters[i]
		if read.Read {
			return nil, errNothingChanged
		}
		letters[i].Read = true
		return letters, nil
	})
	if errors.Is(err, errNothingChanged) || record.CannotSave(err) && read.Number > 0 {
		err = nil // a letter can be read on a full disk too
	}
	return read, err
}

// errNothingChanged ends a change that turns out to be none.
var errNothingChanged = errors.New("nothing changed")

// DeleteMail deletes the letter of the given number, or all if that is 0, and returns how many. It returns ErrNoLetter.
func (n *Node) DeleteMail(ctx context.Context, me *Presence, number int) (deleted int, err error) {
	a, err := n.mailOwner(ctx, me)
	if err != nil {
		return 0, err
	}
	_, err = n.changeMail(ctx, a, func(letters []Letter) ([]Letter, error) {
		before := len(letters)
		letters = slices.DeleteFunc(letters, func(l Letter) bool {
			return number == 0 || l.Number == number && me.hears(l.From)
		})
		deleted = before - len(letters)
		switch {
		case deleted == 0 && number != 0:
			return nil, ErrNoLetter.With(number)
		case deleted == 0:
			return nil, errNothingChanged
		}
		return letters, nil
	})
	if errors.Is(err, errNothingChanged) {
		err = nil
	}
	return deleted, err
}

// mailOwner returns the account of me. It returns ErrNoMailbox for a guest.
func (n *Node) mailOwner(ctx context.Context, me *Presence) (*account, error) {
	if me.User.Guest {
		return nil, ErrNoMailbox
	}
	a, _, err := n.account(ctx, me.User.Name)
	return a, err
}

// unreadMail returns how many letters a has not read, of those not blocked.
func (n *Node) unreadMail(ctx context.Context, a *account) int {
	box, _, err := n.letterbox(ctx, a)
	if err != nil {
		n.log.Error("unread mail not counted", "user", a.Name, "err", err)
	}
	unread := 0
	for _, l := range box.Letters {
		if !l.Read && !a.blocks(l.From) {
			unread++
		}
	}
	return unread
}

// letterbox returns the letters to a, and the revision of their record: 0 if there is none.
func (n *Node) letterbox(ctx context.Context, a *account) (letterbox, uint64, error) {
	box := letterbox{Owner: a.Registered}
	r, err := n.store.Get(ctx, mailBucket, skeleton(a.Name))
	if errors.Is(err, ErrNotFound) {
		return box, 0, nil
	}
	if err != nil {
		return box, 0, fmt.Errorf("read mail of %q: %w", a.Name, err)
	}
	var kept letterbox
	if err := json.Unmarshal(r.Value, &kept); err != nil {
		return box, 0, fmt.Errorf("read mail of %q: %w", a.Name, err)
	}
	if kept.Owner.Equal(a.Registered) {
		box.Letters = kept.Letters
	}
	return box, r.Revision, nil
}

// changeMail puts what change makes of the letters to a in their place. change may use their memory. When it returns an
// error nothing is written.
func (n *Node) changeMail(ctx context.Context, a *account,
	change func([]Letter) ([]Letter, error)) (letters []Letter, err error) {
	for range maxRetries {
		box, revision, err := n.letterbox(ctx, a)
		if err != nil {
			return nil, err
		}
		if box.Letters, err = change(box.Letters); err != nil {
			return nil, err
		}
		if len(box.Letters) == 0 {
			err = n.store.Delete(ctx, mailBucket, skeleton(a.Name), revision)
		} else {
			var value []byte
			if value, err = json.Marshal(box); err == nil {
				_, err = n.store.Put(ctx, mailBucket, skeleton(a.Name), value, revision)
			}
		}
		switch {
		case err == nil:
			return box.Letters, nil
		case !errors.Is(err, ErrConflict) && !errors.Is(err, ErrNotFound):
			return nil, fmt.Errorf("write mail of %q: %w", a.Name, err)
		}
	}
	return nil, fmt.Errorf("write mail of %q: still changing after %d tries", a.Name, maxRetries)
}
