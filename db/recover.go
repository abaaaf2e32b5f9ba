package db

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"parley/chat"
)

const (
	badgerName = "badger"
	lockName   = "lock"
)

// A survey is what a data folder looks like before anything in it is changed.
type survey struct {
	scan       scan
	journalErr error // nil if the journal is whole
	seal       *seal
	sealErr    error
	changed    []string // files that are not as sealed
	mark       uint64
	marked     bool // there is a mark, and it makes sense
	anything   bool // there is something beside the journal
	badger     bool // Badger's folder is there
}

// look reads the folder dir. Its error is one of reading, not of what was read.
func look(dir string, each func(*entry) error) (s survey, err error) {
	s.scan, s.journalErr = scanJournal(filepath.Join(dir, journalName), each)
	var readErr *fs.PathError
	if errors.As(s.journalErr, &readErr) && !errors.Is(readErr, fs.ErrNotExist) {
		return s, readErr
	}
	if s.seal, s.sealErr = readSeal(dir); s.sealErr != nil && s.sealErr != errBadSeal {
		return s, s.sealErr
	}
	if s.seal != nil {
		if s.changed, err = s.seal.changed(filepath.Join(dir, badgerName)); err != nil {
			return s, err
		}
	}
	s.mark, s.marked = readMark(dir)
	for _, name := range []string{badgerName, sealName, markName} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			s.anything = true
			s.badger = s.badger || name == badgerName
		}
	}
	return s, nil
}

// A plan is how a store is opened. doc.go gives the reasons.
type plan int

const (
	planRefuse      plan = iota
	planCreate           // nothing is there
	planOpen             // all is as it was left
	planRestart          // not closed: make Badger from the journal
	planMendBadger       // keep Badger's files aside and make them from the journal
	planMendJournal      // keep the journal aside and make it from Badger, whose files are as sealed
)

// decide returns what to do and, in words, what was found. With planRefuse the finding is why.
func (s *survey) decide() (plan, string) {
	// Badger is known to have every write that was acknowledged.
	sealed := s.seal != nil && len(s.changed) == 0 && (!s.marked || s.mark <= s.seal.Number)
	switch {
	case errors.Is(s.journalErr, fs.ErrNotExist) && !s.anything:
		return planCreate, "there is no store yet"
	case errors.Is(s.journalErr, fs.ErrNotExist):
		return planRefuse, "its journal is missing"
	case errors.Is(s.journalErr, ErrNewer):
		return planRefuse, s.journalErr.Error()
	case s.journalErr != nil && sealed:
		return planMendJournal, fmt.Sprintf("in the journal %v", s.journalErr)
	case s.journalErr != nil:
		return planRefuse, fmt.Sprintf("in its journal %v", s.journalErr)
	}
	n := s.scan.number
	switch {
	case s.seal != nil && n < s.seal.Number && sealed:
		return planMendJournal, fmt.Sprintf("the journal ends at write %d of %d", n, s.seal.Number)
	case s.seal != nil && n < s.seal.Number:
		return planRefuse, fmt.Sprintf("its journal ends at write %d of %d", n, s.seal.Number)
	case s.marked && n < s.mark:
		return planRefuse, fmt.Sprintf("its journal ends at write %d of %d", n, s.mark)
	case s.scan.holed && !s.marked && s.seal == nil:
		return planRefuse, fmt.Sprintf("its journal is damaged behind write %d, and without the mark nobody knows "+
			"whether that was the last", n)
	case s.seal != nil && n == s.seal.Number && fmt.Sprintf("%x", s.scan.chain) != s.seal.Chain:
		return planRefuse, "its journal and its seal do not belong together"
	case sealed && n == s.seal.Number && s.scan.torn == 0:
		return planOpen, "the store was closed in good order"
	case s.seal != nil && len(s.changed) > 0:
		return planMendBadger, "files changed after the store was closed: " + strings.Join(s.changed, ", ")
	case s.seal != nil:
		return planMendBadger, "the journal goes on after the store was closed"
	case s.sealErr != nil:
		return planMendBadger, "the seal is damaged"
	case !s.marked && s.badger:
		return planMendBadger, "the mark of the last write is missing or damaged"
	}
	return planRestart, "the store was not closed"
}

// open brings the folder into order and opens everything in it.
func (d *DB) open() error {
	var err error
	if d.made, err = makeFolder(d.dir); err != nil {
		return err
	}
	if err := usable(d.dir); err != nil {
		return err
	}
	if d.lock, err = openLock(filepath.Join(d.dir, lockName)); err != nil {
		return err
	}
	if err := lockFile(d.lock); err != nil {
		return err
	}
	records := make(index)
	s, err := look(d.dir, records.add)
	if err != nil {
		return err
	}
	plan, finding := s.decide()
	if plan == planRefuse {
		return s.refusal(finding)
	}
	d.created = plan == planCreate
	err = d.begin(plan, finding, &s, records)
	if chat.CannotSave(diskError(err)) && s.journalErr == nil {
		return d.wait(s.scan, err)
	}
	return err
}

// openLock opens the lock file, which is made if it is not there. On a disk that is read-only one may lock it all the
// same.
func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, syscall.EROFS) {
		if f, reading := os.Open(path); reading == nil {
			return f, nil
		}
	}
	return f, err
}

