package db

import (
	"fmt"
	"path/filepath"
)

// A store that is opened on a disk that takes nothing, because it is full or read-only, waits for the disk: its records
// are those of the journal, in a Badger in memory, and every write is refused after a look whether the disk takes
// something by now. The folder stays as it was found. Once there is room the store is opened as it would have been, and
// reading moves over to that.

// wait makes the store serve the records of the journal that s describes from memory. cause is why the folder cannot be
// opened for writing.
func (d *DB) wait(s scan, cause error) (err error) {
	defer func() {
		if err != nil {
			d.closeFiles()
		}
	}()
	d.waits, d.refuses = true, true
	if d.journal, err = readJournal(filepath.Join(d.dir, journalName), s); err != nil {
		return err
	}
	if d.badger, err = openOptions(badgerOptions("", d.log).WithInMemory(true)); err != nil {
		return err
	}
	if err := d.replay(); err != nil {
		d.badger.Close()
		return err
	}
	d.log.Warn("the disk takes nothing, so nothing can be saved before it does; what was saved is served from memory",
		"folder", d.name, "because", diskError(cause))
	return nil
}

// takeToDisk ends the waiting, if the disk takes something now. It returns chat.ErrDiskFull or chat.ErrDiskReadOnly if
// not.
func (d *DB) takeToDisk() error {
	if err := d.space.free(max(startSpace, d.space.minFree)); err != nil {
		return err
	}
	if err := writable(d.dir); err != nil {
		return diskError(err)
	}
	records := make(index)
	s, err := look(d.dir, records.add)
	if err != nil {
		return err
	}
	plan, finding := s.decide()
	if s.journalErr != nil || s.scan.number != d.journal.number || plan == planRefuse {
		return refusal{ErrDamaged, fmt.Errorf("the folder has changed while the disk took nothing: %s", finding)}
	}
	there := &DB{dir: d.dir, name: d.name, log: d.log, space: d.space}
	if err := there.begin(plan, finding, &s, records); err != nil {
		return diskError(err)
	}
	d.journal.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left, d.badger = d.badger, there.badger // readers may be at the one in memory still
	d.journal, d.mark, d.applied, d.waits = there.journal, there.mark, there.applied, false
	return nil
}
