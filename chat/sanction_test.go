package chat

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/words"
)

func TestTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			lasts  time.Duration
			reason string
			want   string
		}{
			{2 * time.Hour, "spam", "for 2h: spam."},
			{2 * time.Hour, "spam. ", "for 2h: spam."},
			{0, "Enough!", "until further notice: Enough!"},
			{0, "", "until further notice."},
			{2 * day, " ..", "for 2d."},
			{time.Second, "why?", "for 1s: why?"},
		} {
			s := newSanction("bob", "olga", tt.lasts, Clean(tt.reason))
			if got := words.English.Terms(s.Terms()); got != tt.want {
				t.Errorf("%v, %q: %q, want %q", tt.lasts, tt.reason, got, tt.want)
			}
		}
		s := newSanction("bob", "olga", time.Hour, Text{})
		time.Sleep(time.Hour)
		if s.Left() >= 0 {
			t.Errorf("at its end %v are left", s.Left())
		}
	})
}

// What is on disk says when it ends by the clock on the wall, which may have been set to anything meanwhile.
func TestResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts = 2 * time.Hour
		for name, tt := range map[string]struct{ made, left time.Duration }{
			"half an hour ago":  {-30 * time.Minute, 90 * time.Minute},
			"just now":          {0, lasts},
			"long ago":          {-time.Hour * 24 * 365, -time.Hour*24*365 + lasts},
			"the clock is back": {time.Hour * 24 * 365, lasts},
		} {
			made := time.Now().Add(tt.made)
			value, err := json.Marshal(Sanction{Target: "bob", Made: made, Until: made.Add(lasts)})
			must(t, err)
			store := NewMemoryStore()
			_, err = store.Put(t.Context(), mutesBucket, "bob", value, 0)
			must(t, err)
			_, err = store.Put(t.Context(), mutesBucket, "eve", []byte("{damaged"), 0)
			must(t, err)
			n := newTestNode(t, Options{Store: store})
			held, err := n.mutes.All(t.Context())
			must(t, err)
			if got := held["bob"].Left(); len(held) != 1 || got != tt.left {
				t.Errorf("%s: %v left, want %v (of %d)", name, got, tt.left, len(held))
			}
		}
		forGood := Sanction{Target: "bob", Made: time.Now()}.Resumed()
		time.Sleep(MaxDuration)
		if forGood.Left() != 0 || !forGood.Until.IsZero() {
			t.Errorf("what has no end is resumed as %+v", forGood)
		}
	})
}

func TestMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := NewMemoryStore()
		n := newTestNode(t, Options{Store: store, Guests: GuestsChat})
		bob, _ := come(t, n, "bob")
		mallory, seatM := come(t, n, "Mallory")
		_, err := n.Start(ctx, mallory, Clean("tea"))
		must(t, err)
		bob.Take()
		mallory.Take()

		s, err := n.Mute(ctx, AtConsole(), "mallory", time.Hour, Clean("loud"))
		if err != nil || s.Target != "Mallory" || words.English.Terms(s.Terms()) != "for 1h: loud." {
			t.Errorf("Mute = %+v, %v", s, err)
		}
		wantRead(t, mallory, "!!system!!: You are muted for 1h: loud. You can still read.")
		silent := func(n *Node, p *Presence, want string) {
			t.Helper()
			_, _, told := n.Tell(ctx, p, "bob", Clean("x"))
			_, started := n.Start(ctx, p, Clean("x"))
			for i, err := range []error{n.Say(ctx, p, 0, Clean("x")), n.Shout(ctx, p, Clean("x")), told, started,
				n.SetInfo(ctx, p, Clean("x"))} {
				if !errors.Is(err, ErrMuted) || words.English.Sentence(err) != want {
					t.Errorf("%d: %v, want %s", i, err, want)
				}
			}
		}
		silent(n, mallory, "You are muted for 1h: loud. You can still read.")
		time.Sleep(30 * time.Minute)
		must(t, n.Shout(ctx, bob, Clean("still here")))
		wantRead(t, mallory, "!!bob!!: still here")

		// It goes on where she logs in again, and on another node that starts now.
		n.Quit(ctx, mallory, seatM)
		mallory, _ = login(t, n, "Mallory")
		silent(n, mallory, "You are muted for 30m: loud. You can still read.")
		again := newTestNode(t, Options{Store: store})
		p, _ := login(t, again, "Mallory")
		silent(again, p, "You are muted for 30m: loud. You can still read.")
		time.Sleep(30 * time.Minute)
		must(t, n.Shout(ctx, mallory, Clean("free")))
		must(t, again.Shout(ctx, p, Clean("free")))
		_, err = n.Unmute(ctx, AtConsole(), "mallory")
		wantErr(t, err, ErrNotMuted)

		// The next change takes away what is over.
		_, err = n.Mute(ctx, AtConsole(), "bob", 0, Text{})
		must(t, err)
		if _, err := store.Get(ctx, mutesBucket, mallory.User.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a mute that is over is still stored: %v", err)
		}
		name, err := n.Unmute(ctx, AtConsole(), "BOB")
		if err != nil || name != "bob" {
			t.Errorf("Unmute = %q, %v", name, err)
		}
		bob.Take()
		must(t, n.Shout(ctx, bob, Clean("free")))
		wantRead(t, bob, "!!bob!!: free")

		// A guest's is not stored, and goes with the guest into a new account, not to the next guest of that name.
		g, seatG := guest(t, n)
		_, err = n.Mute(ctx, AtConsole(), "guest", 0, Text{})
		must(t, err)
		silent(n, g, "You are muted until further notice. You can still read.")
		if _, err := store.Get(ctx, mutesBucket, g.User.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("a guest's mute is stored: %v", err)
		}
		must(t, n.Register(ctx, By(g), "gustav", secretOf("gustav")))
		gustav, _ := login(t, n, "gustav")
		silent(n, gustav, "You are muted until further notice. You can still read.")
		n.Quit(ctx, g, seatG)
		other, err := n.Guest(ctx, &seat{source: netip.MustParseAddr("192.0.2.7")})
		must(t, err)
		if other.User.Name != "guest" {
			t.Errorf("the next guest is %s", other.User.Name)
		}
		must(t, n.Shout(ctx, other, Clean("another guest")))
		n.Quit(ctx, other, other.receiver)
		// Who comes again from there as the same guest has not got away, until an hour after leaving.
		time.Sleep(30 * time.Minute)
		g, seatG = guest(t, n)
		silent(n, g, "You are muted for 30m. You can still read.")
		n.Quit(ctx, g, seatG)
		if mutes, err := n.Mutes(ctx); err != nil || len(mutes) != 2 {
			t.Errorf("Mutes = %+v, %v", mutes, err)
		}
		time.Sleep(30 * time.Minute)
		g, seatG = guest(t, n)
		must(t, n.Shout(ctx, g, Clean("free")))
		if mutes, err := n.Mutes(ctx); err != nil || len(mutes) != 1 || mutes[0].Target != "gustav" {
			t.Errorf("Mutes = %+v, %v", mutes, err)
		}
		// An operator ends the mute of one who has left.
		_, err = n.Mute(ctx, AtConsole(), "guest", time.Hour, Text{})
		must(t, err)
		n.Quit(ctx, g, seatG)
		if name, err := n.Unmute(ctx, AtConsole(), "guest"); err != nil || name != "guest" {
			t.Errorf("Unmute of a guest who has left: %q, %v", name, err)
		}
		g, _ = guest(t, n)
		must(t, n.Shout(ctx, g, Clean("free again")))
	})
}

func TestMuteRefused(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	register(t, n, "olga", "otto", "bob")
	promote(t, n, "olga")
	promote(t, n, "otto")
	mute := func(name string, d time.Duration) error {
		_, err := n.Mute(ctx, as(n, "olga"), name, d, Text{})
		return err
	}
	wantErr(t, mute("OLGA", 0), ErrOneself)
	wantErr(t, mute("nobody", 0), ErrNoUser)
	wantErr(t, mute("guests", 0), ErrNoUser)
	wantErr(t, mute("bob", -1), ErrBadDuration)
	wantErr(t, mute("bob", MaxDuration+1), ErrBadDuration)
	must(t, mute("otto", time.Hour))
	must(t, mute("bob", MaxDuration))
}

// target is whom a word means in these tests: an address, a network, or else a user.
func target(word string) BanTarget {
	if addr, err := netip.ParseAddr(word); err == nil {
		return BanTarget{Addr: addr}
	}
	if network, err := netip.ParsePrefix(word); err == nil {
		return BanTarget{Network: network}
	}
	return BanTarget{Name: word}
}

