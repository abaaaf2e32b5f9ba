package chat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/budget"
	"parley/chat/passwd"
)

func from(addr string) *seat { return &seat{source: netip.MustParseAddr(addr)} }

// tryLogin logs in and out again, and returns the error.
func tryLogin(t testing.TB, n *Node, name, password, addr string) error {
	t.Helper()
	s := from(addr)
	p, _, err := n.Login(t.Context(), name, password, s)
	if err == nil {
		n.Quit(t.Context(), p, s)
	}
	return err
}

// looked returns how many wrong passwords were really looked at.
func looked(n *Node) uint64 {
	s := n.Stats(context.Background())
	return s.Refused - s.Unchecked
}

// TestGuesses has 50 addresses guess one account's password 10,000 times: the promise of SECURITY.md.
func TestGuesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, Options{Exempt: Sources{}})
		register(t, n, "alice")
		must(t, tryLogin(t, n, "alice", secretOf("alice"), "198.51.100.1"))
		for i := range 10_000 {
			err := tryLogin(t, n, "alice", "guess", fmt.Sprintf("203.0.113.%d", i%50))
			if !errors.Is(err, ErrLogin) && !errors.Is(err, ErrManyTries) {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // in all a quarter of an hour
			if i%1000 == 999 {
				must(t, tryLogin(t, n, "alice", secretOf("alice"), "198.51.100.1"))
				// where nobody knows the owner
				wantErr(t, tryLogin(t, n, "ALICE", secretOf("alice"), "203.0.113.99"), ErrManyTries)
			}
		}
		if got := looked(n); got > 20 {
			t.Errorf("%d guesses reached the hash", got)
		}
		n.background.Wait()
		a, err := n.account(t.Context(), "alice")
		must(t, err)
		if want := 1; a.Failed != want { // the last, after the owner's last login
			t.Errorf("%d failures recorded, want %d", a.Failed, want)
		}
	})
}

