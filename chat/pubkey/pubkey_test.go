package pubkey

import (
	"errors"
	"strings"
	"testing"
)

const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqf8OtWCFuUGWXvBlFYq2hDC9hDb2S4TI1bKz0j8Jxt"

// shortRSA is a key of 1,024 bits.
const shortRSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCW1XtHSqHnCNMQYJ+cK1D8SfDmd2YTrRh0moh2UyWzDE6LZFsw27" +
	"lEoBY0KBw+gZt4q3rdg6i6R238keAWUG4vRPjjd/2zhPazcKkguBKI0m2WbVgDoOzN3bfCctekoFcW8gZBNUpjdyh1" +
	"qfN71uY7+IBRljEa4U9EwBD+Zs5v4Q=="

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		comment    string
		err        error
	}{
		{"a key", ed25519, "", nil},
		{"with a comment", ed25519 + " alice at home", "alice at home", nil},
		{"with blanks around it", "  " + ed25519 + "  \n", "", nil},
		{"behind a remark", "# mine\n" + ed25519, "", nil},
		{"nothing", "", "", ErrNoKey},
		{"no key", "hello, everyone", "", ErrNoKey},
		{"half a key", ed25519[:60], "", ErrNoKey},
		{"two keys", ed25519 + "\n" + ed25519, "", ErrNoKey},
		{"another kind than it says", strings.Replace(ed25519, "ssh-ed25519", "ssh-rsa", 1), "", ErrNoKey},
		{"with options", `command="sh" ` + ed25519, "", ErrOptions},
		{"a private key", "-----BEGIN OPENSSH PRIVATE KEY-----", "", ErrPrivate},
		{"a short RSA key", shortRSA, "", ErrWeak},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := Parse(tt.line)
			if !errors.Is(err, tt.err) || k.Comment != tt.comment {
				t.Fatalf("got %+v, %v", k, err)
			}
			if err == nil && (k.Check() != nil || !strings.HasPrefix(k.Fingerprint(), "SHA256:")) {
				t.Errorf("%+v is no key: %q", k, k.Fingerprint())
			}
		})
	}
	for _, k := range []Key{{}, {Kind: "ssh-ed25519"}, {Kind: "ssh-rsa", Blob: []byte("x")}} {
		if k.Check() == nil || k.Fingerprint() != "" {
			t.Errorf("%+v is a key", k)
		}
	}
}

// FuzzParse tests that whatever is taken for a key is one.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"", ed25519, ed25519 + " alice", `command="sh" ` + ed25519, shortRSA, "# x",
		"-----BEGIN OPENSSH PRIVATE KEY-----", "sk-ssh-ed25519@openssh.com AAAA", ed25519 + "\r\n" + ed25519} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		k, err := Parse(line)
		if err != nil {
			if k.Kind != "" || k.Blob != nil || k.Comment != "" {
				t.Errorf("%q is refused, and is %+v", line, k)
			}
			return
		}
		if err := k.Check(); err != nil {
			t.Errorf("%q is %+v: %v", line, k, err)
		}
	})
}
