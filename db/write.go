package db

import (
	"context"
	"errors"
	"fmt"

	"parley/chat"
	"parley/internal/crash"
)

// A group of writes shares one sync of the journal. These bound it.
const (
	groupWrites = 256
	groupBytes  = 256 << 10
)

// A write is a call waiting for the writer.
type write struct {
	entry    *entry
	revision uint64       // the one the caller has read
	task     func() error // instead of an entry: something else to be done by the writer
	done     chan error   // takes one
}

// Put implements [chat.Store]. Beside ErrConflict it returns ErrTooLarge and ErrClosed, after which nothing is written,
// chat.ErrDiskFull or ErrDiskReadOnly, and the error of ctx.
func (d *DB) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	if len(bucket) > MaxKey || len(key) > MaxKey || len(value) > MaxValue {
		return 0, ErrTooLarge
	}
	// A copy, because the writer may still read it when ctx has let the caller go.
	e := &entry{op: opPut, bucket: bucket, key: key, value: append([]byte{}, value...)}
	if err := d.submit(ctx, &write{entry: e, revision: revision}); err != nil {
		return 0, err
	}
	return e.number, nil
}

// Delete implements [chat.Store]. Beside ErrConflict and ErrNotFound it returns chat.ErrDiskFull or ErrDiskReadOnly,
// ErrClosed, and the error of ctx.
func (d *DB) Delete(ctx context.Context, bucket, key string, revision uint64) error {
	if len(bucket) > MaxKey || len(key) > MaxKey {
		return chat.ErrNotFound
	}
	return d.submit(ctx, &write{entry: &entry{op: opDelete, bucket: bucket, key: key}, revision: revision})
}

