package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// What an account may do in a room hangs on its ID, and that is its name. So it goes with the account: whoever has the
// name afterwards is somebody else.

// forgetLocked is [Desk.Forget].
func (l *Ledger) forgetLocked(u User) {
	for i, r := range l.rooms {
		l.rooms[i] = r.forget(u)
	}
}

// forget returns the room without what is noted there of u, who may be elsewhere.
func (r Room) forget(u User) Room {
	if !r.notes(u) {
		return r
	}
	r.Deputies, r.Invited, r.Out = without(r.Deputies, u), without(r.Invited, u), without(r.Out, u)
	r.Hooks = slices.DeleteFunc(slices.Clone(r.Hooks), func(h Hook) bool { return h.By.ID == u.ID })
	if r.TopicBy.ID == u.ID {
		r.TopicBy = User{ID: u.ID} // by which a mute, which holds, still hides the topic
	}
	if r.Standing() {
		r.Version++
	}
	return r
}

// notes reports whether something is noted in the room of u.
func (r Room) notes(u User) bool {
	return isIn(r.Deputies, u) || isIn(r.Invited, u) || isIn(r.Out, u) || r.topicIsBy(u) || r.hookIsBy(u)
}

// hookIsBy reports whether u has made a hook of the room.
func (r Room) hookIsBy(u User) bool {
	return slices.ContainsFunc(r.Hooks, func(h Hook) bool { return h.By.ID == u.ID })
}

// topicIsBy reports whether u has set the topic of the room, and still has the account.
func (r Room) topicIsBy(u User) bool { return r.TopicBy.Name != "" && r.TopicBy.ID == u.ID }

// forgetInRooms ends what the account of that ID, which is gone, may do in rooms, also in those that are stored. The
// caller has the operators' turn.
func (n *Node) forgetInRooms(ctx context.Context, id string) error {
	gone := User{ID: id}
	if slices.ContainsFunc(n.desk.Rooms(), func(r Room) bool { return r.notes(gone) }) {
		if err := n.desk.Forget(ctx, gone); err != nil {
			return fmt.Errorf("forget %q in rooms: %w", id, err)
		}
	}
	for stored, err := range n.store.List(ctx, standingBucket) {
		if err != nil {
			return fmt.Errorf("read the standing rooms: %w", err)
		}
		s, err := decodeStanding(stored)
		if err != nil || !s.room(0).notes(gone) {
			continue // whoever opens the rooms says what is wrong with one
		}
		r, err := n.RoomNamed(ctx, s.Name)
		if errors.Is(err, ErrNoRoom) { // it is opened later
			r, err = s.room(0).forget(gone), nil
		}
		if err == nil {
			err = n.saveStanding(ctx, r)
		}
		if err != nil {
			return fmt.Errorf("forget %q in room %q: %w", id, s.Name, err)
		}
	}
	return nil
}

// forgetGone ends what accounts may do in rooms that were deleted while the rooms were not open: such as by a command
// while no server ran. The caller has the operators' turn.
func (n *Node) forgetGone(ctx context.Context) error {
	looked := make(map[string]bool)
	for _, r := range n.desk.Rooms() {
		noted := append(slices.Concat(r.Deputies, r.Invited, r.Out), r.TopicBy)
		for _, h := range r.Hooks {
			noted = append(noted, h.By)
		}
		for _, u := range noted {
			if u.Guest || u.Name == "" || looked[u.ID] {
				continue
			}
			looked[u.ID] = true
			if there, err := n.HasAccount(ctx, u.Name); there || err != nil {
				continue // of a record that cannot be read nobody knows
			}
			if err := n.forgetInRooms(ctx, u.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