func TestGuessLimits(t *testing.T) {
	type try struct {
		times          int
		account, addr  string
		checked        uint64 // of these
		wait           time.Duration
		right, refused bool
	}
	const home, away = "198.51.100.1", "203.0.113.%d"
	tests := []struct {
		name   string
		exempt Sources
		tries  []try
	}{
		{"one source at one account", Sources{}, []try{
			{times: 9, account: "alice", addr: away, checked: budget.PerPair},
			{times: 1, account: "alice", addr: away, right: true, refused: true},
			{times: 9, account: "bob", addr: away, checked: budget.PerPair},
			{times: 1, account: "alice", addr: away, wait: budget.GuessPeriod, right: true},
		}},
		{"an account that does not exist is treated alike", Sources{}, []try{
			{times: 9, account: "nobody", addr: away, checked: budget.PerPair},
			{times: 9, account: "a1ice", addr: away, checked: budget.PerPair},
			{times: 9, account: "not a name", addr: away, checked: budget.PerPair},
			{times: 9, account: "x\x00", addr: away, checked: 0},
			{times: 9, account: "NOBODY", addr: away, checked: 0},
		}},
		{"one source at all accounts", Sources{}, []try{
			{times: 4, account: "a", addr: away, checked: 4}, {times: 4, account: "b", addr: away, checked: 4},
			{times: 4, account: "c", addr: away, checked: 4},
			{times: 4, account: "d", addr: away, checked: 4}, {times: 4, account: "e", addr: away, checked: 4},
			{times: 4, account: "f", addr: away, checked: 0},
			{times: 1, account: "alice", addr: away, right: true, refused: true},
			{times: 1, account: "alice", addr: "203.0.113.77", right: true},
		}},
		{"IPv6 neighbours are one source", Sources{}, []try{
			{times: 4, account: "alice", addr: "2001:db8::1", checked: 4},
			{times: 4, account: "alice", addr: "2001:db8::2", checked: 1},
			{times: 4, account: "alice", addr: "2001:db8:0:1::1", checked: 4},
		}},
		{"right passwords do not count", Sources{}, []try{
			{times: 4, account: "alice", addr: away, checked: 4},
			{times: 50, account: "alice", addr: away, right: true},
			{times: 50, account: "bob", addr: away, right: true},
		}},
		{"where the owner has logged in", Sources{}, []try{
			{times: 1, account: "alice", addr: home, right: true},
			{times: 9, account: "alice", addr: "203.0.113.1", checked: 5},
			{times: 9, account: "alice", addr: "203.0.113.2", checked: 5},
			{times: 9, account: "alice", addr: "203.0.113.3"},
			{times: 1, account: "alice", addr: "203.0.113.4", right: true, refused: true},
			{times: 20, account: "alice", addr: home, checked: budget.PerKnown},
			{times: 1, account: "alice", addr: home, right: true, refused: true},
			{times: 1, account: "alice", addr: home, wait: budget.GuessPeriod, right: true},
			{times: 1, account: "alice", addr: "203.0.113.4", right: true, refused: true},
			{times: 1, account: "alice", addr: "203.0.113.4", wait: budget.AccountPeriod, right: true},
		}},
		{"exempt", nil, []try{
			{times: 100, account: "alice", addr: "127.0.0.1", checked: 100},
			{times: 1, account: "alice", addr: "127.0.0.1", right: true},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newTestNode(t, Options{Exempt: tt.exempt})
				register(t, n, "alice", "bob")
				for i, try := range tt.tries {
					time.Sleep(try.wait)
					before := looked(n)
					addr := try.addr
					if addr == away {
						addr = "203.0.113.1"
					}
					password := "wrong"
					if try.right {
						password = secretOf(try.account)
					}
					for j := range try.times {
						want := ErrManyTries
						switch {
						case try.right && !try.refused:
							want = nil
						case !try.right && uint64(j) < try.checked:
							want = ErrLogin
						}
						err := tryLogin(t, n, try.account, password, addr)
						if want == nil && err != nil || want != nil && !errors.Is(err, want) {
							t.Errorf("step %d, try %d: %v, want %v", i, j, err, want)
						}
					}
					if got := looked(n) - before; got != try.checked {
						t.Errorf("step %d: %d passwords looked at, want %d", i, got, try.checked)
					}
				}
			})
		})
	}
}

// TestGuessBusy tests that a password that was not looked at for want of time costs nothing.
func TestGuessBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		leave := make(chan struct{})
		n := newTestNode(t, Options{Exempt: Sources{}, Hashing: func(uint32) {
			if full.Load() {
				<-leave
			}
		}})
		register(t, n, "alice")
		full.Store(true)
		var hashing sync.WaitGroup
		defer hashing.Wait()
		defer close(leave)
		for range runtime.GOMAXPROCS(0) {
			hashing.Go(func() { _, _ = n.hasher.Hash(context.Background(), netip.Addr{}, "x") })
		}
		synctest.Wait()
		ctx := context.WithValue(t.Context(), passwd.WaitKey{}, passwd.Wait(func(context.Context, *passwd.Turn) error {
			return passwd.ErrBusy // it would wait for too long
		}))
		for range budget.PerPair + 1 {
			_, err := n.Authenticate(ctx, Try{Name: "alice", Typed: secretOf("alice"),
				Source: netip.MustParseAddr("203.0.113.1")})
			wantErr(t, err, ErrBusy)
		}
		if s := n.Stats(t.Context()); s.Unchecked != 0 || s.Refused != 0 {
			t.Errorf("%d refused, %d unchecked", s.Refused, s.Unchecked)
		}
	})
}

func TestKnownSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewMemoryStore()
		n := newTestNode(t, Options{Store: store, Exempt: Sources{}})
		register(t, n, "alice")
		for i := range maxKnown + 2 {
			must(t, tryLogin(t, n, "alice", secretOf("alice"), fmt.Sprintf("198.51.100.%d", i)))
		}
		must(t, tryLogin(t, n, "alice", secretOf("alice"), "198.51.100.5")) // and is the latest again
		a, err := n.account(t.Context(), "alice")
		must(t, err)
		var got []int
		for _, addr := range a.Sources {
			got = append(got, int(addr.As4()[3]))
		}
		if want := "[5 9 8 7 6 4 3 2]"; fmt.Sprint(got) != want {
			t.Errorf("known sources: %v, want %v", got, want)
		}
		// They are still known after a restart, whatever was guessed.
		n = newTestNode(t, Options{Store: store, Exempt: Sources{}})
		for i := range 100 {
			want := ErrLogin
			if i >= budget.PerAccount {
				want = ErrManyTries
			}
			wantErr(t, tryLogin(t, n, "alice", "wrong", fmt.Sprintf("203.0.113.%d", i)), want)
		}
		wantErr(t, tryLogin(t, n, "alice", secretOf("alice"), "198.51.100.1"), ErrManyTries) // forgotten
		must(t, tryLogin(t, n, "alice", secretOf("alice"), "198.51.100.2"))
	})
}

// TestFailuresCounted tests that every failure is recorded, with few writes.
func TestFailuresCounted(t *testing.T) {
	s := &slowStore{Store: NewMemoryStore(), gate: make(chan struct{}, 1)}
	n := newTestNode(t, Options{Store: s})
	register(t, n, "alice")
	s.slow = true
	const tries = 200
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range tries / 4 {
				if err := tryLogin(t, n, "alice", "wrong", "127.0.0.1"); !errors.Is(err, ErrLogin) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(s.gate)
	n.background.Wait()
	a, err := n.account(t.Context(), "alice")
	must(t, err)
	if a.Failed != tries || s.puts > 2 || len(n.failures) != 0 {
		t.Errorf("%d failures recorded with %d writes, %d left", a.Failed, s.puts, len(n.failures))
	}
}

// TestFailuresSeen tests that who logs in is told of all refused logins before, also of one that is being written.
func TestFailuresSeen(t *testing.T) {
	s := &slowStore{Store: NewMemoryStore(), gate: make(chan struct{}, 1)}
	n := newTestNode(t, Options{Store: s})
	register(t, n, "alice")
	s.slow = true
	for range 3 {
		if err := tryLogin(t, n, "alice", "wrong", "127.0.0.1"); !errors.Is(err, ErrLogin) {
			t.Fatal(err)
		}
	}
	go close(s.gate)
	_, w, err := n.Login(t.Context(), "alice", secretOf("alice"), new(seat))
	must(t, err)
	if w.Failed != 3 {
		t.Errorf("%d of 3 failures were told", w.Failed)
	}
}

// A slowStore writes when its gate opens.
type slowStore struct {
	Store
	slow bool
	gate chan struct{}
	puts int
}

func (s *slowStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if s.slow {
		<-s.gate
		s.puts++
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// TestGuessOverTheBound tests that a guess that is not looked at is answered no faster than one that is.
func TestGuessOverTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const usual = 80 * time.Millisecond
		calls := 0
		n := newTestNode(t, Options{Exempt: Sources{}, Hashing: func(uint32) {
			if calls++; calls%2 == 1 { // the second is when the hash has ended
				time.Sleep(usual)
			}
		}})
		register(t, n, "alice")
		for i := range budget.PerPair + 3 {
			before, start := n.Stats(t.Context()).Unchecked, time.Now()
			want := ErrLogin
			if i >= budget.PerPair {
				want = ErrManyTries
			}
			wantErr(t, tryLogin(t, n, "alice", "wrong", "203.0.113.1"), want)
			if took := time.Since(start); took != usual {
				t.Errorf("guess %d took %v, want %v", i, took, usual)
			}
			if unchecked := n.Stats(t.Context()).Unchecked > before; unchecked != (want == ErrManyTries) {
				t.Errorf("guess %d: unchecked is %v", i, unchecked)
			}
		}
	})
}
