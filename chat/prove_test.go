package chat

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"parley/chat/totp"
)

// codeAt returns the code of secret so many steps from now.
func codeAt(t testing.TB, secret string, steps int64) string {
	t.Helper()
	code, err := totp.Code(secret, totp.StepAt(time.Now())+steps)
	must(t, err)
	return code
}

// startTOTP puts one-time codes in force for p, and waits until the code of then is an old one.
func startTOTP(t testing.TB, n *Node, p *Presence) (secret string, recovery []string) {
	t.Helper()
	secret, err := n.BeginTOTP(t.Context(), p)
	must(t, err)
	recovery, err = n.StartTOTP(t.Context(), p, secret, codeAt(t, secret, 0))
	must(t, err)
	time.Sleep(2 * totp.Period)
	return secret, recovery
}

// TestWaysIn tests what opens an account, with and without one-time codes, on a door that encrypts and on one that does
// not.
func TestWaysIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{})
		alice, _ := come(t, n, "alice")
		const odd = "secret 123456" // a password whose end looks like a code
		must(t, n.Register(ctx, AtConsole(), "odd", odd))
		oddly, _, err := n.Login(ctx, "odd", odd, new(seat))
		must(t, err)
		try := func(name, typed string, encrypted bool) (Proof, error) {
			return n.Authenticate(ctx, Try{Name: name, Typed: typed, Source: netip.IPv6Loopback(),
				Encrypted: encrypted})
		}
		check := func(name, typed string, encrypted bool, want error) {
			t.Helper()
			proof, err := try(name, typed, encrypted)
			if !errors.Is(err, want) {
				t.Errorf("%s, %q, encrypted %v: %v, want %v", name, typed, encrypted, err, want)
			}
			if err != nil && proof != (Proof{}) {
				t.Errorf("%s, %q: refused with a proof", name, typed)
			}
		}
		pw := secretOf("alice")
		for _, encrypted := range []bool{false, true} {
			check("alice", pw, encrypted, nil)
			check("alice", pw+" 123456", encrypted, ErrLogin)
			check("alice", "123456", encrypted, ErrLogin)
			check("odd", odd, encrypted, nil)
			check("odd", "secret", encrypted, ErrLogin)
		}
		secret, recovery := startTOTP(t, n, alice)
		oddSecret, _ := startTOTP(t, n, oddly)
		code := func() string {
			time.Sleep(2 * totp.Period)
			return codeAt(t, secret, 0)
		}
		oddCode := func() string { code(); return codeAt(t, oddSecret, 0) }

		check("alice", pw, false, ErrLogin)
		check("alice", pw+" "+code(), false, ErrLogin)
		check("alice", code(), false, nil)
		check("alice", pw, true, ErrNeedsCode)
		check("alice", code(), true, ErrLogin)
		check("alice", "wrong "+code(), true, ErrLogin)
		check("alice", pw+" "+code(), true, nil)
		// Two blanks are another password.
		check("alice", pw+"  "+code()[:3]+" "+codeAt(t, secret, 0)[3:]+" ", true, ErrLogin)
		check("alice", pw+" "+code()[:3]+" "+codeAt(t, secret, 0)[3:], true, nil)
		check("alice", pw+" 000000", true, ErrLogin)
		check("alice", recovery[0], true, ErrLogin)
		check("alice", pw+" "+strings.ReplaceAll(strings.ToLower(recovery[0]), "-", " "), true, nil)
		check("alice", pw+" "+recovery[0], true, ErrLogin)
		check("alice", recovery[1], false, nil)
		check("alice", recovery[1], false, ErrLogin)
		check("odd", odd, true, ErrNeedsCode)
		check("odd", odd+" "+oddCode(), true, nil)
		check("odd", oddCode(), false, nil)

		proof, err := try("alice", pw+" "+code(), true)
		must(t, err)
		if !proof.Mark.FoundIn("it is " + pw) {
			t.Error("the password is not known by the proof")
		}
		// An operator's code stands for the password alone.
		made, err := n.Reset(ctx, AtConsole(), "ALICE")
		must(t, err)
		if made.User != "alice" || made.Disabled {
			t.Errorf("made %+v", made)
		}
		for _, encrypted := range []bool{false, true} {
			check("alice", made.Code, encrypted, ErrNeedsCode)
			check("alice", made.Code+" 000000", encrypted, ErrLogin)
			check("alice", made.Code+" "+code(), encrypted, nil)
		}
		must(t, n.Disable(ctx, AtConsole(), "alice"))
		check("alice", made.Code+" "+code(), false, ErrLogin)
		check("alice", code(), false, ErrLogin)
		if made, err = n.Reset(ctx, AtConsole(), "alice"); err != nil || !made.Disabled {
			t.Errorf("made %+v, %v", made, err)
		}
		check("alice", made.Code+" "+code(), false, ErrLogin)
		must(t, n.Enable(ctx, AtConsole(), "alice"))
		_, err = n.Ban(ctx, AtConsole(), target("alice"), 0, Clean(""))
		must(t, err)
		check("alice", "x", false, ErrLogin) // nobody learns of a ban for nothing
		check("alice", "000000", false, ErrLogin)
		last := code()
		check("alice", last, false, ErrBanned)
		must(t, func() error { _, err := n.Unban(ctx, AtConsole(), target("alice")); return err }())
		check("alice", last, false, nil) // who was refused has used up nothing
	})
}