func TestBanTarget(t *testing.T) {
	for word, want := range map[string]string{
		"bob": "bob", "fe80": "fe80", "a.b": "ab",
		"192.0.2.7": "192.0.2.7/32", "192.0.2.7/24": "192.0.2.0/24", "0.0.0.0/0": "0.0.0.0/0",
		"2001:DB8::0:7": "2001:db8::/64", "2001:db8::7/128": "2001:db8::7/128",
		"2001:db8:0:1:2:3:4:5": "2001:db8:0:1::/64", "::1": "::1/128", "2001:db8::7/32": "2001:db8::/32",
		"::/0": "::/0", "fe80::1%eth0": "fe80::/64",
		"::ffff:192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7/120": "192.0.2.0/24",
	} {
		if got, err := target(word).banned(); err != nil || got.key != want && got.key != skeleton(want) {
			t.Errorf("%s is %q, %v, want %s", word, got.key, err, want)
		}
	}
	for _, word := range []string{"no good name", "", "192.0.2"} {
		_, err := target(word).banned()
		wantErr(t, err, ErrNoUser)
	}
}

func TestBanUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := NewMemoryStore()
		n := newTestNode(t, Options{Store: store})
		register(t, n, "olga")
		promote(t, n, "olga")
		_, seatM := come(t, n, "Mallory")
		s, err := n.Ban(ctx, as(n, "olga"), target("MALLORY"), 2*day, Clean("spam"))
		if err != nil || len(s.Bans) != 1 || s.Bans[0].Target != "Mallory" {
			t.Errorf("Ban = %+v, %v", s, err)
		}
		if got := seatM.ended(); !errors.Is(got, ErrBanned) ||
			words.English.Sentence(got) != "You are banned for 2d: spam." {
			t.Errorf("the banned one reads %v", got)
		}
		if who := n.Who(); len(who) != 0 {
			t.Errorf("Who = %q", who)
		}
		time.Sleep(47 * time.Hour)
		for name, n := range map[string]*Node{"the node": n, "the next": newTestNode(t, Options{Store: store})} {
			_, _, err := n.Login(ctx, "mallory", secretOf("Mallory"), new(seat))
			if !errors.Is(err, ErrBanned) || words.English.Sentence(err) != "You are banned for 1h: spam." {
				t.Errorf("%s: %v", name, err)
			}
			// Who does not know the password does not learn of the ban.
			_, _, err = n.Login(ctx, "mallory", "guess", new(seat))
			wantErr(t, err, ErrLogin)
		}
		time.Sleep(time.Hour)
		login(t, n, "Mallory")
		if bans, err := n.Bans(ctx); err != nil || len(bans) != 0 {
			t.Errorf("Bans = %v, %v", bans, err)
		}

		_, err = n.Ban(ctx, as(n, "olga"), target("mallory"), 0, Text{})
		must(t, err)
		_, err = n.Ban(ctx, as(n, "olga"), target("mallory"), time.Hour, Text{}) // replaces it
		must(t, err)
		if bans, err := n.Bans(ctx); err != nil || len(bans) != 1 || bans[0].Left() != time.Hour {
			t.Errorf("Bans = %v, %v", bans, err)
		}
		lifted, err := n.Unban(ctx, as(n, "olga"), target("mallory"))
		if err != nil || len(lifted) != 1 || lifted[0].Target != "Mallory" {
			t.Errorf("Unban = %+v, %v", lifted, err)
		}
		_, err = n.Unban(ctx, as(n, "olga"), target("mallory"))
		wantErr(t, err, ErrNotBanned)
		login(t, n, "Mallory")
	})
}

