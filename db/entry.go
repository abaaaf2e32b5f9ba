package db

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// schema is the version of everything in the data folder. It stands in the journal's header.
const schema = 1

const (
	magic      = "PARLEYJ\n"
	headerSize = 32 // magic 8, schema 4, salt 16, CRC 4
	frameSize  = 8  // payload length 4, CRC of the length 4
	fixedSize  = 13 // operation 1, number 8, bucket length 2, key length 2
	maxPayload = fixedSize + 2*MaxKey + MaxValue
)

// An operation is the first byte of an entry's payload.
type operation byte

const (
	opPut    operation = 1
	opDelete operation = 2
	// opBase ends the snapshot a journal starts with. Its number is that of the last write the snapshot includes, its
	// value the count of records before it.
	opBase operation = 3
	// opSkip says that the numbers go on behind its own: see [DB.Follow].
	opSkip operation = 4
)

// An entry is one write as the journal keeps it. Its number is the revision the write made.
type entry struct {
	op          operation
	number      uint64
	bucket, key string
	value       []byte
}

// A chain is the SHA-256 over everything before a place in the journal: no entry can be changed, lost or moved
// without breaking every chain value behind it.
type chain [sha256.Size]byte

// castagnoli guards the lengths, so that a changed length cannot pass for an entry cut short.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn is returned by [reader.next] where the journal stops within an entry: what a kill in the middle of a write
// leaves behind. Such an entry was never acknowledged, unless the mark says so.
var errTorn = errors.New("the last entry is cut short")

// newHeader returns the first bytes of a new journal. The salt makes its chain unlike that of any other journal.
func newHeader() []byte {
	h := make([]byte, headerSize)
	copy(h, magic)
	binary.LittleEndian.PutUint32(h[8:], schema)
	rand.Read(h[12:28])
	binary.LittleEndian.PutUint32(h[28:], crc32.Checksum(h[:28], castagnoli))
	return h
}

// An encoder writes entries, each chained to the one before.
type encoder struct {
	chain chain
}

// append adds the encoding of e to buf.
func (c *encoder) append(buf []byte, e *entry) []byte {
	start := len(buf)
	n := fixedSize + len(e.bucket) + len(e.key) + len(e.value)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(n))
	buf = binary.LittleEndian.AppendUint32(buf, crc32.Checksum(buf[start:start+4], castagnoli))
	buf = append(buf, byte(e.op))
	buf = binary.LittleEndian.AppendUint64(buf, e.number)
	buf = binary.LittleEndian.AppendUint16(buf, uint16(len(e.bucket)))
	buf = binary.LittleEndian.AppendUint16(buf, uint16(len(e.key)))
	buf = append(buf, e.bucket...)
	buf = append(buf, e.key...)
	buf = append(buf, e.value...)
	c.chain = c.chain.next(buf[start:])
	return append(buf, c.chain[:]...)
}

func (c chain) next(framed []byte) chain {
	h := sha256.New()
	h.Write(c[:])
	h.Write(framed)
	h.Sum(c[:0])
	return c
}

// baseEntry returns the entry that ends a snapshot of count records.
func baseEntry(number, count uint64) *entry {
	return &entry{op: opBase, number: number, value: binary.LittleEndian.AppendUint64(nil, count)}
}

// A reader reads a journal and believes nothing: every entry has passed its chain, and the order of the numbers, before
// next returns it.
type reader struct {
	r       *bufio.Reader
	chain   chain
	offset  int64  // behind the last whole entry
	number  uint64 // of the last write, zero while in the snapshot
	highest uint64 // number within the snapshot
	count   uint64 // records of the snapshot so far
	based   bool   // the snapshot has ended
	holed   bool   // next has returned errTorn because of a hole
}

// newReader reads the header. It returns ErrNewer for a schema of the future, and another error for what is no journal.
func newReader(r io.Reader) (*reader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	h := make([]byte, headerSize)
	if _, err := io.ReadFull(br, h); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("its header is cut short")
		}
		return nil, err
	}
	if string(h[:8]) != magic || binary.LittleEndian.Uint32(h[28:]) != crc32.Checksum(h[:28], castagnoli) {
		return nil, errors.New("its header is damaged")
	}
	if v := binary.LittleEndian.Uint32(h[8:]); v != schema {
		return nil, refusal{ErrNewer, fmt.Errorf("its schema is %d, this Parley knows %d", v, schema)}
	}
	return &reader{r: br, chain: sha256.Sum256(h), offset: headerSize}, nil
}

