package db

import (
	"os"
	"path/filepath"
)

// Made reports whether Open has made the store: before, there was none in the folder.
func (d *DB) Made() bool { return d.created }

// Undo closes the store. If Open has made it, and nothing was ever written to it, Undo removes it again, with the
// folders that were made for it: what was refused leaves nothing behind. It returns what Close returns.
func (d *DB) Undo() error {
	d.undo.Store(d.created)
	return d.Close()
}

// unmake removes what Open has made. The lock is held meanwhile.
func (d *DB) unmake() {
	if d.created {
		os.RemoveAll(d.space.badger)
		for _, name := range []string{journalName, sealName, markName, ballastName} {
			os.Remove(filepath.Join(d.dir, name))
		}
	}
	if d.created || len(d.made) > 0 {
		os.Remove(filepath.Join(d.dir, lockName))
	}
	for _, dir := range d.made {
		os.Remove(dir) // fails where somebody has put something
	}
}
