package chat

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// MaxWatched is how many users one may watch.
const MaxWatched = 100

// Watch tells me from now on when the user called name comes and goes, and returns that user's name. Whom the user has
// blocked is not told. What an account watches is on disk when Watch returns nil, a guest's lasts as long as the
// session. It returns ErrNoUser, ErrWatchGuest, ErrWatched or ErrTooManyWatched.
func (n *Node) Watch(ctx context.Context, me *Presence, name string) (string, error) {
	u, err := n.user(ctx, name)
	switch {
	case err != nil:
		return "", err
	case u.Guest:
		return "", ErrWatchGuest.With(u.Name)
	}
	err = n.changeOwn(ctx, me, func(a *account) error {
		switch {
		case slices.ContainsFunc(a.Watched, func(w string) bool { return skeleton(w) == u.ID }):
			return ErrWatched.With(u.Name, u.Name)
		case len(a.Watched) >= MaxWatched:
			return ErrTooManyWatched.With(MaxWatched)
		}
		a.Watched = append(a.Watched, u.Name)
		slices.SortFunc(a.Watched, compareNames)
		return nil
	})
	if err == nil {
		err = n.forgetIfGone(ctx, me, u)
	}
	return u.Name, err
}

// Unwatch ends that, also for a user who does not exist any more. It returns ErrNotWatched.
func (n *Node) Unwatch(ctx context.Context, me *Presence, name string) (string, error) {
	shown := name
	err := n.changeOwn(ctx, me, func(a *account) error {
		i := slices.IndexFunc(a.Watched, func(w string) bool { return FoldName(w) == FoldName(name) })
		if i < 0 {
			return ErrNotWatched.With(name)
		}
		shown = a.Watched[i]
		a.Watched = slices.Delete(a.Watched, i, i+1)
		return nil
	})
	return shown, err
}

// Watched returns the names of those whom the user watches, sorted.
func (p *Presence) Watched() []string { return slices.Clone(p.wishesNow().watched) }

// Watches reports whether the user watches u.
func (p *Presence) Watches(u User) bool {
	watched := p.wishesNow().watched
	return !u.Guest && slices.ContainsFunc(watched, func(w string) bool { return skeleton(w) == u.ID })
}

// watchedIn returns those of names that can be watched: somebody may have written the record by hand.
func watchedIn(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return wellFormed(name) != nil })
	return names[:min(len(names), MaxWatched)]
}

// WatchTarget makes me hear Went when t, if it is a user, goes, until it is called again: also a guest. Me need not
// watch that user. Nil is nobody.
func (p *Presence) WatchTarget(t *Target) {
	id := ""
	if t != nil && !t.IsRoom() {
		id = t.User.ID
	}
	p.node.watchers.follow(p, id)
}

// watchers are who watches whom, on this node. The zero value is nobody.
type watchers struct {
	mu sync.Mutex // guards the rest
	// of are those who watch the user of each ID, and ids what each of them is in there for.
	of  map[string]map[*Presence]bool
	ids map[*Presence]watching
}

// A watching is whom somebody watches: users of these IDs, and one more to talk to.
type watching struct {
	users  []string
	target string
}

// note puts p where it belongs by whom p watches now.
func (w *watchers) note(p *Presence) {
	var users []string
	for _, name := range p.Watched() {
		users = append(users, skeleton(name))
	}
	w.change(p, func(now *watching) { now.users = users })
}

func (w *watchers) follow(p *Presence, id string) {
	w.change(p, func(now *watching) { now.target = id })
}

// forget takes p out, for good.
func (w *watchers) forget(p *Presence) { w.change(p, func(now *watching) { *now = watching{} }) }

func (w *watchers) change(p *Presence, change func(*watching)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.ids[p]
	for _, id := range slices.Concat(now.users, []string{now.target}) {
		if delete(w.of[id], p); len(w.of[id]) == 0 {
			delete(w.of, id)
		}
	}
	change(&now)
	if p.reached(stageGone) {
		now = watching{}
	}
	if len(now.users) == 0 && now.target == "" {
		delete(w.ids, p)
		return
	}
	if w.ids == nil {
		w.ids, w.of = make(map[*Presence]watching), make(map[string]map[*Presence]bool)
	}
	w.ids[p] = now
	for _, id := range slices.Concat(now.users, []string{now.target}) {
		if id == "" {
			continue
		}
		if w.of[id] == nil {
			w.of[id] = make(map[*Presence]bool)
		}
		w.of[id][p] = true
	}
}

// who returns those who watch the user of that ID.
func (w *watchers) who(id string) []*Presence {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.of[id]))
}

// tellWatchers tells those who watch p that p has come or gone, but not those whom p has blocked and who may
// notice that.
func (n *Node) tellWatchers(ctx context.Context, p *Presence, kind Kind) {
	if p.User.Guest && kind == Came {
		return // nobody watches who was nobody
	}
	e := newEvent(kind, p.User, 0, Text{})
	except := p.blocksNow().noticed(time.Now())
	err := n.all(ctx, &Order{Kind: TellWatchers, Event: e, Except: except})
	if err != nil && !errors.Is(err, ErrNoDesk) {
		n.log.Error("watchers not told", "user", p.User.Name, "err", err)
	}
}

// tellWatchersHere is the order of that name.
func (n orders) tellWatchersHere(ctx context.Context, o *Order) {
	if o.Event == nil {
		return
	}
	for _, p := range n.watchers.who(o.Event.From.ID) {
		u := p.User
		if slices.ContainsFunc(o.Except, func(id string) bool {
			return id == u.ID || id == u.Origin && id != "" || id == AllGuests && u.Guest
		}) {
			continue
		}
		p.Hear(ctx, o.Event)
	}
}
