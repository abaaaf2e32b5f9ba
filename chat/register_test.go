package chat

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/budget"
	"parley/words"
)

// guestFrom is a guest at an address.
func guestFrom(t testing.TB, n *Node, addr string) *Presence {
	t.Helper()
	p, err := n.Guest(t.Context(), from(addr))
	must(t, err)
	return p
}

func TestRegistrationLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Exempt: Sources{}})
		p, q := guestFrom(t, n, "203.0.113.1"), guestFrom(t, n, "203.0.113.2")
		must(t, n.Register(ctx, By(p), "a1", "open sesame"))
		time.Sleep(30 * time.Minute)
		for range 5 { // none of these is an account
			wantErr(t, n.Register(ctx, By(p), "a1", "open sesame"), ErrNameTaken)
			wantErr(t, n.Register(ctx, By(p), "system", "open sesame"), ErrReservedName)
			wantErr(t, n.Register(ctx, By(p), "fine", ""), ErrNoPassword)
		}
		must(t, n.Register(ctx, By(p), "a2", "open sesame"))
		must(t, n.Register(ctx, By(p), "a3", "open sesame"))
		err := n.Register(ctx, By(p), "a4", "open sesame")
		wantErr(t, err, ErrTooManyRegistered)
		want := "Your address has registered 3 accounts within an hour, which is the limit. Try again in 30m."
		if err == nil || words.English.Sentence(err) != want {
			t.Errorf("got %q, want %q", err, want)
		}
		wantErr(t, n.MayRegister(ctx, By(p), "a4"), ErrTooManyRegistered)
		must(t, n.Register(ctx, By(q), "a4", "open sesame")) // another address
		must(t, n.Register(ctx, AtConsole(), "a5", "open sesame"))
		promote(t, n, "a5")
		op, _, err := n.Login(ctx, "a5", "open sesame", from("203.0.113.1"))
		must(t, err)
		must(t, n.Register(ctx, By(op), "a6", "open sesame"))
		time.Sleep(30 * time.Minute)
		must(t, n.Register(ctx, By(p), "a7", "open sesame"))
		wantErr(t, n.Register(ctx, By(p), "a8", "open sesame"), ErrTooManyRegistered)
	})
}

