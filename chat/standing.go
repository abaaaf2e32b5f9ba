package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parley/chat/record"
)

// MaxStanding is how many standing rooms there may be.
const MaxStanding = 100

// standingBucket is where standing rooms are kept, each under the skeleton of its name.
const standingBucket = "rooms"

// roomWords are no names of rooms, beside what is no name of a user: they mean something else where a room can stand.
var roomWords = strings.Fields("tell tells private shout shouts all everything everywhere server off")

// Standing is what is stored of a standing room: a room that has a name, and stays open without its leader and over a
// restart.
type Standing struct {
	Name    string `json:"name"`
	Topic   Text   `json:"topic,omitzero"`
	TopicBy User   `json:"topicBy,omitzero"`
	Locked  bool   `json:"locked,omitempty"`
	// Deputies are the accounts that govern it, who led it last first.
	Deputies []User `json:"deputies,omitempty"`
	Invited  []User `json:"invited,omitempty"`
	Out      []User `json:"out,omitempty"`
	Hooks    []Hook `json:"hooks,omitempty"`
	Version  int    `json:"version,omitempty"` // that of the room
}

// standing returns what is stored of r.
func (r Room) standing() Standing {
	accounts := func(users []User) []User {
		return slices.DeleteFunc(slices.Clone(users), func(u User) bool { return u.Guest })
	}
	governors := r.Deputies
	if r.Leader != (User{}) {
		governors = append([]User{r.Leader}, governors...)
	}
	return Standing{Name: r.Name, Topic: r.Topic, TopicBy: r.TopicBy, Locked: r.Locked, Version: r.Version,
		Deputies: accounts(governors), Invited: accounts(r.Invited), Out: accounts(r.Out), Hooks: r.Hooks}
}

// room returns the room that s describes, as it is opened.
func (s Standing) room(number int) Room {
	return Room{Number: number, Topic: s.Topic, TopicBy: s.TopicBy, Name: s.Name, Deputies: s.Deputies,
		Locked: s.Locked, Invited: s.Invited, Out: s.Out, Version: s.Version, Hooks: s.Hooks}
}

// standingLocked returns where in rooms the standing room is whose name looks like name, and how many there are.
func (l *Ledger) standingLocked(name string) (at, count int) {
	at = -1
	for i := range l.rooms {
		if r := &l.rooms[i]; r.Standing() {
			count++
			if skeleton(r.Name) == skeleton(name) {
				at = i
			}
		}
	}
	return at, count
}

// standLocked is [Desk.Stand]. It returns what the members are told.
func (l *Ledger) standLocked(number int, s Standing, by User, at time.Time) (Room, []Telling, error) {
	there, count := l.standingLocked(s.Name)
	switch {
	case there >= 0 && number < 0:
		return l.rooms[there], nil, nil
	case there >= 0:
		return Room{}, nil, ErrRoomNameTaken.With(l.rooms[there].Name)
	case count >= MaxStanding:
		return Room{}, nil, ErrTooManyStanding.With(MaxStanding)
	case number < 0 && len(l.rooms) >= MaxRooms:
		return Room{}, nil, ErrTooManyRooms.With(MaxRooms)
	case number < 0:
		r := s.room(l.next)
		l.next++
		l.rooms = append(l.rooms, r)
		return r, nil, nil
	}
	i, ok := l.findLocked(number)
	if !ok {
		return Room{}, nil, ErrNotFound
	}
	if was := l.rooms[i]; was.Standing() {
		return was, nil, ErrIsStanding.With(was.Number, was.Name)
	}
	r := l.rooms[i].keep(s)
	l.rooms[i] = r
	return r, []Telling{{Topic: RoomTopic(number), User: by,
		Event: &Event{Kind: Kept, At: at, From: by, Room: number, Place: r.Name}}}, nil
}

// numberOf returns the number of the standing room of that name, in any letter case.
func (l *Ledger) numberOf(name string) (number int, there bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	i, _ := l.standingLocked(name)
	if i < 0 || FoldName(l.rooms[i].Name) != FoldName(name) {
		return 0, false
	}
	return l.rooms[i].Number, true
}

