package chat

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// storedAccounts returns what the store of n holds of accounts.
func storedAccounts(t *testing.T, n *Node) []string {
	t.Helper()
	var all []string
	for r, err := range n.store.List(t.Context(), accountsBucket) {
		must(t, err)
		all = append(all, string(r.Value))
	}
	return all
}

// seal returns lines as an export whose trailer is right.
func seal(lines ...string) []byte {
	head := `{"export":"parley accounts","version":1}` + "\n"
	body := head + strings.Join(lines, "\n")
	if len(lines) > 0 {
		body += "\n"
	}
	return fmt.Appendf(nil, "%s{\"accounts\":%d,\"sha256\":\"%x\"}\n", body, len(lines), sha256.Sum256([]byte(body)))
}

const cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng"

func TestExportImport(t *testing.T) {
	from := New(Options{Hash: HashParams{Memory: 8, Time: 1}})
	defer from.Close()
	for _, name := range []string{"alice", "Bob", "carol"} {
		must(t, from.Register(t.Context(), AtConsole(), name, secretOf(name)))
	}
	_, err := from.changeAccount(t.Context(), "bob", func(a *account) error {
		a.Info, a.Blocks = "<b> & done", []block{{Name: "carol", ID: "carol"}}
		return nil
	})
	must(t, err)
	var export bytes.Buffer
	if n, err := from.Export(t.Context(), &export); n != 3 || err != nil {
		t.Fatalf("Export: %d, %v", n, err)
	}

	to := New(Options{Hash: HashParams{Memory: 8, Time: 1}})
	defer to.Close()
	for _, added := range []bool{true, false} { // twice is once
		var got []Imported
		must(t, to.Import(t.Context(), bytes.NewReader(export.Bytes()), func(i Imported) { got = append(got, i) }))
		if want := []Imported{{"alice", added, nil}, {"Bob", added, nil}, {"carol", added, nil}}; !slices.Equal(got,
			want) {
			t.Errorf("Import: got %v, want %v", got, want)
		}
		if got, want := storedAccounts(t, to), storedAccounts(t, from); !slices.Equal(got, want) {
			t.Errorf("accounts: got %q, want %q", got, want)
		}
	}
	form, _, err := to.hasher.Verify(t.Context(), netip.Addr{}, mustAccount(t, to, "bob").Hash, "pw of Bob")
	if form != 0 || err != nil {
		t.Errorf("the password of an imported account does not fit: %v", err)
	}
}

func mustAccount(t *testing.T, n *Node, name string) *account {
	t.Helper()
	a, err := n.account(t.Context(), name)
	must(t, err)
	return a
}

// TestImportChecks imports accounts that a register would refuse.
func TestImportChecks(t *testing.T) {
	n := New(Options{Hash: HashParams{Memory: 8, Time: 1}, Reserved: []string{"shout"}})
	defer n.Close()
	must(t, n.Register(t.Context(), AtConsole(), "alice", "open sesame"))
	before := storedAccounts(t, n)
	line := func(name, hash string) string {
		return fmt.Sprintf(`{"name":%q,"hash":%q,"registered":"2000-01-01T00:00:00Z","later":{"is":"ignored"}}`, name,
			hash)
	}
	for _, tt := range []struct {
		name string
		line string
		want error
	}{
		{"reserved", line("SH0UT", cheapHash), ErrReservedName},
		{"nobody's", line("Admin", cheapHash), ErrReservedName},
		{"guest", line("guest7", cheapHash), ErrReservedName},
		{"taken", line("ALICE", cheapHash), ErrNameTaken},
		{"look-alike", line("a1ice", cheapHash), ErrLookAlike},
		{"digit first", line("1st", cheapHash), ErrBadName},
		{"no name", line("", cheapHash), ErrBadName},
		{"no letters", line("аlice", cheapHash), ErrBadName},
		{"no hash", line("dave", ""), ErrBadAccount},
		{"a hash that takes the machine", line("dave", strings.Replace(cheapHash, "m=8", "m=99999999", 1)),
			ErrBadAccount},
		{"no account", `["dave"]`, ErrBadAccount},
		{"deleted", strings.Replace(line("dave", cheapHash), "{", `{"free":"2030-01-01T00:00:00Z",`, 1), ErrBadAccount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []Imported
			must(t, n.Import(t.Context(), bytes.NewReader(seal(tt.line)), func(i Imported) { got = append(got, i) }))
			if len(got) != 1 || got[0].Added || !errors.Is(got[0].Err, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if after := storedAccounts(t, n); !slices.Equal(before, after) {
		t.Errorf("the store changed from %q to %q", before, after)
	}
	must(t, n.Import(t.Context(), bytes.NewReader(seal(line("dave", cheapHash))), nil))
	mustAccount(t, n, "dave")
}

// TestImportDamage cuts and flips an export at every place: it is refused whole, or says the same.
func TestImportDamage(t *testing.T) {
	whole := seal(`{"name":"alice","hash":"`+cheapHash+`"}`, `{"name":"bob","hash":"`+cheapHash+`"}`)
	if _, err := exportedAccounts(whole); err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		if _, err := exportedAccounts(whole[:at]); !errors.Is(err, ErrBadExport) {
			t.Errorf("cut at %d: got %v, want ErrBadExport", at, err)
		}
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1
		if _, err := exportedAccounts(flipped); !errors.Is(err, ErrBadExport) {
			t.Errorf("flipped at %d (%q): got %v, want ErrBadExport", at, flipped[at], err)
		}
	}
	for name, export := range map[string][]byte{
		"empty": nil, "no accounts, no end": []byte("{}\n"), "text": []byte("hello\nworld\n"),
		"followed by more": append(bytes.Clone(whole), "{}\n"...),
		"twice":            append(bytes.Clone(whole), whole...), "newer": bytes.Replace(seal(), []byte(`"version":1`),
			[]byte(`"version":2`), 1),
		"long": bytes.Repeat([]byte("\n"), MaxExport+1),
	} {
		n := New(Options{})
		if err := n.Import(t.Context(), bytes.NewReader(export), nil); !errors.Is(err, ErrBadExport) {
			t.Errorf("%s: got %v, want ErrBadExport", name, err)
		}
		n.Close()
	}
}
