package chat

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// notesOf returns in how many rooms something is noted of the user called name: of those that are open at n, and of
// those that are stored.
func notesOf(t *testing.T, n *Node, name string) (open, stored int) {
	t.Helper()
	u := User{ID: skeleton(name)}
	for _, r := range n.desk.Rooms() {
		if r.notes(u) {
			open++
		}
	}
	for r, err := range n.store.List(t.Context(), standingBucket) {
		must(t, err)
		s, err := decodeStanding(r)
		must(t, err)
		if s.room(0).notes(u) {
			stored++
		}
	}
	return open, stored
}

// noteAlice opens the standing rooms tea, to which alice is invited and which is locked, chess, out of which she is
// kept, and go, which she has led, where she has a hook and set the topic, and a room that is none, to which she is
// invited.
func noteAlice(t *testing.T, n *Node, alice, bob *Presence) {
	t.Helper()
	ctx := t.Context()
	for number, name := range []string{"tea", "chess", "go", ""} {
		leads := bob
		if name == "go" {
			leads = alice
		}
		_, err := n.Start(ctx, leads, Clean("topic"))
		must(t, err)
		if name != "" {
			_, err = n.Keep(ctx, AtConsole(), number, name)
			must(t, err)
		}
		switch name {
		case "chess":
			_, err = n.Remove(ctx, bob, number, "alice", Text{}, true)
		case "go":
			_, _, err = n.Hook(ctx, alice, number)
			must(t, err)
			_, err = n.SetTopic(ctx, alice, number, Clean("of hers")) // so that it is stored who leads it
		default:
			_, _, err = n.InviteInto(ctx, bob, number, "alice")
		}
		must(t, err)
	}
	_, err := n.Lock(ctx, bob, 0, true)
	must(t, err)
}

// deletions are the ways in which the account of alice goes. Each returns the node that goes on.
var deletions = []struct {
	name string
	end  func(t *testing.T, n *Node, alice *Presence) *Node
}{
	{"forget-me", func(t *testing.T, n *Node, alice *Presence) *Node {
		proof, err := n.Confirm(t.Context(), alice, secretOf("alice"), false)
		must(t, err)
		must(t, n.ForgetMe(t.Context(), proof))
		if open, stored := notesOf(t, n, "alice"); open != 0 || stored != 0 {
			t.Errorf("something is noted in %d rooms, and in %d that are stored", open, stored)
		}
		time.Sleep(NameRests)
		return n
	}},
	{"by an operator", func(t *testing.T, n *Node, _ *Presence) *Node {
		deleteAlice(t, n)
		return n
	}},
	{"while no server runs", func(t *testing.T, n *Node, alice *Presence) *Node {
		n.Quit(t.Context(), alice, alice.receiver)
		deleteAlice(t, newTestNode(t, Options{Store: n.store})) // at which no room is open
		if _, stored := notesOf(t, n, "alice"); stored != 0 {
			t.Errorf("something is noted in %d rooms that are stored", stored)
		}
		n = newTestNode(t, Options{Store: n.store})
		n.OpenStanding(t.Context(), nil)
		return n
	}},
	{"while no server runs, and rooms wait for the next", func(t *testing.T, n *Node, alice *Presence) *Node {
		store := n.store
		data := stopped(t, n, map[*Presence]*seat{alice: alice.receiver.(*seat), n.here(testUser("bob")): n.here(
			testUser("bob")).receiver.(*seat)})
		deleteAlice(t, newTestNode(t, Options{Store: store}))
		n = newTestNode(t, Options{Hold: testHold, Store: store})
		_, err := n.RestoreSeats(t.Context(), data)
		must(t, err)
		n.OpenStanding(t.Context(), nil)
		return n
	}},
	{"by a process that is killed at once", func(t *testing.T, n *Node, alice *Presence) *Node {
		n.Quit(t.Context(), alice, alice.receiver)
		_, err := n.bury(t.Context(), "alice", n.now(), func(*account) error { return nil })
		must(t, err)
		n = newTestNode(t, Options{Store: n.store})
		must(t, n.sweepAllGraves(t.Context()))
		n.OpenStanding(t.Context(), nil)
		return n
	}},
}

func deleteAlice(t *testing.T, n *Node) { must(t, n.DeleteAccount(t.Context(), AtConsole(), "alice")) }

// TestForgottenInRooms deletes an account in every way there is, and tests that who has the name afterwards may do in
// the rooms what a stranger may.
func TestForgottenInRooms(t *testing.T) {
	for _, tt := range deletions {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				n := newTestNode(t, Options{Hold: testHold})
				alice, _ := come(t, n, "alice")
				bob, _ := come(t, n, "bob")
				noteAlice(t, n, alice, bob)
				if open, stored := notesOf(t, n, "alice"); open != 4 || stored != 3 {
					t.Fatalf("noted in %d rooms, and in %d that are stored: this is no test", open, stored)
				}
				n = tt.end(t, n, alice)
				if open, stored := notesOf(t, n, "alice"); open != 0 || stored != 0 {
					t.Errorf("something is noted in %d rooms, and in %d that are stored", open, stored)
				}
				again, _ := come(t, n, "alice")
				join := func(name string) (Room, error) {
					r, err := n.RoomNamed(ctx, name)
					must(t, err)
					_, err = n.Join(ctx, again, r.Number)
					r, _ = n.desk.Room(r.Number)
					return r, err
				}
				_, err := join("tea")
				wantErr(t, err, ErrRoomLocked)
				_, err = join("chess")
				must(t, err)
				r, err := join("go")
				must(t, err)
				if r.governs(again.User) {
					t.Errorf("she leads a room: %+v", r)
				}
				if len(r.Hooks) > 0 {
					t.Errorf("programs speak for who is gone: %+v", r.Hooks)
				}
				if r.TopicBy.Name != "" || r.Topic.String() != "of hers" {
					t.Errorf("the topic %q is by %q", r.Topic, r.TopicBy.Name)
				}
			})
		})
	}
}