// unstandLocked is [Desk.Unstand]. It returns what the members are told.
func (l *Ledger) unstandLocked(name string, by User, at time.Time) (Room, []Telling, error) {
	i, _ := l.standingLocked(name)
	if i < 0 || FoldName(l.rooms[i].Name) != FoldName(name) {
		return Room{}, nil, ErrNotFound
	}
	was := l.rooms[i]
	r := was.end()
	l.putRoomLocked(i, r)
	c := RoomChange{Kind: Unkept, User: by, At: at}
	if !r.Open() {
		return r, []Telling{l.endsLocked(was, c)}, nil
	}
	told := []Telling{{Topic: RoomTopic(r.Number), User: by, Event: tellOf(r, c)}}
	return r, append(told, l.waitsNowLocked(was, r, at)...), nil
}

// RoomNamed returns the standing room of that name, in any letter case. It returns ErrNoRoom.
func (n *Node) RoomNamed(ctx context.Context, name string) (Room, error) {
	rooms := n.desk.Rooms()
	i := slices.IndexFunc(rooms, func(r Room) bool { return r.Standing() && FoldName(r.Name) == FoldName(name) })
	if i < 0 {
		return Room{}, ErrNoRoom.With(name)
	}
	return rooms[i], nil
}

// Keep makes the room of that number a standing one of that name, which is stored when Keep returns nil. It returns
// ErrBadName, ErrReservedName, ErrNameTaken, ErrLookAlike, ErrRoomNameTaken, ErrTooManyStanding, ErrIsStanding or
// ErrNoRoom.
func (n *Node) Keep(ctx context.Context, by Actor, number int, name string) (r Room, err error) {
	err = n.operate(ctx, by, Deed{Action: "keep", Target: name}, func(d *Deed) (err error) {
		if err := n.checkRoomName(ctx, name); err != nil {
			return err
		}
		r, err = n.desk.Stand(ctx, number, Standing{Name: name}, by.asUser())
		if err != nil {
			return noRoom(err, number)
		}
		if err := n.createStanding(ctx, r); err != nil {
			_, undoing := n.desk.Unstand(context.WithoutCancel(ctx), name, by.asUser())
			return errors.Join(err, undoing)
		}
		return nil
	})
	return r, err
}

// Unkeep makes the standing room of that name one like others: it closes without its leader, at once if it has none. It
// returns ErrNotStanding.
func (n *Node) Unkeep(ctx context.Context, by Actor, name string) (r Room, err error) {
	err = n.operate(ctx, by, Deed{Action: "unkeep", Target: name}, func(d *Deed) error {
		there, err := n.RoomNamed(ctx, name)
		if errors.Is(err, ErrNoRoom) {
			return ErrNotStanding.With(name)
		}
		if err != nil {
			return err
		}
		name, d.Target = there.Name, there.Name
		if err := record.Remove(ctx, n.store, standingBucket, skeleton(name)); err != nil {
			return err
		}
		r, err = n.desk.Unstand(ctx, name, by.asUser())
		if errors.Is(err, ErrNotFound) {
			err = ErrNotStanding.With(name)
		}
		return err
	})
	return r, err
}

// asUser returns the user who acts, the zero User for the console.
func (a Actor) asUser() User {
	if a.user == nil {
		return User{}
	}
	return a.user.User
}

// checkRoomName says whether a standing room may be called name: as a user may, and nobody is called so.
func (n *Node) checkRoomName(ctx context.Context, name string) error {
	if slices.Contains(roomWords, FoldName(name)) {
		return ErrReservedName.With(name)
	}
	if err := n.checkName(name); err != nil {
		return err
	}
	return n.nameFree(ctx, name)
}

