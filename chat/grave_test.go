package chat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/totp"
)

// errDead is what a store returns whose process was killed.
var errDead = errors.New("killed")

// A mortalStore dies before its write of that number, counted from the one after born, and writes nothing more.
type mortalStore struct {
	Store
	left int // writes
	dead bool
}

func (s *mortalStore) dies() bool {
	if s.left--; s.left < 0 {
		s.dead = true
	}
	return s.dead
}

func (s *mortalStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if s.dies() {
		return 0, errDead
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

func (s *mortalStore) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if s.dies() {
		return errDead
	}
	return s.Store.Delete(ctx, bucket, key, revision)
}

// TestKilledAtEachWrite has the process die before each of the writes by which an account changes: after the start it
// is as it was before, or as it is afterwards, and never between.
func TestKilledAtEachWrite(t *testing.T) {
	type play struct {
		name string
		do   func(ctx context.Context, n *Node, me *Presence, secret string, recovery []string) error
	}
	prove := func(ctx context.Context, n *Node, typed string) (Proof, error) {
		return n.Authenticate(ctx, Try{Name: "alice", Typed: typed, Source: netip.IPv6Loopback()})
	}
	code := func(secret string) string {
		c, _ := totp.Code(secret, totp.StepAt(time.Now()))
		return c
	}
	plays := []play{
		{"passwd", func(ctx context.Context, n *Node, _ *Presence, secret string, _ []string) error {
			p, err := prove(ctx, n, code(secret))
			if err == nil {
				err = n.ChangePassword(ctx, p, "battery staple")
			}
			return err
		}},
		{"forget-me", func(ctx context.Context, n *Node, _ *Presence, _ string, recovery []string) error {
			p, err := prove(ctx, n, recovery[0])
			if err == nil {
				err = n.ForgetMe(ctx, p)
			}
			return err
		}},
		{"delete", func(ctx context.Context, n *Node, _ *Presence, _ string, _ []string) error {
			return n.DeleteAccount(ctx, AtConsole(), "alice")
		}},
		{"reset", func(ctx context.Context, n *Node, _ *Presence, secret string, _ []string) error {
			made, err := n.Reset(ctx, AtConsole(), "alice")
			if err != nil {
				return err
			}
			p, err := prove(ctx, n, made.Code+" "+code(secret))
			if err == nil {
				err = n.ChangePassword(ctx, p, "battery staple")
			}
			return err
		}},
		{"totp off", func(ctx context.Context, n *Node, me *Presence, secret string, _ []string) error {
			return n.EndTOTP(ctx, me, code(secret))
		}},
	}
	for _, p := range plays {
		for writes := 0; ; writes++ {
			done := false
			t.Run(fmt.Sprint(p.name, " ", writes), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := t.Context()
					store := &mortalStore{Store: NewMemoryStore(), left: 1 << 30}
					n := newTestNode(t, Options{Store: store})
					alice, s := come(t, n, "alice")
					bob, _ := come(t, n, "bob")
					_, err := n.SendMail(ctx, bob, "alice", Clean("hello"))
					must(t, err)
					_, err = n.Start(ctx, bob, Clean("tea"))
					must(t, err)
					_, err = n.Keep(ctx, AtConsole(), 0, "tea")
					must(t, err)
					_, _, err = n.InviteInto(ctx, bob, 0, "alice")
					must(t, err)
					secret, recovery := startTOTP(t, n, alice)
					before := mustAccount(t, n, "alice")

					store.left = writes
					err = p.do(ctx, n, alice, secret, recovery)
					done = err == nil && !store.dead
					n.Quit(ctx, alice, s)
					n.Close()

					again := newTestNode(t, Options{Store: store.Store})
					must(t, again.sweepAllGraves(ctx))
					after, err := again.account(ctx, "alice")
					if errors.Is(err, ErrNoUser) {
						if p.name != "forget-me" && p.name != "delete" {
							t.Fatal("the account is gone")
						}
						if _, err := store.Get(ctx, mailBucket, "allce"); !errors.Is(err, ErrNotFound) {
							t.Errorf("letters are left: %v", err)
						}
						if _, stored := notesOf(t, again, "alice"); stored != 0 {
							t.Error("a standing room knows her still")
						}
						want := error(nil)
						if p.name == "forget-me" {
							want = ErrNameRests
						}
						if err := again.nameFree(ctx, "alice"); !errors.Is(err, want) {
							t.Errorf("the name: %v, want %v", err, want)
						}
						return
					}
					must(t, err)
					if letters := again.unreadMail(ctx, after); letters != 1 {
						t.Errorf("an account with %d letters", letters)
					}
					same := after.Hash == before.Hash
					if p.name != "totp off" && after.TOTP == nil || same != after.chosen().Equal(before.chosen()) ||
						!same && after.Reset != nil {
						t.Errorf("an account between two states: %+v", after)
					}
				})
			})
			if done || writes > 20 {
				if writes == 0 || writes > 20 {
					t.Errorf("%s: %d writes prove nothing", p.name, writes)
				}
				break
			}
		}
	}
}

