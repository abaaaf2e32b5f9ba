package chat

// Partners are with whom a user has spoken last, and where. They follow the user from one connection to the next, and
// end with the user's being online. Never changed in place.
type partners struct {
	teller, target User // the zero User if there is none
	room           int
	spoke          bool // in that room
}

// Partner returns who spoke to the user alone last, as far as the user has read it; if nobody has, whom the user told
// something last. It returns false if there is neither.
func (p *Presence) Partner() (User, bool) {
	last := p.lastPartners()
	if last.teller == (User{}) {
		return last.target, last.target != User{}
	}
	return last.teller, true
}

// Target is the other way round: whom the user told something last, or else who spoke to the user.
func (p *Presence) Target() (User, bool) {
	last := p.lastPartners()
	if last.target == (User{}) {
		return last.teller, last.teller != User{}
	}
	return last.target, true
}

// LastRoom returns the number of the room that the user spoke in last, and false if there is none.
func (p *Presence) LastRoom() (number int, ok bool) {
	last := p.lastPartners()
	return last.room, last.spoke
}

// ToldBy says that the user has read what from told the user.
func (p *Presence) ToldBy(from User) {
	p.notePartners(func(last partners) partners {
		last.teller = from
		return last
	})
}

func (p *Presence) told(to User) {
	p.notePartners(func(last partners) partners {
		last.target = to
		return last
	})
	p.spokeAt(Place{Kind: Tells})
}

func (p *Presence) spokeIn(room int) {
	p.notePartners(func(last partners) partners {
		last.room, last.spoke = room, true
		return last
	})
	p.spokeAt(Place{Kind: InRoom, Room: room})
}

// notePartners changes the partners, if changed makes a difference: mostly there is none, and nothing is allocated.
func (p *Presence) notePartners(changed func(partners) partners) {
	for {
		before, last := p.partners.Load(), partners{}
		if before != nil {
			last = *before
		}
		now := changed(last)
		if now == last {
			return
		}
		if kept := now; p.partners.CompareAndSwap(before, &kept) {
			return
		}
	}
}

func (p *Presence) lastPartners() partners {
	if last := p.partners.Load(); last != nil {
		return *last
	}
	return partners{}
}
