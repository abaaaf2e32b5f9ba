package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Report is what [Check] has found.
type Report struct {
	// Records is how many records the journal holds, and Writes the number of the last write, as far as the journal can
	// be read.
	Records int
	Writes  uint64
	// Finding says in words what state the folder is in and, if Open would mend something, what.
	Finding string
	// Mends says that Open would mend something.
	Mends bool
	// View holds the records that were counted; nil where Open would make the journal anew, since not all are in it.
	View *View
}

// Check reads everything in the folder dir and changes nothing. It returns a report, as far as one can be made, and the
// error with which [Open] would refuse the folder, or nil if Open would open it. No DB may have it open: ErrLocked.
func Check(dir string) (*Report, error) {
	v := newView()
	s, err := inspect(dir, v.add)
	if err != nil {
		return nil, sentence(dir, err)
	}
	plan, finding := s.decide()
	v.number = max(v.number, s.scan.number)
	r := &Report{Records: v.Records(), Writes: v.number, Finding: finding, View: v}
	switch plan {
	case planRefuse:
		return r, sentence(dir, s.refusal(finding))
	case planMendBadger:
		r.Mends = true
		r.Finding = fmt.Sprintf("%s; Badger's files will be made anew from the journal, which is whole", finding)
	case planMendJournal:
		r.Mends, r.View = true, nil
		r.Finding = fmt.Sprintf("%s; it will be made anew from Badger's files, which are whole", finding)
	case planRestart:
		r.Finding = finding + "; the journal is whole"
		if s.scan.torn > 0 {
			r.Finding += fmt.Sprintf(", and after it come %d bytes of a write nobody was told of", s.scan.torn)
		}
	}
	return r, nil
}

// inspect reads everything in the folder dir, and each entry of its journal, while no DB has it open. It writes
// nothing.
func inspect(dir string, each func(*entry) error) (survey, error) {
	lock, err := os.Open(filepath.Join(dir, lockName))
	if err == nil {
		defer lock.Close()
		err = shareFile(lock)
	} else if errors.Is(err, fs.ErrNotExist) {
		_, err = os.ReadDir(dir)
	}
	if err != nil {
		return survey{}, err
	}
	return look(dir, each)
}