// TestProofs tests when a proof is worth nothing any more.
func TestProofs(t *testing.T) {
	ctx := t.Context()
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	prove := func(typed string) Proof {
		t.Helper()
		proof, err := n.Confirm(ctx, alice, typed, false)
		must(t, err)
		return proof
	}
	first := prove(secretOf("alice"))
	must(t, n.Holds(ctx, first))
	must(t, n.ChangePassword(ctx, first, "correct horse"))
	wantErr(t, n.Holds(ctx, first), ErrProofGone)
	wantErr(t, n.ChangePassword(ctx, first, "battery staple"), ErrProofGone)
	_, err := n.Confirm(ctx, alice, secretOf("alice"), false)
	wantErr(t, err, ErrWrongPassword)

	second := prove("correct horse")
	must(t, n.SetPassword(ctx, AtConsole(), "alice", "correct horse")) // the same, and yet another
	wantErr(t, n.Holds(ctx, second), ErrProofGone)

	made, err := n.Reset(ctx, AtConsole(), "alice")
	must(t, err)
	third, fourth := prove(made.Code), prove(made.Code)
	if !third.Reset || third.Mark != nil {
		t.Errorf("proof %+v", third)
	}
	wantErr(t, n.ChangePassword(ctx, third, "alice"), ErrPasswordIsName) // which uses up nothing
	_, _, err = n.Login(ctx, "alice", made.Code, new(seat))
	wantErr(t, err, ErrLogin) // not without a new password
	must(t, n.ChangePassword(ctx, third, "battery staple"))
	wantErr(t, n.ChangePassword(ctx, fourth, "correct horse"), ErrProofGone)
	_, err = n.Confirm(ctx, alice, made.Code, false)
	wantErr(t, err, ErrWrongPassword)

	old, err := n.Reset(ctx, AtConsole(), "alice")
	must(t, err)
	fifth := prove(old.Code)
	_, err = n.Reset(ctx, AtConsole(), "alice")
	must(t, err)
	wantErr(t, n.ChangePassword(ctx, fifth, "correct horse"), ErrProofGone)

	sixth := prove("battery staple")
	must(t, n.DeleteAccount(ctx, AtConsole(), "alice"))
	wantErr(t, n.Holds(ctx, sixth), ErrProofGone)
	register(t, n, "alice")
	wantErr(t, n.Holds(ctx, sixth), ErrProofGone)
	wantErr(t, n.ChangePassword(ctx, sixth, "correct horse"), ErrProofGone)

	g, _ := guest(t, n)
	_, err = n.Confirm(ctx, g, "x", false)
	wantErr(t, err, ErrNoOwnAccount)
	_, err = n.BeginTOTP(ctx, g)
	wantErr(t, err, ErrNoOwnAccount)
	_, err = n.StartTOTP(ctx, g, "", "")
	wantErr(t, err, ErrNoOwnAccount)
	wantErr(t, n.EndTOTP(ctx, g, ""), ErrNoOwnAccount)
	_, err = n.Reset(ctx, By(g), "alice")
	wantErr(t, err, ErrOperatorsOnly)
	_, err = n.StopTOTP(ctx, By(g), "alice")
	wantErr(t, err, ErrOperatorsOnly)
}

// TestCodeAtOnce has twelve log in with one code at once, on three nodes: one of them gets in.
func TestCodeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		nodes := []*Node{newTestNode(t, Options{Store: store}), newTestNode(t, Options{Store: store}),
			newTestNode(t, Options{Store: store})}
		alice, _ := come(t, nodes[0], "alice")
		secret, recovery := startTOTP(t, nodes[0], alice)
		for _, code := range []string{codeAt(t, secret, 0), codeAt(t, secret, 1), recovery[0]} {
			var opened atomic.Int32
			var trying sync.WaitGroup
			for i := range 12 {
				trying.Go(func() {
					_, err := nodes[i%3].Authenticate(t.Context(), Try{Name: "alice", Typed: code,
						Source: netip.IPv6Loopback()})
					if err == nil {
						opened.Add(1)
					} else if !errors.Is(err, ErrLogin) {
						t.Error(err)
					}
				})
			}
			trying.Wait()
			if n := opened.Load(); n != 1 {
				t.Errorf("the code %s has opened the account %d times", code, n)
			}
		}
	})
}

