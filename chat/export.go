package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"parley/chat/export"
	"parley/chat/passwd"
	"parley/internal/crash"
	"parley/words"
)

// MaxExport is how long an export may be that [Node.Import] reads, in bytes: some hundred thousand accounts.
const MaxExport = export.Max

// Export writes all accounts to w, as they stand at one moment, and returns how many there are. The letters of users
// are not among that: see [Node.SendMail]. Passwords leave as their hashes alone, and yet the export must be kept as
// safe as the store. It returns the error of ctx, that of w, or one of reading.
func (n *Node) Export(ctx context.Context, w io.Writer) (accounts int, err error) {
	e, err := export.NewWriter(w)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	for a, err := range n.accounts(ctx) {
		if err != nil {
			return 0, fmt.Errorf("export: %w", err)
		}
		if err := e.Write(a); err != nil {
			return 0, fmt.Errorf("export account %q: %w", a.Name, err)
		}
	}
	if accounts, err = e.Close(); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	return accounts, nil
}

// An Imported says what became of one account of an export.
type Imported struct {
	Name string // as it stands in the export, cleaned
	// Added says that the account is now in the store. If it is false and Err is nil, the very same account was there
	// before.
	Added bool
	// Err is why the account was left out: ErrNameTaken if another account has the name, ErrLookAlike, ErrNameRests,
	// ErrBadName, ErrReservedName or ErrBadAccount.
	Err error
}

// Import adds the accounts of an export that are not there yet, and never changes one that is: to import twice is to
// import once. It reads r to its end before it writes anything, and calls report, if not nil, for each account in turn.
// What was reported as added is on disk.
//
// It returns ErrBadExport, and has then added nothing, if the export is cut short, altered, too long or none at all;
// and any error of the store or of ctx, after which an Import of the same export goes on where this one stopped.
func (n *Node) Import(ctx context.Context, r io.Reader, report func(Imported)) error {
	all, err := io.ReadAll(io.LimitReader(r, MaxExport+1))
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	lines, err := exportedAccounts(all)
	if err != nil {
		return err
	}
	for rest := lines; len(rest) > 0; {
		batch := importBatch(rest)
		rest = rest[len(batch):]
		for _, done := range n.importAccounts(ctx, batch) {
			if done.Err != nil && !IsRefusal(done.Err) {
				return fmt.Errorf("import account %q: %w", done.Name, done.Err)
			}
			if report != nil {
				report(done)
			}
		}
	}
	return nil
}

// maxImportBatch is how many accounts are written at once, so that a store can put many on the disk in one go.
const maxImportBatch = 256

// importBatch returns the first lines of rest whose names do not look alike: of those that do the first one is to win.
func importBatch(rest [][]byte) [][]byte {
	seen := make(map[string]bool)
	for i, line := range rest {
		var a struct{ Name string }
		_ = json.Unmarshal(line, &a) // importAccount says what is wrong
		id := skeleton(a.Name)
		if i == maxImportBatch || seen[id] {
			return rest[:i]
		}
		seen[id] = true
	}
	return rest
}

// importAccounts returns what became of each line.
func (n *Node) importAccounts(ctx context.Context, lines [][]byte) []Imported {
	all := make([]Imported, len(lines))
	var importing sync.WaitGroup
	for i, line := range lines {
		all[i].Err = crash.ErrPanic
		// until the store has answered
		start(&importing, n.log, "import", func() { all[i] = n.importAccount(ctx, line) })
	}
	importing.Wait()
	return all
}

// CheckExport returns ErrBadExport unless all is a whole export.
func CheckExport(all []byte) error {
	_, err := exportedAccounts(all)
	return err
}

// exportedAccounts returns the lines of an export that hold accounts, or ErrBadExport.
func exportedAccounts(all []byte) ([][]byte, error) {
	lines, err := export.Read(all)
	switch {
	case errors.Is(err, export.ErrLong):
		err = ErrBadExport.With(words.Say("export long", MaxExport>>20))
	case errors.Is(err, export.ErrCut):
		err = ErrBadExport.With(words.Say("export cut"))
	case errors.Is(err, export.ErrOther):
		err = ErrBadExport.With(words.Say("export other"))
	case errors.Is(err, export.ErrNewer):
		err = ErrBadExport.With(words.Say("export newer"))
	case errors.Is(err, export.ErrAltered):
		err = ErrBadExport.With(words.Say("export altered"))
	}
	return lines, err
}

func (n *Node) importAccount(ctx context.Context, line []byte) Imported {
	a := new(account)
	if json.Unmarshal(line, a) != nil {
		return Imported{Name: "?", Err: ErrBadAccount.With("?")}
	}
	done := Imported{Name: marked(a.Name)}
	if done.Err = n.checkName(a.Name); done.Err != nil {
		return done
	}
	if err := errors.Join(passwd.Check(a.Hash), a.TOTP.check(), a.checkKeys()); err != nil || a.gone() {
		done.Err = ErrBadAccount.With(a.Name)
		return done
	}
	a.Info = Clean(a.Info).String()
	for i := range a.Blocks {
		if name := a.Blocks[i].Name; Clean(name).String() != name {
			done.Err = ErrBadAccount.With(a.Name)
			return done
		}
	}
	if done.Err = n.clearGrave(ctx, a.Name); done.Err == nil {
		_, done.Err = n.createAccount(ctx, a)
	}
	done.Added = done.Err == nil
	if errors.Is(done.Err, ErrNameTaken) {
		if there, err := n.account(ctx, a.Name); err == nil && sameAccount(there, a) {
			done.Err = nil
		}
	}
	return done
}

func sameAccount(a, b *account) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
