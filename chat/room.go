package chat

import (
	"slices"
	"strconv"
	"time"
)

// A Room is the record of a place where members hear each other. It is a value that is never changed in place: the
// rules below return the room as it is afterwards, and a reader may keep what it has read.
type Room struct {
	// Number starts at 0 and is never given twice while the server runs.
	Number int `json:"number"`
	// Topic is what it was opened for, or what its leader has made the topic since.
	Topic Text `json:"topic"`
	// TopicBy is who has made it that since the room was opened; the zero User if nobody has. It has no name if the
	// account is gone.
	TopicBy User `json:"topicBy,omitzero"`
	// Leader governs the room. When the leader leaves, the first deputy leads; without one the room closes, or, if it
	// is a standing room, has the zero User as its leader until somebody comes who may lead it.
	Leader User `json:"leader"`
	// Members are who is in it, the leader too.
	Members Members `json:"members"`
	// Name is that of a standing room, which stays open without its leader and without anybody; "" is another room.
	Name string `json:"name,omitempty"`
	// Deputies do what the leader does, but hand over and name deputies. The first comes first. They are members, and
	// in a standing room also accounts that may be elsewhere.
	Deputies []User `json:"deputies,omitempty"`
	// Locked says that only those who are invited may come in.
	Locked bool `json:"locked,omitempty"`
	// Invited are who may come into the room while it is locked, and Out are who may not come in at all.
	Invited []User `json:"invited,omitempty"`
	Out     []User `json:"out,omitempty"`
	// Slow is how long a member must wait to speak again, and Calm says that only the leader and the deputies speak.
	Slow Slowness `json:"slow,omitzero"`
	Calm Calmness `json:"calm,omitzero"`
	// Hooks let programs speak in it, by number.
	Hooks []Hook `json:"hooks,omitempty"`
	// Version counts the changes of what is stored of a standing room.
	Version int `json:"version,omitempty"`
}

// A Slowness is how long one must wait to speak again, and the ledger's time when that ends. The zero Slowness is none.
type Slowness struct {
	Every time.Duration `json:"every"`
	Until time.Duration `json:"until"`
}

// A Calmness is the ledger's time when it ends that only some may speak. The zero Calmness is none.
type Calmness struct {
	Until time.Duration `json:"until"`
}

// holds reports whether s still holds at that time of the ledger.
func (s Slowness) holds(now time.Duration) bool { return now < s.Until }

// holds reports whether c still holds at that time of the ledger.
func (c Calmness) holds(now time.Duration) bool { return now < c.Until }

// A RoomChange says, as data, what becomes of a room, and what is needed to tell others of that.
type RoomChange struct {
	// Kind is Joined or Left, or one of those in governing.
	Kind Kind `json:"kind"`
	// User is who comes or goes, or who changes the room.
	User User `json:"user"`
	// At is when it happened.
	At time.Time `json:"at"`
	// Muted says that others are not to read what the user wrote as a topic.
	Muted bool `json:"muted,omitempty"`
	// Whom is who is invited, removed, made the leader or a deputy, or no deputy any more.
	Whom User `json:"whom,omitzero"`
	// Text is the topic, or why somebody is removed.
	Text Text `json:"text,omitzero"`
	// Out says that whoever is removed is kept out.
	Out bool `json:"out,omitempty"`
	// Every is how long one must wait to speak again, and Lasts how long that holds, or the calm.
	Every time.Duration `json:"every,omitempty"`
	Lasts time.Duration `json:"lasts,omitempty"`

	// Key is that of a new hook, and Which the number of one that ends; zero is all.
	Key   string `json:"key,omitempty"`
	Which int    `json:"which,omitempty"`

	// What follows the ledger knows, in the place that the change has in the order.

	now      time.Duration // its time
	operator bool          // User is an operator
}

// HiddenTopic is what others read in place of a topic that they are not to read.
var HiddenTopic = Clean("-")

// Has reports whether u is a member.
func (r Room) Has(u User) bool { return r.Members.has(u) }

// Open reports whether the room is there: it has members, or is a standing room. The zero Room is closed.
func (r Room) Open() bool { return r.Members.Len() > 0 || r.Name != "" }