// TestForgottenByUsers does that too, and tests that others have nothing set about who has the name afterwards: neither
// in their accounts nor while they are online.
func TestForgottenByUsers(t *testing.T) {
	for _, tt := range deletions {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				n := newTestNode(t, Options{Hold: testHold, Guests: GuestsChat})
				alice, _ := come(t, n, "alice")
				bob, _ := come(t, n, "bob")
				carol, at := come(t, n, "carol") // who is offline when it happens
				some, _ := guest(t, n)
				register(t, n, "dora")
				for _, p := range []*Presence{bob, carol, some} {
					p.ToldBy(alice.User)
					for _, name := range []string{"alice", "dora"} {
						_, err := n.Block(ctx, p, name)
						must(t, err)
						_, err = n.Watch(ctx, p, name)
						must(t, err)
					}
				}
				n.Quit(ctx, carol, at)
				before := n
				n = tt.end(t, n, alice)
				synctest.Wait()
				if n == before {
					for _, p := range []*Presence{bob, some} {
						p.wantSet(t, "dora")
						if u, ok := p.Partner(); ok {
							t.Errorf("%s would answer %s", p.User.Name, u.Name)
						}
					}
				}
				again, _ := come(t, n, "alice")
				carol, _ = login(t, n, "carol")
				carol.wantSet(t, "dora")
				_, _, err := n.Tell(ctx, again, "carol", Clean("hello"))
				must(t, err)
				a, err := n.account(ctx, "bob")
				must(t, err)
				if len(a.Blocks) != 1 || !slices.Equal(a.Watched, []string{"dora"}) {
					t.Errorf("bob's account has the blocks %v, and watches %v", a.Blocks, a.Watched)
				}
			})
		})
	}
}

// wantSet tests that p blocks and watches just those called so.
func (p *Presence) wantSet(t *testing.T, names ...string) {
	t.Helper()
	if blocked, watched := p.Blocked(), p.Watched(); !slices.Equal(blocked, names) || !slices.Equal(watched, names) {
		t.Errorf("%s blocks %v, and watches %v", p.User.Name, blocked, watched)
	}
}

// A hastyStore calls meanwhile, once, when an account is about to be written.
type hastyStore struct {
	Store
	meanwhile func()
}

func (s *hastyStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if f := s.meanwhile; f != nil && bucket == accountsBucket {
		s.meanwhile = nil
		f()
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// TestForgottenMeanwhile deletes an account while somebody sets something about it.
func TestForgottenMeanwhile(t *testing.T) {
	for name, set := range map[string]func(*Node, context.Context, *Presence, string) (string, error){
		"block": (*Node).Block, "watch": (*Node).Watch,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, store := t.Context(), &hastyStore{Store: NewMemoryStore()}
			n := newTestNode(t, Options{Store: store})
			bob, _ := come(t, n, "bob")
			register(t, n, "alice")
			store.meanwhile = func() { // those who have set something have been gone through by now
				_, err := n.bury(ctx, "alice", n.now(), func(*account) error { return nil })
				must(t, err)
			}
			_, err := set(n, ctx, bob, "alice")
			wantErr(t, err, ErrNoUser)
			bob.wantSet(t)
			a, err := n.account(ctx, "bob")
			must(t, err)
			if len(a.Blocks)+len(a.Watched) > 0 {
				t.Errorf("bob's account has the blocks %v, and watches %v", a.Blocks, a.Watched)
			}
		})
	}
}

// TestSeatOfDeleted tests that a seat that was kept over a restart is nobody's whose account was made meanwhile, under
// the name of one that was deleted.
func TestSeatOfDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		n := newTestNode(t, Options{Hold: testHold, Store: store})
		alice, atAlice := come(t, n, "alice")
		bob, atBob := come(t, n, "bob")
		_, _, err := n.Tell(t.Context(), bob, "alice", Clean("secret"))
		must(t, err)
		data := stopped(t, n, map[*Presence]*seat{alice: atAlice, bob: atBob})
		time.Sleep(time.Second)
		between := newTestNode(t, Options{Store: store})
		deleteAlice(t, between)
		register(t, between, "alice")
		n = restarted(t, store, data, 1)
		again, _ := login(t, n, "alice")
		if unread := again.Take(); len(unread) > 0 {
			t.Errorf("she reads what the one before was told: %v", unread)
		}
	})
}

// TestForgetLetters deletes an account that has left as many letters as one may: who has the name next may leave as
// many, and what the one before has left can be read.
func TestForgetLetters(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	bob, _ := come(t, n, "bob")
	dave, _ := come(t, n, "dave")
	alice, _ := come(t, n, "alice")
	_, err := n.BlockOn(ctx, dave, "alice", BlockTerms{Silent: true})
	must(t, err)
	for range maxMailOfOne {
		for _, to := range []string{"bob", "dave"} {
			_, err := n.SendMail(ctx, alice, to, Clean("hello"))
			must(t, err)
		}
	}
	_, err = n.SendMail(ctx, alice, "bob", Clean("hello"))
	wantErr(t, err, ErrMuchMail)
	deleteAlice(t, n)
	alice, _ = come(t, n, "alice")
	for _, to := range []string{"bob", "dave"} {
		_, err := n.SendMail(ctx, alice, to, Clean("hello again"))
		must(t, err)
	}
	letters, err := n.Mail(ctx, bob)
	if err != nil || len(letters) != maxMailOfOne+1 || letters[0].From.Name != "alice" {
		t.Errorf("bob's letters are %v, %v", letters, err)
	}
}
