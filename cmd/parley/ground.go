package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"parley/chat"
	"parley/cluster/stream"
	"parley/db"
)

// A ground is what a server stands on: what is stored, and the desk that it has with others.
type ground interface {
	// open opens the data folder dir, and whatever else there is.
	open(ctx context.Context, dir string, log *slog.Logger) (records, error)
	// desk returns the server's view of the desk; nil means one of its own.
	desk() chat.Desk
	// cluster returns what says how the nodes stand; nil for a server that is alone.
	cluster() func() chat.ClusterStatus
	// failed yields why the server cannot stay one of several; nil never does.
	failed() <-chan error
	// ready returns why the server cannot serve users now.
	ready() error
	// close closes all that open has opened. What was made for a server that did not start is to be undone.
	close(started bool) error
	// collector returns figures of its own; nil means none.
	collector() prometheus.Collector
}

// records are what is stored.
type records interface {
	chat.Store
	Backup(ctx context.Context, w io.Writer) error
	Stats() (db.Stats, error)
	Made() bool
}

// alone is the ground of a server that has everything for itself.
type alone struct{ store *db.DB }

func (a *alone) open(ctx context.Context, dir string, log *slog.Logger) (records, error) {
	store, err := db.Open(dir, &db.Options{Log: log})
	if err != nil {
		return nil, err
	}
	a.store = store
	if err := refuseReplica(ctx, store, dir); err != nil {
		return nil, errors.Join(err, store.Undo())
	}
	return store, nil
}

func (a *alone) close(started bool) error {
	if started {
		return a.store.Close()
	}
	return a.store.Undo() // what did not start leaves no new folder behind
}

func (*alone) desk() chat.Desk                    { return nil }
func (*alone) cluster() func() chat.ClusterStatus { return nil }
func (*alone) failed() <-chan error               { return nil }
func (*alone) ready() error                       { return nil }
func (*alone) collector() prometheus.Collector    { return nil }

// standsOn returns what a server with those options stands on.
func (p *program) standsOn(o *options) ground {
	switch {
	case p.ground != nil:
		return p.ground
	case o.clustered():
		return &clustered{options: o, nodes: slices.Sorted(slices.Values(o.ClusterNodes))}
	}
	return new(alone)
}

// refuseReplica refuses to write to a data folder that is a replica of a cluster: what is written there would be in no
// other node.
func refuseReplica(ctx context.Context, store chat.Store, dir string) error {
	replica, err := stream.IsReplica(ctx, store)
	if err == nil && replica {
		err = fmt.Errorf("the data folder %s is a replica of a cluster, and only a server with --cluster writes to "+
			`it; for a single server, restore what "parley backup" writes of it into a new folder`, dir)
	}
	return err
}
