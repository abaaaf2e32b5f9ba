package chat

import (
	"fmt"
	"slices"
	"time"

	"parley/words"
)

// The bounds of what a room's record may hold.
const (
	// MaxDeputies is how many deputies a leader may name.
	MaxDeputies = 10
	// MaxInvited is how many users may be invited into a room.
	MaxInvited = 100
	// MaxOut is how many users may be kept out of a room.
	MaxOut = 100
	// MaxSlow is how long one may have to wait between two lines in a room.
	MaxSlow = time.Hour
	// GovernTime is how long it is slow or calm unless something else is said.
	GovernTime = time.Hour
)

// A governing is a change of a room that its leader makes.
type governing struct {
	change func(r Room, c RoomChange) (Room, error)
	// leads says that deputies may not do it.
	leads bool
	// everywhere says that operators may do it in all rooms, and not only in standing ones.
	everywhere bool
	// unstored says that nothing changes that is stored of a standing room.
	unstored bool
}

// governings are the changes of a room beside Joined and Left. The kinds are those of the events that tell of them.
var governings = map[Kind]governing{
	Retitled:  {change: Room.retitle},
	Untitled:  {change: Room.retitle},
	Invited:   {change: Room.invite},
	Locked:    {change: func(r Room, _ RoomChange) (Room, error) { return r.lock(true) }},
	Unlocked:  {change: func(r Room, _ RoomChange) (Room, error) { return r.lock(false) }},
	Removed:   {change: Room.remove},
	Led:       {change: Room.handOver, leads: true},
	Deputed:   {change: Room.depute, leads: true},
	Undeputed: {change: Room.undepute, leads: true},
	Slowed:    {change: Room.slow, unstored: true},
	SlowOff:   {change: Room.slowOff, unstored: true},
	Calmed:    {change: Room.calm, unstored: true},
	CalmOff:   {change: Room.calmOff, unstored: true},
	Hooked:    {change: Room.hook, leads: true, everywhere: true},
	Unhooked:  {change: Room.unhook, everywhere: true},
}

// govern returns the room as its leader, or a deputy, wants it to be. An operator may do as much in a standing room. It
// returns ErrNotGoverning or ErrNotLeading to others.
func (r Room) govern(c RoomChange) (Room, error) {
	g, known := governings[c.Kind]
	operator := c.operator && (r.Standing() || g.everywhere)
	switch {
	case !known:
		return r, fmt.Errorf("change room %d: %s is no change of a room", r.Number, c.Kind)
	case !operator && g.leads && !r.leads(c.User) && r.Leader.Name != "":
		return r, ErrNotLeading.With(r.Called(), r.Leader.Name)
	case !operator && !r.governs(c.User):
		return r, ErrNotGoverning.With(r.Called(), r.governed())
	}
	after, err := g.change(r, c)
	if err != nil {
		return r, err
	}
	if !g.unstored && r.Standing() {
		after.Version++
	}
	return after, nil
}

func (r Room) retitle(c RoomChange) (Room, error) {
	r.Topic, r.TopicBy = c.Text, c.User
	return r, nil
}

// invite lets c.Whom in, also who was kept out. It returns ErrMemberThere or ErrTooManyInvited.
func (r Room) invite(c RoomChange) (Room, error) {
	switch {
	case r.Has(c.Whom):
		return r, ErrMemberThere.With(c.Whom.Name, r.Called())
	case isIn(r.Invited, c.Whom) || isIn(r.Deputies, c.Whom):
	case len(r.Invited) >= MaxInvited:
		return r, ErrTooManyInvited.With(r.Called(), MaxInvited)
	default:
		r.Invited = append(slices.Clip(r.Invited), c.Whom)
	}
	r.Out = without(r.Out, c.Whom)
	return r, nil
}

// lock returns ErrIsLocked or ErrNotLocked if it changes nothing.
func (r Room) lock(on bool) (Room, error) {
	switch {
	case r.Locked == on && on:
		return r, ErrIsLocked.With(r.Called())
	case r.Locked == on:
		return r, ErrNotLocked.With(r.Called())
	}
	r.Locked = on
	return r, nil
}

// remove returns the room without c.Whom, who is no longer invited, and, if c.Out, may not come in again: then it may
// be somebody who is elsewhere. It returns ErrOneself, ErrOverYou, ErrNotThere, ErrIsOut or ErrTooManyOut.
func (r Room) remove(c RoomChange) (Room, error) {
	there := r.Has(c.Whom)
	governs := r.leads(c.Whom) || isIn(r.Deputies, c.Whom)
	operator := c.operator && r.Standing()
	switch {
	case c.Whom.ID == c.User.ID:
		return r, ErrOneself.With(words.Say("kick"))
	case governs && !r.leads(c.User) && !operator:
		return r, ErrOverYou.With(c.Whom.Name, r.Called())
	case !there && !c.Out:
		return r, ErrNotThere.With(c.Whom.Name, r.Called())
	case !there && isIn(r.Out, c.Whom):
		return r, ErrIsOut.With(c.Whom.Name, r.Called())
	case c.Out && len(r.Out) >= MaxOut:
		return r, ErrTooManyOut.With(r.Called(), MaxOut)
	}
	if there {
		r, _ = r.leave(c.Whom) // there is no error: the user is in
	}
	r.Deputies, r.Invited = without(r.Deputies, c.Whom), without(r.Invited, c.Whom)
	if c.Out {
		r.Out = append(slices.Clip(r.Out), c.Whom)
	}
	return r, nil
}

