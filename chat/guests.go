package chat

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

// A guest who was blocked or muted, leaves and comes again is the same one to those who had enough: whoever gets the
// same name at the same source within guestKept gets the same ID too, and with it every block and mute.

const (
	keptBucket = "guests"
	guestKept  = time.Hour
)

// guestKey returns under what a guest is kept.
func guestKey(name string, source netip.Addr) string {
	return SourceOf(source).String() + " " + FoldName(name)
}

// keepGuest lets the guest of e be the same one who comes again within guestKept from now; after a restart too if
// lasting is true.
func (n *Node) keepGuest(ctx context.Context, e Entry, lasting bool) {
	s := newSanction(e.User.ID, "", guestKept, Text{})
	if err := n.impose(ctx, n.kept, guestKey(e.User.Name, e.Source), s, lasting); err != nil {
		// The block or mute itself holds.
		n.log.Warn("a guest is not kept", "guest", e.User.Name, "err", err)
	}
}

// guestID returns the ID of a guest who comes from source and is called name.
func (n *Node) guestID(ctx context.Context, name string, source netip.Addr) string {
	s, found, err := n.kept.Find(ctx, guestKey(name, source))
	if err != nil || !found {
		return newGuestID()
	}
	return s.Target
}

// blockedBy returns the names of those whom me has blocked, sorted: of the guests only those who are online, also with
// an account that they registered meanwhile, and those who would be the same if they came again.
func (n *Node) blockedBy(ctx context.Context, me *Presence) []string {
	known := make(map[string]bool) // IDs of guests
	if kept, err := n.kept.sorted(ctx); err == nil {
		for _, s := range kept {
			known[s.Target] = true
		}
	}
	for e := range n.desk.Online() {
		known[e.User.ID], known[e.User.Origin] = true, true
	}
	return me.blockedAmong(func(id string) bool { return !strings.HasPrefix(id, guestIDPrefix) || known[id] })
}