// begin opens the folder for writing, as planned. After an error nothing of it is open.
func (d *DB) begin(plan plan, finding string, s *survey, records index) (err error) {
	defer func() {
		if err != nil {
			d.closeFiles()
		}
	}()
	for _, name := range []string{journalName, sealName, restoreName} {
		os.Remove(filepath.Join(d.dir, name+temporary))
	}
	d.space.dropBallast()
	if err := d.space.free(startSpace); err != nil {
		return err
	}
	if err := d.carryOut(plan, finding, s, records); err != nil {
		return err
	}
	if err := d.space.allocate(); err != nil {
		return errors.Join(err, d.badger.Close())
	}
	if err := d.space.takeBallast(); err != nil {
		d.log.Warn("there is no room to be kept for a clean close", "folder", d.name, "error", err)
	}
	return nil
}

func (s *survey) refusal(finding string) error {
	if errors.Is(s.journalErr, ErrNewer) {
		return s.journalErr
	}
	return refusal{ErrDamaged, errors.New(finding)}
}

// carryOut follows the plan. records are those of the journal that was found.
func (d *DB) carryOut(p plan, finding string, s *survey, records index) error {
	path := filepath.Join(d.dir, journalName)
	switch p {
	case planCreate:
		if err := writeFile(path, emptyJournal(&s.scan)); err != nil {
			return err
		}
	case planRestart:
		d.log.Info("taking the records from the journal", "folder", d.name, "because", finding, "cut", s.scan.torn)
	case planMendBadger:
		if err := d.setAside(finding); err != nil {
			return err
		}
	case planMendJournal:
		aside, err := d.mendJournal(path, s)
		if err != nil {
			return err
		}
		d.log.Warn("the journal was damaged and has been made anew from Badger",
			"folder", d.name, "because", finding, "kept", aside)
	}
	if err := d.unseal(s.scan); err != nil {
		return err
	}
	if p != planOpen && p != planMendJournal {
		return d.rebuild()
	}
	b, err := openBadger(d.space.badger, d.log)
	if err == nil && p == planOpen {
		if err = records.agree(b); err != nil {
			b.Close()
		}
	}
	if err == nil {
		d.badger = b
		d.advance()
		return nil
	}
	if err := d.setAside(err.Error()); err != nil {
		return err
	}
	return d.rebuild()
}

// setAside gives Badger's folder another name, so that it can be made anew.
func (d *DB) setAside(finding string) error {
	aside, err := moveAside(d.space.badger)
	if err != nil {
		return err
	}
	d.log.Warn("Badger's files cannot be used and are made anew from the journal",
		"folder", d.name, "because", finding, "kept", aside)
	return nil
}

// unseal opens the journal and the mark, after making sure that what follows cannot be taken for a closed store.
func (d *DB) unseal(s scan) (err error) {
	if err := removeSeal(d.dir); err != nil {
		return err
	}
	if d.journal, err = openJournal(filepath.Join(d.dir, journalName), s); err != nil {
		return err
	}
	d.mark, err = openMark(d.dir, s.number)
	return err
}

// rebuild makes Badger anew from the journal.
func (d *DB) rebuild() error {
	if err := os.RemoveAll(d.space.badger); err != nil {
		return err
	}
	b, err := openBadger(d.space.badger, d.log)
	if err != nil {
		return err
	}
	d.badger = b
	if err := d.replay(); err != nil {
		return errors.Join(err, b.Close())
	}
	return nil
}

// mendJournal makes the journal anew from Badger, whose files are as sealed, and returns where the old one is kept.
// Killed at any moment, it leaves the folder in a state that leads here again.
func (d *DB) mendJournal(path string, s *survey) (aside string, err error) {
	if aside, err = copyAside(path); err != nil {
		return "", err
	}
	b, err := openBadgerReadOnly(d.space.badger, d.log)
	if err != nil {
		return "", refusal{ErrDamaged, fmt.Errorf("its journal is damaged and Badger cannot be opened: %w", err)}
	}
	f, err := createTemporary(path, func(f *os.File) error {
		s.scan, err = copyRecords(d.space.guard(f), b, s.seal.Number)
		return err
	})
	if err := errors.Join(err, b.Close()); err != nil {
		return "", err
	}
	defer f.Close()
	s.seal.Chain = fmt.Sprintf("%x", s.scan.chain)
	if err := writeSeal(d.dir, *s.seal); err != nil {
		return "", err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return "", err
	}
	return aside, syncDir(d.dir)
}

func emptyJournal(s *scan) func(*os.File) error {
	return func(f *os.File) error {
		w, err := newSnapshotWriter(f)
		if err == nil {
			*s, err = w.finish(0)
		}
		return err
	}
}

// makeFolder creates the folder dir with its parents, and returns those it has made, the innermost first. What exists
// keeps its mode.
func makeFolder(dir string) (missing []string, err error) {
	for p := filepath.Clean(dir); ; p = filepath.Dir(p) {
		if _, err := os.Stat(p); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, p)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return missing, err
	}
	for _, p := range missing {
		if err := syncDir(filepath.Dir(p)); err != nil {
			return missing, err
		}
	}
	return missing, nil
}

// moveAside gives the folder at path, if there is one, a name nobody uses yet, and returns that.
func moveAside(path string) (string, error) {
	aside := freeName(path)
	err := os.Rename(path, aside)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return aside, err
}

// copyAside copies the file at path to a name nobody uses yet, and returns that.
func copyAside(path string) (string, error) {
	old, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer old.Close()
	aside := freeName(path)
	return aside, writeFile(aside, func(f *os.File) error {
		_, err := io.Copy(f, old)
		return err
	})
}

func freeName(path string) string {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", path, n)
		if _, err := os.Lstat(aside); err != nil {
			return aside
		}
	}
}