// handOver makes c.Whom the leader; who led before is a member like others. It returns ErrNotThere or ErrLeadsAlready.
func (r Room) handOver(c RoomChange) (Room, error) {
	switch {
	case !r.Has(c.Whom):
		return r, ErrNotThere.With(c.Whom.Name, r.Called())
	case r.leads(c.Whom):
		return r, ErrLeadsAlready.With(c.Whom.Name, r.Called())
	}
	r.Leader, r.Deputies = c.Whom, without(r.Deputies, c.Whom)
	return r, nil
}

// depute makes c.Whom the last of the deputies. It returns ErrNotThere, ErrLeadsAlready, ErrIsDeputy or
// ErrTooManyDeputies.
func (r Room) depute(c RoomChange) (Room, error) {
	switch {
	case isIn(r.Deputies, c.Whom):
		return r, ErrIsDeputy.With(c.Whom.Name, r.Called())
	case !r.Has(c.Whom):
		return r, ErrNotThere.With(c.Whom.Name, r.Called())
	case r.leads(c.Whom):
		return r, ErrLeadsAlready.With(c.Whom.Name, r.Called())
	case len(r.Deputies) >= MaxDeputies:
		return r, ErrTooManyDeputies.With(r.Called(), MaxDeputies)
	case r.Leader == (User{}): // an operator has named who is to lead
		r.Leader = c.Whom
		return r, nil
	}
	r.Deputies = append(slices.Clip(r.Deputies), c.Whom)
	return r, nil
}

// undepute returns ErrNotDeputy.
func (r Room) undepute(c RoomChange) (Room, error) {
	if !isIn(r.Deputies, c.Whom) {
		return r, ErrNotDeputy.With(c.Whom.Name, r.Called())
	}
	r.Deputies = without(r.Deputies, c.Whom)
	return r, nil
}

func (r Room) slow(c RoomChange) (Room, error) {
	r.Slow = Slowness{c.Every, c.now + c.Lasts}
	return r, nil
}

// slowOff returns ErrNotSlow.
func (r Room) slowOff(c RoomChange) (Room, error) {
	if !r.Slow.holds(c.now) {
		return r, ErrNotSlow.With(r.Called())
	}
	r.Slow = Slowness{}
	return r, nil
}

func (r Room) calm(c RoomChange) (Room, error) {
	r.Calm = Calmness{c.now + c.Lasts}
	return r, nil
}

// calmOff returns ErrNotCalm.
func (r Room) calmOff(c RoomChange) (Room, error) {
	if !r.Calm.holds(c.now) {
		return r, ErrNotCalm.With(r.Called())
	}
	r.Calm = Calmness{}
	return r, nil
}

// keep makes the room a standing one.
func (r Room) keep(s Standing) Room {
	r.Name, r.Version = s.Name, s.Version
	r.Deputies = slices.DeleteFunc(slices.Clone(r.Deputies), func(u User) bool { return u.Guest && !r.Has(u) })
	return r
}

// end makes a standing room one like others: without its leader it closes.
func (r Room) end() Room {
	r.Name = ""
	r.Deputies = slices.DeleteFunc(slices.Clone(r.Deputies), func(u User) bool { return !r.Has(u) })
	if r.Leader == (User{}) {
		r.Members = Members{}
	}
	return r
}

// maySpeak returns why u may not speak in the room at that time of the ledger, when u spoke there last so long ago:
// ErrNotMember, ErrRoomCalm or ErrRoomSlow; nil if u may. calm is how long only operators speak anywhere but those who
// govern a room.
func (r Room) maySpeak(u User, operator bool, now, ago, calm time.Duration) error {
	if !r.Has(u) {
		return ErrNotMember.With(r.Called(), r.Called())
	}
	if operator {
		calm = 0
	}
	if r.governs(u) || operator && r.Standing() {
		return nil
	}
	return r.mayNow(now, ago, calm)
}

// mayNow is maySpeak for a member who governs nothing.
func (r Room) mayNow(now, ago, calm time.Duration) error {
	if r.Calm.holds(now) {
		calm = max(calm, r.Calm.Until-now)
	}
	switch {
	case calm > 0:
		return ErrRoomCalm.With(r.Called(), leftOf(calm))
	case r.Slow.holds(now) && ago < r.Slow.Every:
		return ErrRoomSlow.With(r.Called(), r.Slow.Every, leftOf(min(r.Slow.Every-ago, r.Slow.Until-now)))
	}
	return nil
}

// governed names those who govern the room now.
func (r Room) governed() any {
	if names := r.governors(); len(names) > 0 {
		return words.All(names)
	}
	return words.Say("nobody now")
}

// leftOf returns how much is left of a time as it is told: a second at least.
func leftOf(d time.Duration) time.Duration { return max(roughly(d), time.Second) }
