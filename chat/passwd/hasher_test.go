package passwd

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// cheap are the costs of a hash in tests.
var cheap = Params{Memory: 8, Time: 1}

// nowhere is where nobody knows that somebody comes from.
var nowhere netip.Addr

func TestHash(t *testing.T) {
	ctx := t.Context()
	h := NewHasher(cheap, nil)
	hash, err := h.Hash(ctx, nowhere, "s3cret")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatalf("hash = %q, %v", hash, err)
	}
	if other, err := h.Hash(ctx, nowhere, "s3cret"); err != nil || other == hash {
		t.Errorf("hash of the same password under another salt = %q, %v", other, err)
	}
	tests := []struct {
		name      string
		params    Params
		hash      string
		password  string
		ok, stale bool
	}{
		{"right", cheap, hash, "s3cret", true, false},
		{"wrong", cheap, hash, "s3cret ", false, false},
		{"empty", cheap, hash, "", false, false},
		{"no account", cheap, "", "s3cret", false, false},
		{"no account, no password", cheap, "", "", false, false},
		{"more memory today", Params{Memory: 16, Time: 1}, hash, "s3cret", true, true},
		{"more passes today", Params{Memory: 8, Time: 2}, hash, "s3cret", true, true},
		{"less today", Params{Memory: 8, Time: 1, Threads: 1}, strings.Replace(hash, "t=1", "t=2", 1), "s3cret", false,
			false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			form, stale, err := NewHasher(tt.params, nil).Verify(ctx, nowhere, tt.hash, tt.password)
			if form >= 0 != tt.ok || stale != tt.stale || err != nil {
				t.Errorf("verify = %v, %v, %v, want %v, %v", form, stale, err, tt.ok, tt.stale)
			}
		})
	}
}

func TestParamsDefault(t *testing.T) {
	if got, want := NewHasher(Params{}, nil).params, (Params{Memory: 19456, Time: 2, Threads: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestDecoy tests that an unknown user costs the work of a known one: the parameters and sizes are the same.
func TestDecoy(t *testing.T) {
	h := NewHasher(Params{Memory: 16, Time: 3, Threads: 2}, nil)
	hash, err := h.Hash(t.Context(), nowhere, "s3cret")
	if err != nil {
		t.Fatal(err)
	}
	p, salt, key, err := decodePHC(hash)
	dp, dsalt, dkey, derr := decodePHC(h.decoy)
	if err != nil || derr != nil || p != dp || len(salt) != len(dsalt) || len(key) != len(dkey) {
		t.Errorf("the decoy %s costs something else than %s", h.decoy, hash)
	}
}

func TestDecodePHC(t *testing.T) {
	const salt, key = "c2FsdHNhbHRzYWx0c2FsdA", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	good := "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key
	p, gotSalt, gotKey, err := decodePHC(good)
	if err != nil || p != (Params{Memory: 19456, Time: 2, Threads: 1}) || string(gotSalt) != "saltsaltsaltsalt" ||
		string(gotKey) != "12345678901234567890123456789012" {
		t.Fatalf("decodePHC = %v, %q, %q, %v", p, gotSalt, gotKey, err)
	}
	if again := encodePHC(p, gotSalt, gotKey); again != good {
		t.Errorf("encoded again: %s, want %s", again, good)
	}
	with := func(params string) string { return "$argon2id$v=19$" + params + "$" + salt + "$" + key }
	for _, damaged := range []string{
		"", "$", "$$$$$", "s3cret", good[1:], good + "$", "x" + good, strings.TrimSuffix(good, "I"), good + "\n",
		good[:40],
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1),
		with("m=19456,t=2"), with("m=19456,t=2,p=1,x"), with("m= 19456,t=2,p=1"), with("m=+19456,t=2,p=1"),
		with("m=019456,t=2,p=1"), with("t=2,m=19456,p=1"),
		with("m=7,t=2,p=1"), with("m=1048577,t=2,p=1"), with("m=4294967296,t=2,p=1"), with("m=-1,t=2,p=1"),
		with("m=19456,t=0,p=1"), with("m=19456,t=65,p=1"), with("m=19456,t=99999999999,p=1"),
		with("m=19456,t=2,p=0"), with("m=19456,t=2,p=256"),
		"$argon2id$v=19$m=8,t=1,p=1$$" + key, "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$c2hvcnQ",
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "==$" + key, "$argon2id$v=19$m=8,t=1,p=1$" + salt[:21] + "B$" + key,
		"$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat(key, 40),
	} {
		if _, _, _, err := decodePHC(damaged); !errors.Is(err, errPHC) {
			t.Errorf("%q: %v, want a refusal", damaged, err)
		}
		_, _, err := NewHasher(cheap, nil).Verify(t.Context(), nowhere, damaged, "s3cret")
		if damaged != "" && err == nil {
			t.Errorf("verify with %q: no error", damaged)
		}
	}
}

func FuzzDecodePHC(f *testing.F) {
	for _, s := range []string{
		"", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
		"$argon2id$v=19$m=1048576,t=64,p=255$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng", "$argon2id$v=19$m=8,t=1,p=1$$",
		"$$$$$",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, salt, key, err := decodePHC(s)
		if err != nil {
			return
		}
		if p.Memory < 8 || p.Memory > maxMemory || p.Time < 1 || p.Time > maxTime || p.Threads < 1 || len(salt) > 64 ||
			len(key) > 64 {
			t.Fatalf("%q asks for %+v, %d bytes of salt, %d of key", s, p, len(salt), len(key))
		}
		if again := encodePHC(p, salt, key); again != s {
			t.Fatalf("%q encoded again is %q", s, again)
		}
	})
}

// TestPretend tests that a password that is not looked at takes as long as one that is.
func TestPretend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(cheap, nil)
		h.queue.each = 80 * time.Millisecond
		start := time.Now()
		if err := h.Pretend(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 80*time.Millisecond {
			t.Errorf("took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Pretend(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("pretend: %v", err)
		}
	})
	h := NewHasher(cheap, nil)
	start := time.Now()
	_, _, err := h.Verify(t.Context(), nowhere, "", "x")
	if err != nil {
		t.Fatal(err)
	}
	if usual := h.queue.usual(); usual <= 0 || usual > time.Since(start) {
		t.Errorf("the first takes %v, which was less than %v", usual, time.Since(start))
	}
}