func TestBanAddress(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	register(t, n, "olga", "near", "far", "six", "mapped")
	promote(t, n, "olga")
	seats := make(map[string]*seat)
	for name, address := range map[string]string{"olga": "198.51.100.1", "near": "192.0.2.7", "far": "192.0.3.7",
		"six": "2001:db8::1", "mapped": "::ffff:192.0.2.9"} {
		_, s, err := comeFrom(t, n, name, address)
		must(t, err)
		seats[name] = s
	}
	g := &seat{source: netip.MustParseAddr("192.0.2.8")}
	_, err := n.Guest(ctx, g)
	must(t, err)
	_, err = n.Ban(ctx, as(n, "olga"), target("192.0.2.77/24"), 0, Text{})
	must(t, err)
	_, err = n.Ban(ctx, as(n, "olga"), target("2001:db8::/64"), time.Hour, Clean("bots"))
	must(t, err)
	for name, banned := range map[string]bool{"olga": false, "near": true, "far": false, "six": true, "mapped": true} {
		if got := errors.Is(seats[name].ended(), ErrAddressBanned); got != banned {
			t.Errorf("%s: sent away %t, want %t (%v)", name, got, banned, seats[name].ended())
		}
	}
	wantErr(t, g.ended(), ErrAddressBanned)
	for address, banned := range map[string]bool{
		"192.0.2.1": true, "192.0.3.1": false, "::ffff:192.0.2.1": true, "2001:db8::ffff": true,
		"2001:db8:0:1::": false, "198.51.100.1": false,
		"192.0.2.255": true, "192.0.1.255": false, "2001:db8::1%eth0": true,
	} {
		if err := n.MayConnect(ctx, netip.MustParseAddr(address)); errors.Is(err, ErrAddressBanned) != banned {
			t.Errorf("%s: %v", address, err)
		}
	}
	must(t, n.MayConnect(ctx, netip.Addr{}))
	if err := n.MayConnect(ctx, netip.MustParseAddr("2001:db8::1")); words.English.Sentence(err) != "Your address "+
		"is banned for 1h: bots." {
		t.Error(err)
	}
	_, _, err = comeFrom(t, n, "far", "192.0.2.1")
	wantErr(t, err, ErrAddressBanned)
	if seats["far"].ended() != nil {
		t.Error("a login from a banned address ended the session elsewhere")
	}
	_, err = n.Guest(ctx, &seat{source: netip.MustParseAddr("192.0.2.1")})
	wantErr(t, err, ErrAddressBanned)
	_, err = n.Unban(ctx, as(n, "olga"), target("192.0.2.0/25"))
	wantErr(t, err, ErrNotBanned)
	_, err = n.Unban(ctx, as(n, "olga"), target("192.0.2.0/24"))
	must(t, err)
	_, err = n.Guest(ctx, &seat{source: netip.MustParseAddr("192.0.2.1")})
	must(t, err)
}

func TestBanRefused(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	register(t, n, "olga", "otto")
	promote(t, n, "olga")
	promote(t, n, "otto")
	_, _, err := comeFrom(t, n, "olga", "192.0.2.7")
	must(t, err)
	guest(t, n)
	for word, want := range map[string]error{
		"Olga": ErrOneself, "192.0.2.7": ErrOneself, "192.0.0.0/8": ErrOneself, "::ffff:192.0.2.0/120": ErrOneself,
		"guest": ErrBanGuest, "nobody": ErrNoUser, "guests": ErrNoUser,
	} {
		_, err := n.Ban(ctx, as(n, "olga"), target(word), 0, Text{})
		if !errors.Is(err, want) {
			t.Errorf("ban %s: %v, want %v", word, err, want)
		}
	}
	if bans, err := n.Bans(ctx); err != nil || len(bans) != 0 {
		t.Errorf("Bans = %v, %v", bans, err)
	}
}

// A store that cannot be read is asked again.
func TestBansUnreadable(t *testing.T) {
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store})
	register(t, n, "mallory")
	_, err := n.Ban(t.Context(), AtConsole(), target("mallory"), 0, Text{})
	must(t, err)
	again := newTestNode(t, Options{Store: store})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := again.Bans(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Bans = %v", err)
	}
	_, _, err = again.Login(t.Context(), "mallory", secretOf("mallory"), new(seat))
	wantErr(t, err, ErrBanned)
}

// TestMutedRegisters has a muted guest register when there is no room for one more mute: there is no account then.
func TestMutedRegisters(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	fillSanctions(t, store, mutesBucket, MaxSanctions-1)
	n := newTestNode(t, Options{Store: store, Registration: RegistrationInvite})
	g, _ := guest(t, n)
	_, err := n.Mute(ctx, AtConsole(), "guest", 0, Clean("loud"))
	must(t, err)
	code, err := n.Invite(ctx, AtConsole())
	must(t, err)
	err = n.RegisterInvited(ctx, By(g), code, "gustav", secretOf("gustav"))
	if wantErr(t, err, ErrMuted); words.English.Sentence(err) !=
		"You are muted until further notice: loud. You can still read." {
		t.Errorf("read: %s", words.English.Sentence(err))
	}
	if g.Registered() != "" {
		t.Error("the guest has registered")
	}
	_, _, err = n.Login(ctx, "gustav", secretOf("gustav"), new(seat))
	wantErr(t, err, ErrLogin)
	must(t, n.mutes.Table.Remember(ctx, "10.0.0.0/32", Sanction{Made: time.Now(), Until: time.Now()})) // one is over
	must(t, n.RegisterInvited(ctx, By(g), code, "gustav", secretOf("gustav")))
	gustav, _ := login(t, n, "gustav")
	wantErr(t, n.Shout(ctx, gustav, Clean("free")), ErrMuted)
}