// TestCodesSpendTheBudget tests that a wrong code costs what a wrong password does, at the login and to end codes.
func TestCodesSpendTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		n := newTestNode(t, Options{Exempt: Sources{}})
		register(t, n, "alice")
		alice, _, err := n.Login(ctx, "alice", secretOf("alice"), from("198.51.100.1"))
		must(t, err)
		secret, _ := startTOTP(t, n, alice)
		elsewhere := Try{Name: "alice", Source: netip.MustParseAddr("203.0.113.5")}
		for i := range 8 {
			elsewhere.Typed = fmt.Sprintf("00000%d", i)
			if i >= 5 {
				elsewhere.Typed = codeAt(t, secret, 0)
			}
			_, err := n.Authenticate(ctx, elsewhere)
			want := ErrLogin
			if i >= 5 {
				want = ErrManyTries
			}
			wantErr(t, err, want)
		}
		for i := range 12 {
			want := ErrWrongCode
			if i >= 10 {
				want = ErrManyTries
			}
			wantErr(t, n.EndTOTP(ctx, alice, fmt.Sprintf("0000%02d", i)), want)
		}
		time.Sleep(10 * time.Minute)
		must(t, n.EndTOTP(ctx, alice, codeAt(t, secret, 0)))
		wantErr(t, n.EndTOTP(ctx, alice, codeAt(t, secret, 0)), ErrTOTPOff)
		_, err = n.StopTOTP(ctx, AtConsole(), "alice")
		wantErr(t, err, ErrNoTOTP)
	})
}

// TestNoCodeTwice tests by whatever happens in whatever order that no code works twice: no one-time code, no recovery
// code, no code of an operator's.
func TestNoCodeTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			store := NewMemoryStore()
			n := New(Options{Store: store, Hash: cheap})
			m := New(Options{Store: store, Hash: cheap})
			defer n.Close()
			defer m.Close()
			alice, _ := come(t, n, "alice")
			secret, recovery := startTOTP(t, n, alice)
			used := make(map[string]bool)
			var resets []string
			for range rapid.IntRange(1, 25).Draw(rt, "steps") {
				node := rapid.SampledFrom([]*Node{n, m}).Draw(rt, "node")
				offset := rapid.Int64Range(-2, 2).Draw(rt, "offset")
				code := codeAt(t, secret, offset)
				name := fmt.Sprint("step ", totp.StepAt(time.Now())+offset)
				switch rapid.IntRange(0, 5).Draw(rt, "what") {
				case 0:
					time.Sleep(time.Duration(rapid.IntRange(1, 45).Draw(rt, "seconds")) * time.Second)
					continue
				case 1:
					made, err := node.Reset(ctx, AtConsole(), "alice")
					must(t, err)
					resets = append(resets, made.Code)
					continue
				case 2:
					code = rapid.SampledFrom(recovery).Draw(rt, "recovery")
					name = code
				}
				typed, key := code, code
				if len(resets) > 0 && rapid.Bool().Draw(rt, "by operator's code") {
					key = rapid.SampledFrom(resets).Draw(rt, "reset")
					typed = key + " " + code
				}
				proof, err := node.Authenticate(ctx, Try{Name: "alice", Typed: typed, Source: netip.IPv6Loopback()})
				switch {
				case err == nil && used[name]:
					rt.Fatalf("%q has worked twice", code)
				case err == nil:
					used[name] = true
				case !errors.Is(err, ErrLogin):
					rt.Fatal(err)
				}
				if err == nil && proof.Reset {
					if used[key] {
						rt.Fatalf("the operator's code %q has worked twice", key)
					}
					if rapid.Bool().Draw(rt, "goes on") {
						must(t, node.ChangePassword(ctx, proof, "correct horse"))
						used[key] = true
					}
				}
			}
		})
	})
}

func FuzzCutCode(f *testing.F) {
	for _, seed := range []string{"", " ", "123456", "pw 123456", "pw 123 456", "pw 123-456", "pw  123456 ", "a b c",
		"4T7K-9QXA-M2VD", "pw 4T7K-9QXA-M2VD", "pw 4t7k 9qxa m2vd", "4T7K-9QXA-M2VD 123456", "\xff 123456", " 123456",
		"pw\t123456"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		before, code := cutCode(line)
		if code == "" {
			if before != line {
				t.Fatalf("%q has no code, and becomes %q", line, before)
			}
			return
		}
		if _, digits := totp.Normal(code); !digits && !looksLikeCode(code) {
			t.Fatalf("%q: %q is no code", line, code)
		}
		if rest := strings.TrimRight(strings.TrimPrefix(line, before+" "+code), " "); rest != "" ||
			!strings.HasPrefix(line, before+" "+code) || strings.Trim(before, " ") == "" {
			t.Fatalf("%q becomes %q and %q", line, before, code)
		}
	})
}
