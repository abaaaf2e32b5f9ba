package db

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	journalName = "journal"
	// A journal is rewritten when it has grown to compactRatio times what its last snapshot took, and to compactFloor
	// bytes.
	compactRatio = 4
	compactFloor = 1 << 20
)

// A journal is the file of every acknowledged write. It belongs to the writer, one goroutine.
type journal struct {
	path   string
	f      *os.File
	enc    encoder
	number uint64 // of the last write
	size   int64  // behind the last acknowledged entry
	base   int64  // size of the snapshot the journal starts with
	behind bool   // bytes behind size may be in the file and must go before anything is appended
	moved  bool   // the file has been renamed, and the folder not yet synced
}

// A scan is what reading a whole journal found.
type scan struct {
	number uint64
	chain  chain
	size   int64 // of the whole entries
	base   int64
	torn   int64 // bytes of an entry cut short behind them
	holed  bool  // in these there are sectors that were never written
}

// scanJournal reads the journal at path to its end and calls each, which may be nil, for every put and delete. The
// error is fs.ErrNotExist where there is no journal; ErrNewer; or what is wrong with it.
func scanJournal(path string, each func(*entry) error) (scan, error) {
	f, err := os.Open(path)
	if err != nil {
		return scan{}, err
	}
	defer f.Close()
	return scanEntries(f, each)
}

func scanEntries(rd io.Reader, each func(*entry) error) (s scan, err error) {
	counted := &countingReader{r: rd}
	r, err := newReader(counted)
	if err != nil {
		return s, err
	}
	for {
		e, err := r.next()
		switch {
		case err == io.EOF || err == errTorn:
			if _, err := io.Copy(io.Discard, r.r); err != nil {
				return s, err
			}
			return scan{
				number: r.number, chain: r.chain, size: r.offset, base: s.base, torn: counted.n - r.offset,
				holed: r.holed,
			}, nil
		case err != nil:
			return s, err
		case e.op == opBase:
			s.base = r.offset
		case e.op == opSkip:
		case each != nil:
			if err := each(e); err != nil {
				return s, err
			}
		}
	}
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openJournal opens the journal that scan describes for appending, and cuts off what a kill left of an entry.
func openJournal(path string, s scan) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, behind: s.torn > 0}
	j.use(f, s)
	if err := j.prepare(); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// readJournal opens the journal that scan describes for reading alone.
func readJournal(path string, s scan) (*journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path}
	j.use(f, s)
	return j, nil
}

func (j *journal) use(f *os.File, s scan) {
	j.f, j.enc, j.number, j.size, j.base = f, encoder{s.chain}, s.number, s.size, s.base
}

// replace puts the finished file f, that s describes, into the place of the journal. It takes f over.
func (j *journal) replace(f *os.File, s scan) error {
	if err := os.Rename(f.Name(), j.path); err != nil {
		return errors.Join(err, discard(f))
	}
	j.f.Close()
	j.use(f, s)
	j.behind, j.moved = false, true
	return j.prepare()
}

// append writes the entries and returns when they are on disk. They get their numbers here, but for those that have one
// already. After an error none of them counts as written.
func (j *journal) append(entries []*entry) error {
	if err := j.prepare(); err != nil {
		return err
	}
	enc, number := j.enc, j.number
	var buf []byte
	for _, e := range entries {
		if e.number == 0 {
			e.number = number + 1
		}
		number = e.number
		buf = enc.append(buf, e)
	}
	j.behind = true
	if _, err := j.f.WriteAt(buf, j.size); err != nil {
		return errors.Join(fmt.Errorf("write journal: %w", err), j.prepare())
	}
	if err := syncFile(j.f); err != nil {
		return errors.Join(fmt.Errorf("sync journal: %w", err), j.prepare())
	}
	j.behind = false
	j.enc, j.number = enc, number
	j.size += int64(len(buf))
	return nil
}

// prepare makes good what went wrong before: it removes what a failed append may have left behind the last acknowledged
// entry, and makes a replaced journal's name last.
func (j *journal) prepare() error {
	if j.moved {
		if err := syncDir(filepath.Dir(j.path)); err != nil {
			return fmt.Errorf("sync folder of journal: %w", err)
		}
		j.moved = false
	}
	if j.behind {
		if err := j.f.Truncate(j.size); err != nil {
			return fmt.Errorf("truncate journal: %w", err)
		}
		if err := syncFile(j.f); err != nil {
			return fmt.Errorf("sync journal: %w", err)
		}
		j.behind = false
	}
	return nil
}