// TestForgetMe tests who has the name of an account that its user has deleted, and what the next owner finds.
func TestForgetMe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		alice, s := come(t, n, "alice")
		bob, _ := come(t, n, "bob")
		_, err := n.SendMail(ctx, bob, "alice", Clean("hello"))
		must(t, err)
		_, err = n.Mute(ctx, AtConsole(), "alice", 0, Clean(""))
		must(t, err)
		must(t, n.Promote(ctx, AtConsole(), "alice"))
		proof, err := n.Confirm(ctx, alice, secretOf("alice"), false)
		must(t, err)
		wantErr(t, n.MayForget(ctx, alice.User), ErrLastOperator)
		wantErr(t, n.ForgetMe(ctx, proof), ErrLastOperator)
		must(t, n.Promote(ctx, AtConsole(), "bob"))
		must(t, n.ForgetMe(ctx, proof))
		wantErr(t, s.ended(), ErrForgotten)
		n.Quit(ctx, alice, s)
		wantErr(t, n.ForgetMe(ctx, proof), ErrProofGone)
		_, _, err = n.Login(ctx, "alice", secretOf("alice"), new(seat))
		wantErr(t, err, ErrLogin)
		if users, err := n.Accounts(ctx); err != nil || len(users) != 1 {
			t.Errorf("accounts: %+v, %v", users, err)
		}
		if _, err := n.store.Get(ctx, mailBucket, "allce"); !errors.Is(err, ErrNotFound) {
			t.Errorf("her letters: %v", err)
		}
		for _, name := range []string{"alice", "ALICE", "al1ce"} {
			wantErr(t, n.Register(ctx, AtConsole(), name, "open sesame"), ErrNameRests)
			wantErr(t, n.AddUser(ctx, AtConsole(), name, "open sesame"), ErrNameRests)
		}
		time.Sleep(NameRests - time.Minute)
		wantErr(t, n.Register(ctx, AtConsole(), "alice", "open sesame"), ErrNameRests)
		time.Sleep(time.Minute)
		must(t, n.Register(ctx, AtConsole(), "alice", "open sesame"))
		again, _, err := n.Login(ctx, "alice", "open sesame", new(seat))
		must(t, err)
		letters, err := n.Mail(ctx, again)
		if err != nil || len(letters) != 0 || again.Operator() {
			t.Errorf("the next of that name: %d letters, %v", len(letters), err)
		}
		if _, muted, err := n.mutes.Find(ctx, again.User.ID); muted || err != nil {
			t.Errorf("the next of that name is muted, %v", err)
		}
	})
}

// TestAddRestedName makes an account of a name that has rested for long enough, on the word of an operator.
func TestAddRestedName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{})
		register(t, n, "alice")
		proof, err := n.Authenticate(t.Context(), Try{Name: "alice", Typed: secretOf("alice")})
		must(t, err)
		must(t, n.ForgetMe(t.Context(), proof))
		wantErr(t, n.AddUser(t.Context(), AtConsole(), "alice", secretOf("alice")), ErrNameRests)
		time.Sleep(NameRests)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		must(t, n.AddUser(ctx, AtConsole(), "alice", secretOf("alice")))
		login(t, n, "alice")
	})
}

// A closedDesk reaches nobody with an order as long as it is closed.
type closedDesk struct {
	Desk
	closed bool
}

func (d *closedDesk) All(ctx context.Context, o *Order) ([]Answer, error) {
	if d.closed {
		return nil, ErrNoDesk
	}
	return d.Desk.All(ctx, o)
}

// TestNameOfOneOnline deletes an account whose user cannot be sent away: nobody has the name before that is done.
func TestNameOfOneOnline(t *testing.T) {
	ctx := t.Context()
	d := &closedDesk{Desk: NewMemoryDesk()}
	n := newTestNode(t, Options{Desk: d})
	_, s := come(t, n, "alice")
	d.closed = true
	must(t, n.DeleteAccount(ctx, AtConsole(), "alice"))
	if s.ended() != nil {
		t.Fatal("she was sent away: this is no test")
	}
	wantErr(t, n.Register(ctx, AtConsole(), "alice", "s3cret"), ErrNoDesk)
	d.closed = false
	must(t, n.Register(ctx, AtConsole(), "alice", "s3cret"))
	wantErr(t, s.ended(), ErrForgotten)
}
