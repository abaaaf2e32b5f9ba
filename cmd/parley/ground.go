package main

import (
	"log/slog"

	"parley/chat"
	"parley/db"
)

// A ground is what a server stands on: what is stored, and the desk that it has with others.
type ground interface {
	// open opens the data folder dir.
	open(dir string, log *slog.Logger) (*db.DB, error)
	// close closes what open returned. What was made for a server that did not start is to be undone.
	close(store *db.DB, started bool) error
	// desk returns the server's view of the desk; nil means one of its own.
	desk() chat.Desk
}

// alone is the ground of a server that has everything for itself.
type alone struct{}

func (alone) open(dir string, log *slog.Logger) (*db.DB, error) {
	return db.Open(dir, &db.Options{Log: log})
}

func (alone) close(store *db.DB, started bool) error {
	if started {
		return store.Close()
	}
	return store.Undo() // what did not start leaves no new folder behind
}

func (alone) desk() chat.Desk { return nil }

func (p *program) standsOn() ground {
	if p.ground == nil {
		return alone{}
	}
	return p.ground
}
