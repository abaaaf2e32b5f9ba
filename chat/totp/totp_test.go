package totp

import (
	"bytes"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	peer "github.com/pquerna/otp/totp"
)

// rfcSecret is that of RFC 6238, appendix B, for SHA-1: "12345678901234567890".
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodeOfRFC(t *testing.T) {
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := Code(rfcSecret, StepAt(time.Unix(at, 0))); got != want || err != nil {
			t.Errorf("at %d: %q, %v, want %q", at, got, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	at := func(step int64) time.Time { return time.Unix(step*30+7, 0) }
	code := func(step int64) string {
		c, err := Code(rfcSecret, step)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	tests := []struct {
		name, typed string
		now, after  int64
		want        int64
		ok          bool
	}{
		{"of now", code(100), 100, 0, 100, true},
		{"in two groups", code(100)[:3] + " " + code(100)[3:], 100, 0, 100, true},
		{"with a dash", code(100)[:3] + "-" + code(100)[3:], 100, 99, 100, true},
		{"the one before", code(99), 100, 0, 99, true},
		{"the next", code(101), 100, 0, 101, true},
		{"used", code(100), 100, 100, 0, false},
		{"the one before, used", code(99), 100, 99, 0, false},
		{"of now, after the next was used", code(100), 100, 101, 0, false},
		{"too old", code(98), 100, 0, 0, false},
		{"too early", code(102), 100, 0, 0, false},
		{"empty", "", 100, 0, 0, false},
		{"a digit too few", code(100)[:5], 100, 0, 0, false},
		{"a digit too many", code(100) + "0", 100, 0, 0, false},
		{"before 1970", "287082", -5, -100, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := Find(rfcSecret, tt.typed, at(tt.now), tt.after); got != tt.want || ok != tt.ok {
				t.Errorf("got %d, %v, want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
	for _, damaged := range []string{"", "GEZDGNBV", strings.ToLower(rfcSecret), rfcSecret + "A",
		rfcSecret[:31] + "1"} {
		if _, ok := Find(damaged, "287082", at(1), 0); ok || Check(damaged) == nil {
			t.Errorf("the secret %q opens something", damaged)
		}
	}
}

func TestURL(t *testing.T) {
	for _, tt := range []struct{ issuer, user string }{{"Parley", "alice"}, {"Internet Chat Server", "b.o-b_1"},
		{"Tea & Cake+: café?#/%;=", "alice"}} {
		secret, err := New(rand.Reader)
		if err != nil || Check(secret) != nil {
			t.Fatal(secret, err)
		}
		link := URL(tt.issuer, tt.user, secret)
		key, err := otp.NewKeyFromURL(link)
		if err != nil {
			t.Fatal(err)
		}
		issuer := strings.ReplaceAll(tt.issuer, ":", "")
		if key.Type() != "totp" || key.Secret() != secret || key.AccountName() != tt.user || key.Issuer() != issuer ||
			key.Period() != 30 || key.Digits() != otp.DigitsSix || key.Algorithm() != otp.AlgorithmSHA1 {
			t.Errorf("%s is read as %q of %q, %q", link, key.AccountName(), key.Issuer(), key.Secret())
		}
		if u, err := url.Parse(link); err != nil || !strings.HasPrefix(u.Path, "/"+issuer+":") {
			t.Errorf("%s: %v", link, err)
		}
		// Another's code for the same secret is the same.
		now := time.Now()
		theirs, err := peer.GenerateCode(secret, now)
		if _, ok := Find(secret, theirs, now, 0); !ok || err != nil {
			t.Errorf("the code %s of a device is not known, %v", theirs, err)
		}
	}
	if got := Grouped("ABCDEFGHIJ"); got != "ABCD EFGH IJ" {
		t.Errorf("in groups: %q", got)
	}
	if _, err := New(bytes.NewReader(make([]byte, 3))); err == nil {
		t.Error("too little randomness makes a secret")
	}
}

func FuzzNormal(f *testing.F) {
	for _, seed := range []string{"", "123456", "123 456", "123-456", " 1 2 3 4 5 6 ", "12345", "1234567", "１２３４５６",
		"12345\x00", "-123456", "+12345", "0x1234"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := Normal(typed)
		if !ok {
			if code != "" {
				t.Fatalf("%q is no code, and is %q", typed, code)
			}
			return
		}
		if again, ok := Normal(code); !ok || again != code || len(code) != Digits {
			t.Fatalf("%q becomes %q, and that %q", typed, code, again)
		}
		for _, r := range typed {
			if !strings.ContainsRune("0123456789 -", r) {
				t.Fatalf("%q is a code", typed)
			}
		}
	})
}