// TestRegistrationRace tests that of many at once from one address no more get through than may.
func TestRegistrationRace(t *testing.T) {
	n := newTestNode(t, Options{Exempt: Sources{}})
	p := guestFrom(t, n, "203.0.113.1")
	var made atomic.Int64
	var wg sync.WaitGroup
	for _, letter := range "abcdefghjkmnopqrstuv" { // of which no two look alike
		wg.Go(func() {
			err := n.Register(t.Context(), By(p), fmt.Sprintf("user%c", letter), "open sesame")
			if err == nil {
				made.Add(1)
			} else if !errors.Is(err, ErrTooManyRegistered) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != budget.RegistrationsPerSource {
		t.Errorf("%d accounts, want %d", made.Load(), budget.RegistrationsPerSource)
	}
}

func TestRegistrationPolicies(t *testing.T) {
	ctx := t.Context()
	for _, tt := range []struct {
		policy           RegistrationPolicy
		needs            bool
		guest, user, may error
	}{
		{"", false, nil, nil, nil},
		{RegistrationOpen, false, nil, nil, nil},
		{RegistrationInvite, true, ErrNoInvite, ErrNoInvite, nil},
		{RegistrationClosed, false, ErrRegistrationClosed, ErrRegistrationClosed, ErrRegistrationClosed},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			n := newTestNode(t, Options{Registration: tt.policy})
			user, _ := come(t, n, "user")
			register(t, n, "boss")
			promote(t, n, "boss")
			boss, _ := login(t, n, "boss")
			g, _ := guest(t, n)
			for _, by := range []*Presence{user, g} {
				if n.NeedsInvite(By(by)) != tt.needs {
					t.Errorf("%s needs an invite: %v", by.User.Name, !tt.needs)
				}
				wantErr(t, n.MayRegister(ctx, By(by), "fine"), tt.may)
			}
			wantErr(t, n.Register(ctx, By(g), "by-guest", "open sesame"), tt.guest)
			wantErr(t, n.Register(ctx, By(user), "by-user", "open sesame"), tt.user)
			must(t, n.Register(ctx, By(boss), "by-boss", "open sesame"))
			if n.NeedsInvite(By(boss)) || n.NeedsInvite(AtConsole()) {
				t.Error("operators need an invite")
			}
		})
	}
}

func TestInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		store := NewMemoryStore()
		n := newTestNode(t, Options{Store: store, Registration: RegistrationInvite, Exempt: Sources{}})
		g := guestFrom(t, n, "203.0.113.1")
		invite := func() string {
			t.Helper()
			code, err := n.Invite(ctx, AtConsole())
			must(t, err)
			return code
		}
		code := invite()
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$`).MatchString(code) {
			t.Errorf("code %q", code)
		}
		for _, wrong := range []string{"", "-", code[1:], code + "0", strings.ToLower(code[:13])} {
			wantErr(t, n.CheckInvite(ctx, wrong), ErrNoInvite)
			wantErr(t, n.RegisterInvited(ctx, By(g), wrong, "ann", "open sesame"), ErrNoInvite)
		}
		must(t, n.CheckInvite(ctx, code))
		wantErr(t, n.RegisterInvited(ctx, By(g), code, "system", "open sesame"), ErrReservedName)
		must(t, n.RegisterInvited(ctx, By(g), code, "ann", "open sesame"))
		wantErr(t, n.RegisterInvited(ctx, By(g), code, "ben", "open sesame"), ErrNoInvite)

		// More than three in an hour: each was vouched for.
		for i := range 5 {
			must(t, n.RegisterInvited(ctx, By(g), invite(), fmt.Sprintf("friend%c", 'a'+i), "open sesame"))
		}
		// Typed in another way, and in another process.
		code = invite()
		n2 := newTestNode(t, Options{Store: store, Registration: RegistrationInvite})
		g2, _ := guest(t, n2)
		must(t, n2.RegisterInvited(ctx, By(g2), " "+strings.ToLower(strings.NewReplacer("-", " ", "0", "o", "1",
			"l").Replace(code)), "carol", "open sesame"))

		late := invite()
		time.Sleep(InviteLasts - 1)
		must(t, n.CheckInvite(ctx, late))
		time.Sleep(time.Nanosecond)
		wantErr(t, n.RegisterInvited(ctx, By(g), late, "dave", "open sesame"), ErrNoInvite)

		_, err := n.Invite(ctx, as(n, "ann"))
		wantErr(t, err, ErrOperatorsOnly)
	})
}

func TestInviteBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{})
		for range MaxInvites {
			_, err := n.Invite(t.Context(), AtConsole())
			must(t, err)
		}
		_, err := n.Invite(t.Context(), AtConsole())
		wantErr(t, err, ErrTooManyInvites)
		time.Sleep(InviteLasts)
		_, err = n.Invite(t.Context(), AtConsole())
		must(t, err)
		if unused, err := n.sweepInvites(t.Context()); unused != 1 || err != nil {
			t.Errorf("%d invites are kept, %v", unused, err)
		}
	})
}

// TestInviteOnce tests that a code is good for one of those who use it at once, and that it is not lost if the account
// comes to nothing.
func TestInviteOnce(t *testing.T) {
	ctx := t.Context()
	s := &failingStore{Store: NewMemoryStore()}
	n := newTestNode(t, Options{Store: s, Registration: RegistrationInvite})
	g, _ := guest(t, n)
	code, err := n.Invite(ctx, AtConsole())
	must(t, err)

	s.put = errors.New("disk on fire")
	wantErr(t, n.RegisterInvited(ctx, By(g), code, "ann", "open sesame"), s.put)
	s.put = nil
	code, err = n.Invite(ctx, AtConsole()) // the other could not be given back, on a disk like that
	must(t, err)
	s.conflict = 1 // the name is taken at the last moment, as far as the store can tell
	if err := n.RegisterInvited(ctx, By(g), code, "ann", "open sesame"); err == nil {
		t.Error("registered in spite of a conflict")
	}
	must(t, n.CheckInvite(ctx, code))

	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := n.RegisterInvited(ctx, By(g), code, fmt.Sprintf("user%c", 'a'+i), "open sesame"); err == nil {
				made.Add(1)
			} else if !errors.Is(err, ErrNoInvite) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d accounts with one code", made.Load())
	}
}

// TestRegistrationLimitOfAll tests that registrations are paced when each comes from another source.
func TestRegistrationLimitOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Exempt: Sources{netip.MustParsePrefix("192.0.2.0/24")}})
		try := func(i int, source string) error {
			s := from(source)
			p, err := n.Guest(ctx, s)
			must(t, err)
			defer n.Quit(ctx, p, s)
			name := fmt.Sprintf("u%02dr", i+20)
			may, err := n.MayRegister(ctx, By(p), name), n.Register(ctx, By(p), name, "open sesame")
			if words.English.Sentence(may) != words.English.Sentence(err) && may != nil {
				t.Errorf("may register: %v, does: %v", may, err)
			}
			return err
		}
		for i := range budget.RegistrationsOfAll {
			must(t, try(i, fmt.Sprintf("203.0.113.%d", i)))
		}
		for i := range 3 {
			err := try(40+i, fmt.Sprintf("203.0.113.%d", 40+i))
			wantErr(t, err, ErrManyRegistering)
			want := "Many accounts were registered in the last minutes. Please try again in 10m."
			if words.English.Sentence(err) != want {
				t.Errorf("got %s, want %s", words.English.Sentence(err), want)
			}
		}
		must(t, try(50, "192.0.2.1")) // exempt
		must(t, n.Register(ctx, AtConsole(), "by-console", "open sesame"))
		n.SetRegistration(RegistrationInvite)
		code, err := n.Invite(ctx, AtConsole())
		must(t, err)
		g, s := guest(t, n)
		must(t, n.RegisterInvited(ctx, By(g), code, "invited", "open sesame"))
		n.Quit(ctx, g, s)
		n.SetRegistration(RegistrationOpen)
		time.Sleep(budget.RegistrationPeriodAll)
		for i := range 3 { // who was refused has used up nothing
			must(t, try(60+i, "203.0.113.40"))
		}
	})
}

func TestRoomLimits(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	var wg sync.WaitGroup
	var opened atomic.Int64
	for range 10 {
		wg.Go(func() {
			if _, err := n.Start(ctx, alice, Clean("tea")); err == nil {
				opened.Add(1)
			} else if !errors.Is(err, ErrTooManyLed) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if opened.Load() != MaxLed {
		t.Errorf("%d rooms, want %d", opened.Load(), MaxLed)
	}
	_, err := n.Leave(ctx, alice, 0)
	must(t, err)
	_, err = n.Start(ctx, alice, Clean("coffee"))
	must(t, err)

	for i := MaxLed; i < MaxRooms; i++ {
		leader := User{Name: fmt.Sprint("u", i), ID: fmt.Sprint("u", i)}
		must(t, n.desk.Enter(ctx, Entry{ID: leader.ID, User: leader}, new(counter)))
		_, err := n.desk.OpenRoom(ctx, Clean("x"), leader)
		must(t, err)
	}
	bob, _ := come(t, n, "bob")
	_, err = n.Start(ctx, bob, Clean("late"))
	wantErr(t, err, ErrTooManyRooms)
	_, err = n.Leave(ctx, alice, 1)
	must(t, err)
	_, err = n.Start(ctx, bob, Clean("late"))
	must(t, err)
}