// fillBans stores bans of so many addresses: 10.0.0.0 and those after it.
func fillBans(t *testing.T, store Store, count int) { fillSanctions(t, store, bansBucket, count) }

func fillSanctions(t *testing.T, store Store, bucket string, count int) {
	for i := range count {
		addr := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		value, err := json.Marshal(newSanction(addr.String(), Console, 0, Text{}))
		must(t, err)
		_, err = store.Put(t.Context(), bucket, netip.PrefixFrom(addr, 32).String(), value, 0)
		must(t, err)
	}
}

func TestTooManySanctions(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store})
	fillBans(t, store, MaxSanctions)
	_, err := n.Ban(ctx, AtConsole(), target("192.0.2.1"), 0, Text{})
	wantErr(t, err, ErrTooManySanctions)
	_, err = n.Ban(ctx, AtConsole(), target("10.0.0.1"), time.Hour, Text{}) // one of them
	must(t, err)
	_, err = n.Unban(ctx, AtConsole(), target("10.0.0.1"))
	must(t, err)
	_, err = n.Ban(ctx, AtConsole(), target("192.0.2.1"), 0, Text{})
	must(t, err)
}

// TestBanUndone bans a user with the address when there is room for neither more: an earlier ban holds as before.
func TestBanUndone(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	fillBans(t, store, MaxSanctions-1)
	n := newTestNode(t, Options{Store: store})
	register(t, n, "mallory", "olga")
	for _, name := range []string{"mallory", "olga"} {
		_, _, err := comeFrom(t, n, name, "192.0.2.7")
		must(t, err)
	}
	_, err := n.Ban(ctx, AtConsole(), target("mallory"), 0, Clean("spam"))
	must(t, err)
	_, err = n.Ban(ctx, AtConsole(), BanTarget{Name: "mallory", AndAddress: true}, time.Hour, Text{})
	wantErr(t, err, ErrTooManySanctions)
	_, _, err = n.Login(ctx, "mallory", secretOf("mallory"), new(seat))
	if got := words.English.Sentence(err); got != "You are banned until further notice: spam." {
		t.Errorf("mallory reads %q", got)
	}
	_, err = n.Unban(ctx, AtConsole(), target("mallory"))
	must(t, err)
	_, err = n.Ban(ctx, AtConsole(), BanTarget{Name: "olga", AndAddress: true}, 0, Text{})
	wantErr(t, err, ErrTooManySanctions)
	login(t, n, "olga")
}

func TestBlockGuests(t *testing.T) {
	ctx := t.Context()
	store := NewMemoryStore()
	n := newTestNode(t, Options{Store: store, Guests: GuestsChat})
	alice, seatA := come(t, n, "alice")
	g, _ := guest(t, n)
	name, err := n.Block(ctx, alice, "Guests")
	if err != nil || name != AllGuests {
		t.Errorf("Block = %q, %v", name, err)
	}
	_, err = n.Block(ctx, alice, "guests")
	wantErr(t, err, ErrAlreadyBlocked)
	h, _ := guest(t, n) // comes later
	for _, p := range []*Presence{g, h} {
		must(t, n.Shout(ctx, p, Clean("hello")))
		_, _, err := n.Tell(ctx, p, "alice", Clean("hello"))
		wantErr(t, err, ErrBlocked)
		_, err = n.Block(ctx, p, "guests")
		must(t, err)
		p.Take()
		must(t, n.Shout(ctx, p, Clean("to myself")))
		wantRead(t, p, "!!"+p.User.Name+"!!: to myself")
	}
	wantRead(t, alice)
	// The guest who becomes a user is none any more.
	must(t, n.Register(ctx, By(g), "gustav", secretOf("gustav")))
	gustav, _ := login(t, n, "gustav")
	must(t, n.Shout(ctx, gustav, Clean("a user")))
	wantRead(t, alice, "!!gustav!!: a user")

	n.Quit(ctx, alice, seatA)
	again := newTestNode(t, Options{Store: store, Guests: GuestsChat})
	alice, _ = login(t, again, "alice")
	if got := alice.Blocked(); !slices.Equal(got, []string{"guests"}) {
		t.Errorf("Blocked = %q", got)
	}
	_, err = again.Unblock(ctx, alice, "GUESTS")
	must(t, err)
	_, err = again.Unblock(ctx, alice, "guests")
	wantErr(t, err, ErrNotBlocked)
	k, _ := guest(t, again)
	must(t, again.Shout(ctx, k, Clean("hello")))
	wantRead(t, alice, "!!guest!!: hello")
}