// Standing reports whether the room stays open without its leader.
func (r Room) Standing() bool { return r.Name != "" }

// Called returns what the room is called: its name, or else its number.
func (r Room) Called() string {
	if r.Name != "" {
		return r.Name
	}
	return strconv.Itoa(r.Number)
}

// leads reports whether u is the leader.
func (r Room) leads(u User) bool { return r.Leader.ID == u.ID && u.ID != "" }

// governs reports whether u is in the room as its leader or as a deputy.
func (r Room) governs(u User) bool { return r.leads(u) || isIn(r.Deputies, u) && r.Has(u) }

// governors returns the names of those in the room who govern it, the leader's first.
func (r Room) governors() []string {
	var names []string
	if r.Leader != (User{}) {
		names = append(names, r.Leader.Name)
	}
	for _, d := range r.Deputies {
		if r.Has(d) {
			names = append(names, d.Name)
		}
	}
	return names
}

// After returns the room as it is after c; a room that its leader has left without a deputy is closed. It returns the
// room as it is, and why, if c cannot be.
func (r Room) After(c RoomChange) (Room, error) {
	switch c.Kind {
	case Joined:
		return r.join(c)
	case Left:
		return r.leave(c.User)
	}
	return r.govern(c)
}

// join returns the room with c.User in it. It returns ErrAlreadyMember, ErrKeptOut or ErrRoomLocked.
func (r Room) join(c RoomChange) (Room, error) {
	u := c.User
	deputy := isIn(r.Deputies, u)
	switch {
	case r.Has(u):
		return r, ErrAlreadyMember.With(r.Called())
	case deputy || c.operator && r.Standing():
	case isIn(r.Out, u):
		return r, ErrKeptOut.With(r.Called())
	case r.Locked && !isIn(r.Invited, u):
		return r, ErrRoomLocked.With(r.Called())
	}
	r.Members, _ = r.Members.with(u)
	if !r.Slow.holds(c.now) {
		r.Slow = Slowness{}
	}
	if !r.Calm.holds(c.now) {
		r.Calm = Calmness{}
	}
	if r.Leader == (User{}) && deputy {
		r.Leader, r.Deputies = u, without(r.Deputies, u)
	}
	return r, nil
}

// leave returns the room without u. It returns ErrNotMember if u is not in it. If u led it the first deputy who is in
// it leads, or it is closed, but for a standing room.
func (r Room) leave(u User) (Room, error) {
	var left bool
	if r.Members, left = r.Members.without(u); !left {
		return r, ErrNotMember.With(r.Called(), r.Called())
	}
	led := r.leads(u)
	if !r.Standing() {
		r.Deputies = without(r.Deputies, u)
	} else if led && !u.Guest { // who led it may do so again
		r.Deputies = slices.Insert(slices.Clone(r.Deputies), 0, u)
	}
	if u.Guest { // nobody comes again as the same guest
		r.Deputies, r.Invited = without(r.Deputies, u), without(r.Invited, u)
	}
	if !led {
		return r, nil
	}
	r.Leader = User{}
	i := slices.IndexFunc(r.Deputies, r.Has)
	switch {
	case i >= 0:
		r.Leader = r.Deputies[i]
		r.Deputies = without(r.Deputies, r.Leader)
	case !r.Standing():
		r.Members = Members{}
	}
	return r, nil
}

// Names returns the members' names, the leader's first and the others' sorted.
func (r Room) Names() []string {
	names := make([]string, 0, r.Members.Len())
	if r.Leader != (User{}) {
		names = append(names, r.Leader.Name)
	}
	for m := range r.Members.All() {
		if m.ID != r.Leader.ID {
			names = append(names, m.Name)
		}
	}
	return names
}

// was reports whether u is the one that was noted, perhaps when u was a guest.
func (u User) was(noted User) bool { return noted.ID == u.ID || u.Origin != "" && noted.ID == u.Origin }

// isIn reports whether u is one of users, who may have been noted when u was a guest.
func isIn(users []User, u User) bool { return slices.ContainsFunc(users, u.was) }

// without returns users but u. It changes nothing in place.
func without(users []User, u User) []User {
	if !isIn(users, u) {
		return users
	}
	return slices.DeleteFunc(slices.Clone(users), u.was)
}