// submit hands w to the writer and waits for its answer, or for ctx.
func (d *DB) submit(ctx context.Context, w *write) error {
	if err := d.send(ctx, w); err != nil {
		return err
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do has task done by the writer, alone. It waits for the end of a task that has begun, whatever ctx says.
func (d *DB) do(ctx context.Context, task func() error) error {
	w := &write{task: task}
	if err := d.send(ctx, w); err != nil {
		return err
	}
	return <-w.done
}

// send returns nil when the writer has taken w; it will answer.
func (d *DB) send(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.done = make(chan error, 1)
	select {
	case d.writes <- w:
		return nil
	case <-d.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run is the writer: the only goroutine that changes the journal and Badger. It ends when stop is closed.
func (d *DB) run() {
	for {
		select {
		case <-d.stop:
			return
		case w := <-d.writes:
			d.serve(w)
		}
	}
}

// serve does what w and those that have queued up behind it ask for. After a panic nobody knows what is on disk:
// nothing more is written until the folder is opened again.
func (d *DB) serve(w *write) {
	if d.broken {
		w.done <- errBroken
		return
	}
	taken := []*write{w}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		d.broken = true
		crash.Log(d.log.With("folder", d.name), "writer", v)
		for _, w := range taken {
			select {
			case w.done <- errBroken:
			default: // it has its answer
			}
		}
	}()
	if w.task == nil {
		group, task := d.gather(w)
		taken, w = group, task
		if task != nil {
			taken = append(taken, task)
		}
		d.commit(group)
	}
	if w != nil {
		w.done <- w.task()
	}
}

// gather returns first with the writes that have queued up behind it, and the task, if one ended the group.
func (d *DB) gather(first *write) (group []*write, task *write) {
	group = []*write{first}
	for size := len(first.entry.value); len(group) < groupWrites && size < groupBytes; {
		select {
		case w := <-d.writes:
			if w.task != nil {
				return group, w
			}
			group = append(group, w)
			size += len(w.entry.key) + len(w.entry.value)
		default:
			return group, nil
		}
	}
	return group, nil
}

// commit decides about each write of the group, puts the granted ones on disk and answers all.
func (d *DB) commit(group []*write) {
	granted, entries, err := d.grant(group)
	if err == nil {
		err = d.store(entries)
	}
	if len(granted) > 0 { // else nothing was to be written
		d.tell(err)
	}
	for _, w := range granted {
		w.done <- err
	}
	d.tidy()
}

// tell tells the log when the disk begins to take nothing, and when it takes writes again. Those who wrote do not: they
// may be many.
func (d *DB) tell(err error) {
	switch {
	case !d.refuses && chat.CannotSave(err):
		d.refuses = true
		d.log.Warn("the disk takes nothing, so nothing can be saved before it does", "folder", d.name, "because", err)
	case d.refuses && err == nil:
		d.refuses = false
		d.log.Info("the disk takes writes again", "folder", d.name)
	}
}

// grant compares the revisions and answers those that lost. Writes of one key in one group see each other.
func (d *DB) grant(group []*write) (granted []*write, entries []*entry, err error) {
	if err := d.settle(); err != nil {
		return group, nil, err
	}
	number := d.journal.number
	revisions := make(map[string]uint64)
	for _, w := range group {
		key := string(storageKey(w.entry.bucket, w.entry.key))
		is, known := revisions[key]
		if !known {
			if is, err = latest(d.badger, w.entry.bucket, w.entry.key); err != nil {
				w.done <- fmt.Errorf("read %q: %w", w.entry.key, err)
				continue
			}
		}
		switch {
		case w.entry.op == opDelete && is == 0:
			w.done <- chat.ErrNotFound
			continue
		case is != w.revision:
			w.done <- chat.ErrConflict
			continue
		}
		number++
		revisions[key] = number
		if w.entry.op == opDelete {
			revisions[key] = 0
		}
		granted = append(granted, w)
		entries = append(entries, w.entry)
	}
	return granted, entries, nil
}

// settle makes sure that a group may be written: there is room, and Badger has all that the journal has.
func (d *DB) settle() error {
	if d.waits {
		if err := d.takeToDisk(); err != nil {
			return err
		}
	}
	if err := d.space.ready(); err != nil {
		return err
	}
	if d.applied < d.journal.number {
		if err := d.replay(); err != nil {
			return err
		}
	}
	return d.compacted()
}

// compacted returns an error when level 0 has grown so full that Badger would soon stop.
func (d *DB) compacted() error {
	if tables, size := level0(d.badger); tables >= refuseTables {
		return errors.Join(errors.New("badger needs compacting first"), d.space.free(d.space.minFree+size))
	}
	return nil
}

// store puts the entries into the journal, and, when they are on disk there, into Badger.
func (d *DB) store(entries []*entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := d.journal.append(entries); err != nil {
		return diskError(err)
	}
	if err := apply(d.badger, entries); err != nil {
		return err // settle will try again
	}
	d.advance()
	return nil
}

// advance notes that Badger has all that the journal has. Compaction may drop older versions from now on.
func (d *DB) advance() {
	if d.waits {
		// The mark stays as it was found.
	} else if err := d.mark.set(d.journal.number); err != nil {
		d.log.Warn("the mark of the last write cannot be set", "folder", d.name, "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.applied = d.journal.number
	d.badger.SetDiscardTs(d.applied)
}

// replay brings into Badger what it lacks of the journal.
func (d *DB) replay() error {
	var batch []*entry
	size := 0
	flush := func() error {
		if err := d.roomToReplay(); err != nil {
			return err
		}
		if err := apply(d.badger, batch); err != nil {
			return err
		}
		batch, size = batch[:0], 0
		d.compact()
		return d.compacted()
	}
	if _, err := scanJournal(d.journal.path, func(e *entry) error {
		if e.number <= d.applied {
			return nil
		}
		batch = append(batch, e)
		if size += len(e.key) + len(e.value); size < batchBytes && len(batch) < groupWrites {
			return nil
		}
		return flush()
	}); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	if err := flush(); err != nil {
		return err
	}
	d.advance()
	return nil
}

// roomToReplay makes sure that Badger can take a batch.
func (d *DB) roomToReplay() error {
	if d.waits {
		return nil // in memory
	}
	if err := d.space.free(startSpace); err != nil {
		return err
	}
	return d.space.allocate()
}

// tidy rewrites what has grown: Badger's tables and the journal. Nothing depends on its success.
func (d *DB) tidy() {
	if d.waits {
		return
	}
	d.compact()
	j := d.journal
	if !j.large() || d.applied < j.number || d.space.free(d.space.minFree+j.size) != nil {
		return
	}
	if err := j.compact(d.space.guard); err != nil {
		j.base = j.size // not again before it has grown as much again
		d.log.Warn("the journal cannot be compacted", "folder", d.name, "error", err)
	}
}

// compact merges Badger's tables once there are many in level 0, if there is room for a second copy of them.
func (d *DB) compact() {
	tables, size := level0(d.badger)
	if tables < compactTables || !d.waits && d.space.free(d.space.minFree+size) != nil {
		return
	}
	if err := d.badger.Flatten(1); err != nil {
		d.log.Warn("badger cannot be compacted", "folder", d.name, "error", err)
	}
}