// large reports whether rewriting the journal would be worth its while.
func (j *journal) large() bool {
	return j.size > compactFloor && j.size > compactRatio*j.base
}

// section opens the journal once more and returns its acknowledged part. Whoever has it reads on undisturbed while the
// journal grows or is replaced, and closes the file.
func (j *journal) section() (*os.File, *io.SectionReader, error) {
	f, err := os.Open(j.path)
	if err != nil {
		return nil, nil, err
	}
	return f, io.NewSectionReader(f, 0, j.size), nil
}

// compact rewrites the journal without its history. to wraps the file that is written to.
func (j *journal) compact(to func(io.Writer) io.Writer) error {
	old, section, err := j.section()
	if err != nil {
		return err
	}
	defer old.Close()
	var s scan
	f, err := createTemporary(j.path, func(f *os.File) error {
		s, err = copySnapshot(to(f), section)
		return err
	})
	if err != nil {
		return err
	}
	if s.number != j.number {
		return errors.Join(fmt.Errorf("the journal ends at write %d of %d", s.number, j.number), discard(f))
	}
	return j.replace(f, s)
}

// close closes the file. What was acknowledged is on disk already.
func (j *journal) close() error { return j.f.Close() }

// An index holds the revision of every record, under a hash of bucket and key: some 50 bytes of memory each.
type index map[keySum]uint64

type keySum [16]byte

func sumOf(storageKey []byte) keySum {
	s := sha256.Sum256(storageKey)
	return keySum(s[:16])
}

func (e *entry) sum() keySum { return sumOf(storageKey(e.bucket, e.key)) }

// add brings the index up to e, the next entry of a journal. It returns nil, to be used while scanning.
func (x index) add(e *entry) error {
	if e.op == opDelete {
		delete(x, e.sum())
	} else {
		x[e.sum()] = e.number
	}
	return nil
}

// copySnapshot writes to w a journal that holds the records as they stand at the end of src and nothing of their
// history, and describes it. It reads src twice.
func copySnapshot(w io.Writer, src io.ReadSeeker) (scan, error) {
	latest := make(index)
	old, err := scanEntries(src, latest.add)
	if err != nil {
		return scan{}, err
	}
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return scan{}, err
	}
	sw, err := newSnapshotWriter(w)
	if err != nil {
		return scan{}, err
	}
	if _, err := scanEntries(src, func(e *entry) error {
		if e.op == opPut && latest[e.sum()] == e.number {
			return sw.put(e)
		}
		return nil
	}); err != nil {
		return scan{}, err
	}
	if sw.count != uint64(len(latest)) {
		return scan{}, fmt.Errorf("copied %d records of %d", sw.count, len(latest))
	}
	return sw.finish(old.number)
}

// A snapshotWriter writes a journal that is only a snapshot.
type snapshotWriter struct {
	w     *bufio.Writer
	enc   encoder
	buf   []byte
	count uint64
	size  int64
}

func newSnapshotWriter(w io.Writer) (*snapshotWriter, error) {
	h := newHeader()
	bw := bufio.NewWriterSize(w, 64<<10)
	_, err := bw.Write(h)
	return &snapshotWriter{w: bw, enc: encoder{sha256.Sum256(h)}, size: headerSize}, err
}

func (s *snapshotWriter) put(e *entry) error {
	s.count++
	return s.write(e)
}

func (s *snapshotWriter) write(e *entry) error {
	s.buf = s.enc.append(s.buf[:0], e)
	s.size += int64(len(s.buf))
	_, err := s.w.Write(s.buf)
	return err
}

// finish ends the snapshot and describes it; number is that of the last write it includes.
func (s *snapshotWriter) finish(number uint64) (scan, error) {
	if err := s.write(baseEntry(number, s.count)); err != nil {
		return scan{}, err
	}
	return scan{number: number, chain: s.enc.chain, size: s.size, base: s.size}, s.w.Flush()
}
