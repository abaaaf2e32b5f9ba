package chat

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A PlaceKind says of what kind a [Place] is.
type PlaceKind string

// The kinds of places.
const (
	Everywhere PlaceKind = ""       // all that there are
	InRoom     PlaceKind = "room"   // a room that the user is in
	Tells      PlaceKind = "tells"  // what others told the user alone
	Shouts     PlaceKind = "shouts" // what was said to everyone
	Letters    PlaceKind = "mail"   // what others left as letters, in lists of what is unread alone
)

// A Place is where a user hears what is said.
type Place struct {
	Kind PlaceKind
	Room int // the number of the room, of InRoom
}

// String returns the place in the form in which it is kept, such as "tells" or "room 3".
func (p Place) String() string {
	if p.Kind == InRoom {
		return string(p.Kind) + " " + strconv.Itoa(p.Room)
	}
	return string(p.Kind)
}

// MarshalJSON writes that down.
func (p Place) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// UnmarshalJSON reads it. What a newer Parley has written, and this one does not know, is the zero Place.
func (p *Place) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*p = Place{}
	kind, number, inRoom := strings.Cut(s, " ")
	switch n, err := strconv.Atoi(number); {
	case inRoom && err == nil && kind == string(InRoom):
		*p = Place{Kind: InRoom, Room: n}
	case !inRoom && (kind == string(Tells) || kind == string(Shouts)):
		*p = Place{Kind: PlaceKind(kind)}
	}
	return nil
}

// Review returns what me may read again of that place, oldest first, as far as it is kept: what was said while me was
// there, without what was said by those whom me blocks now, or blocked when they said it. It returns ErrRoomClosed for
// a room of which me may read the transcript, and ErrNoRoom or ErrNotMember.
func (n *Node) Review(ctx context.Context, me *Presence, at Place) ([]Line, error) {
	if err := me.wait(ctx); err != nil { // nobody comes into a room meanwhile
		return nil, err
	}
	defer me.yield()
	lines, err := n.reviewAt(ctx, me, at)
	return me.mayRead(lines), err
}

// reviewAt is Review without looking at blocks. The caller has me's turn.
func (n *Node) reviewAt(ctx context.Context, me *Presence, at Place) ([]Line, error) {
	switch at.Kind {
	case InRoom:
		return n.reviewRoom(ctx, me, at.Room)
	case Tells:
		return me.toldLines(), nil
	case Shouts:
		past, err := n.desk.Past(Everyone, me.User)
		came := me.came.Load()
		return slices.DeleteFunc(past.Lines, func(l Line) bool { return l.Order <= came }), err
	}
	var lines []Line
	for _, at := range n.places(me) {
		more, err := n.reviewAt(ctx, me, at)
		if err != nil && !IsRefusal(err) { // a room may have been closed meanwhile
			return nil, err
		}
		lines = append(lines, more...)
	}
	inOrder(lines)
	return lines, nil
}

func (n *Node) reviewRoom(ctx context.Context, me *Presence, number int) ([]Line, error) {
	r, err := n.room(number)
	if errors.Is(err, ErrNoRoom) {
		if _, closed := n.closedPast(ctx, me, number); closed == nil {
			return nil, ErrRoomClosed.With(number, number)
		}
	}
	if err == nil && !r.Has(me.User) {
		err = ErrNotMember.With(r.Called(), r.Called())
	}
	if err != nil {
		return nil, err
	}
	past, err := n.desk.Past(RoomTopic(number), me.User)
	if errors.Is(err, ErrNotFound) || err == nil && !past.Closed.IsZero() { // just now
		return nil, ErrNoRoom.With(strconv.Itoa(number))
	}
	return past.Lines, err
}

// places returns the places where me hears what is said: rooms first, by number.
func (n *Node) places(me *Presence) (places []Place) {
	for _, r := range n.desk.RoomsOf(me.User) {
		places = append(places, Place{Kind: InRoom, Room: r.Number})
	}
	return append(places, Place{Kind: Tells}, Place{Kind: Shouts})
}

// Transcript returns what me may read of the room of the given number, which was closed not longer than TranscriptTime
// ago while me was in it. It returns ErrRoomOpen for a room that is open, or ErrNoTranscript.
func (n *Node) Transcript(ctx context.Context, me *Presence, number int) (Past, error) {
	if err := me.wait(ctx); err != nil {
		return Past{}, err
	}
	defer me.yield()
	switch r, err := n.desk.Room(number); {
	case err == nil && r.Has(me.User):
		return Past{}, ErrRoomOpen.With(r.Called(), r.Called())
	case err != nil && !errors.Is(err, ErrNotFound):
		return Past{}, err
	}
	past, err := n.closedPast(ctx, me, number)
	past.Lines = me.mayRead(past.Lines)
	return past, err
}

// closedPast returns what is kept of a room that is closed, or ErrNoTranscript: also where it was somebody else who was
// in it at the end, under the name of me, and whose account has been deleted since.
func (n *Node) closedPast(ctx context.Context, me *Presence, number int) (Past, error) {
	past, err := n.desk.Past(RoomTopic(number), me.User)
	none := errors.Is(err, ErrNotFound) || err == nil && past.Closed.IsZero()
	if err == nil && !none && !me.User.Guest {
		var a *account
		a, err = n.account(ctx, me.User.Name)
		none = errors.Is(err, ErrNoUser) || err == nil && a.Registered.After(past.Closed)
	}
	if none {
		return Past{}, ErrNoTranscript.With(number, TranscriptTime)
	}
	return past, err
}

// Left returns for how long the transcript of a room that is closed may still be read.
func (p Past) Left() time.Duration { return max(0, TranscriptTime-time.Since(p.Closed)) }