// next returns the next entry; its value is the caller's to keep. It returns io.EOF at the end, errTorn where the
// journal stops within an entry, and any other error where it is damaged or cannot be read.
func (r *reader) next() (*entry, error) {
	frame := make([]byte, frameSize, 256)
	if n, err := io.ReadFull(r.r, frame); err != nil {
		if n == 0 && err == io.EOF && !r.based {
			return nil, r.damage("its snapshot is cut short")
		}
		return nil, r.short(err)
	}
	length := binary.LittleEndian.Uint32(frame)
	if binary.LittleEndian.Uint32(frame[4:]) != crc32.Checksum(frame[:4], castagnoli) {
		return nil, r.broken("an entry's length is damaged", frame)
	}
	if length < fixedSize || length > maxPayload {
		return nil, r.damage("an entry's length is impossible")
	}
	buf := append(frame, make([]byte, int(length)+sha256.Size)...)
	if _, err := io.ReadFull(r.r, buf[frameSize:]); err == io.EOF {
		return nil, r.short(io.ErrUnexpectedEOF)
	} else if err != nil {
		return nil, r.short(err)
	}
	framed, sum := buf[:frameSize+length], buf[frameSize+length:]
	want := r.chain.next(framed)
	if !bytes.Equal(sum, want[:]) {
		return nil, r.broken("an entry is damaged", buf)
	}
	e, ok := parse(framed[frameSize:])
	if !ok || !r.follows(e) {
		return nil, r.damage("an entry is out of place")
	}
	r.chain = want
	r.offset += int64(len(buf))
	return e, nil
}

// short tells the end of the journal from an entry cut short and from a failing disk.
func (r *reader) short(err error) error {
	switch {
	case err == io.EOF:
		return io.EOF
	case err == io.ErrUnexpectedEOF && !r.based:
		return r.damage("its snapshot is cut short")
	case err == io.ErrUnexpectedEOF:
		return errTorn
	}
	return err
}

func (r *reader) damage(what string) error {
	return fmt.Errorf("%s (at byte %d)", what, r.offset)
}

// sector is what a disk writes whole or not at all.
const sector = 512

// broken tells what a power cut left of an entry from damage; read is what was read of it. What was not synced gets to
// the disk in any order, a sector whole or not at all, and where nothing got the file holds zeros. So a sector of zeros
// behind the last whole entry means that what is there was never synced, and never acknowledged, unless the mark says
// so.
func (r *reader) broken(what string, read []byte) error {
	if r.based && r.hole(io.MultiReader(bytes.NewReader(read), r.r)) {
		r.holed = true
		return errTorn
	}
	return r.damage(what)
}

// hole reports whether there is a sector of zeros in rest, which begins behind the last whole entry. Of the first and
// the last sector it may be a part.
func (r *reader) hole(rest io.Reader) bool {
	chunk := make([]byte, sector-r.offset%sector)
	for {
		n, err := io.ReadFull(rest, chunk)
		if n > 0 && len(bytes.Trim(chunk[:n], "\x00")) == 0 {
			return true
		}
		if err != nil {
			return false
		}
		chunk = make([]byte, sector)
	}
}

func parse(p []byte) (*entry, bool) {
	e := &entry{op: operation(p[0]), number: binary.LittleEndian.Uint64(p[1:])}
	bucket, key := int(binary.LittleEndian.Uint16(p[9:])), int(binary.LittleEndian.Uint16(p[11:]))
	rest := p[fixedSize:]
	if bucket > MaxKey || key > MaxKey || bucket+key > len(rest) {
		return nil, false
	}
	e.bucket, e.key, e.value = string(rest[:bucket]), string(rest[bucket:bucket+key]), rest[bucket+key:]
	return e, len(e.value) <= MaxValue
}

// follows reports whether e may stand here, and counts it. In the snapshot the records have any order; behind it the
// numbers have no gap but those that opSkip tells of.
func (r *reader) follows(e *entry) bool {
	switch {
	case !r.based && e.op == opPut && e.number > 0:
		r.count++
		r.highest = max(r.highest, e.number)
		return true
	case !r.based && e.op == opBase && len(e.value) == 8:
		r.based, r.number = true, e.number
		return r.highest <= e.number && binary.LittleEndian.Uint64(e.value) == r.count
	case r.based && (e.op == opPut || e.op == opDelete && len(e.value) == 0) && e.number == r.number+1:
		r.number++
		return true
	case r.based && e.op == opSkip && e.number > r.number && e.bucket+e.key+string(e.value) == "":
		r.number = e.number
		return true
	}
	return false
}
