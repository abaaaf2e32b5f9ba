package stream

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"

	"parley/db"
)

// A message begins with these bytes: it is Parley's, and of this version.
const (
	magic   = 'P'
	version = 1
)

// What a message says of its record.
const (
	putting  = 'p'
	deleting = 'd'
)

var (
	// errForeign is returned for what is no message of Parley.
	errForeign = errors.New("something in the stream is not from Parley")
	// errLater is returned for what a later version has written.
	errLater = errors.New("something in the stream is from a later version of Parley")
)

// encode returns the message that tells w: its head, the lengths of bucket and key with these, and the value.
func encode(w *db.Write) []byte {
	op := byte(putting)
	if w.Deleted {
		op = deleting
	}
	b := append(make([]byte, 0, 16+len(w.Bucket)+len(w.Key)+len(w.Value)), magic, version, op)
	b = append(binary.AppendUvarint(b, uint64(len(w.Bucket))), w.Bucket...)
	b = append(binary.AppendUvarint(b, uint64(len(w.Key))), w.Key...)
	return append(b, w.Value...)
}

// decode returns the write that a message tells, but for its number. It returns errForeign or errLater.
func decode(b []byte) (w db.Write, err error) {
	switch {
	case len(b) < 3 || b[0] != magic:
		return w, errForeign
	case b[1] != version:
		return w, fmt.Errorf("%w: %d", errLater, b[1])
	case b[2] != putting && b[2] != deleting:
		return w, errForeign
	}
	w.Deleted = b[2] == deleting
	b = b[3:]
	for _, to := range []*string{&w.Bucket, &w.Key} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > db.MaxKey || n > uint64(len(b)-size) {
			return w, errForeign
		}
		*to, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if len(b) > db.MaxValue || w.Deleted && len(b) > 0 {
		return w, errForeign
	}
	if !w.Deleted {
		w.Value = b
	}
	return w, nil
}

// token returns what stands for a record in its subject: any key will do, however long.
func token(bucket, key string) string {
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, uint64(len(bucket))) // a hash takes everything
	h.Write([]byte(bucket))
	h.Write([]byte(key))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:20])
}