// looksLikeRoom returns ErrReservedName if a standing room has a name that looks like name.
func (n *Node) looksLikeRoom(name string) error {
	looksLike := func(r Room) bool { return r.Standing() && skeleton(r.Name) == skeleton(name) }
	if slices.ContainsFunc(n.desk.Rooms(), looksLike) {
		return ErrReservedName.With(name)
	}
	return nil
}

// OpenStanding opens the standing rooms that are stored, and those of names that are not yet. Of several nodes the one
// that is first does it for all. What the node cannot do now, because the desk or the store cannot be reached, it does
// later. A name that cannot be a room's is logged and left out.
func (n *Node) OpenStanding(ctx context.Context, names []string) {
	n.atStart(ctx, "standing rooms", func(ctx context.Context) error { return n.openStanding(ctx, names) })
}

func (n *Node) openStanding(ctx context.Context, names []string) error {
	done, err := n.desk.Operate(ctx) // nobody keeps, or ends to keep, a room meanwhile
	if err != nil {
		return err
	}
	defer done()
	for r, err := range n.store.List(ctx, standingBucket) {
		if err != nil {
			return fmt.Errorf("read the standing rooms: %w", err)
		}
		s, err := decodeStanding(r)
		if err != nil {
			n.log.Error("standing room left out", "key", r.Key, "err", err) // the others are there all the same
			continue
		}
		if _, err := n.desk.Stand(ctx, -1, s, User{}); err != nil {
			return fmt.Errorf("open room %q: %w", s.Name, err)
		}
	}
	for _, name := range names {
		err := n.openNamed(ctx, name)
		if IsRefusal(err) && !errors.Is(err, ErrNoDesk) && !errors.Is(err, ErrUnsure) {
			n.log.Error("standing room left out", "name", name, "err", err)
		} else if err != nil {
			return fmt.Errorf("open room %q: %w", name, err)
		}
	}
	return n.forgetGone(ctx)
}

// openNamed opens a standing room that the configuration names, if it is not there.
func (n *Node) openNamed(ctx context.Context, name string) error {
	if _, err := n.RoomNamed(ctx, name); !errors.Is(err, ErrNoRoom) {
		return err
	}
	if err := n.checkRoomName(ctx, name); err != nil {
		return err
	}
	r, err := n.desk.Stand(ctx, -1, Standing{Name: name, Topic: Clean(name)}, User{})
	if err != nil {
		return err
	}
	return n.createStanding(ctx, r)
}

func decodeStanding(r Record) (s Standing, err error) {
	if err := json.Unmarshal(r.Value, &s); err != nil {
		return s, fmt.Errorf("read room %q: %w", r.Key, err)
	}
	if wellFormed(s.Name) != nil || skeleton(s.Name) != r.Key {
		return s, fmt.Errorf("read room %q: it holds the name %q", r.Key, s.Name)
	}
	s.Deputies = s.Deputies[:min(len(s.Deputies), MaxDeputies+1)]
	s.Hooks = s.Hooks[:min(len(s.Hooks), MaxHooks)]
	s.Invited, s.Out = s.Invited[:min(len(s.Invited), MaxInvited)], s.Out[:min(len(s.Out), MaxOut)]
	return s, nil
}

// createStanding writes the record of a standing room, whatever was there.
func (n *Node) createStanding(ctx context.Context, r Room) error {
	value, err := json.Marshal(r.standing())
	if err != nil {
		return fmt.Errorf("encode room %q: %w", r.Name, err)
	}
	return record.Overwrite(ctx, n.store, standingBucket, skeleton(r.Name), value)
}

// saveStanding writes what has changed of a standing room, unless a later change is written already, or the room is no
// longer a standing one.
func (n *Node) saveStanding(ctx context.Context, r Room) error {
	return record.Change(ctx, n.store, standingBucket, skeleton(r.Name), func(there Record) ([]byte, error) {
		if there.Revision == 0 {
			return nil, record.ErrUnchanged
		}
		if s, err := decodeStanding(there); err == nil && s.Version >= r.Version {
			return nil, record.ErrUnchanged
		}
		return json.Marshal(r.standing())
	})
}
