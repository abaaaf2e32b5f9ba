package db

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A parcel is a file in the data folder, beside the store, that one run of the program leaves for the next one: it is
// read once. It has its checksum on a line of its own, as the seal has. These errors say that there is one that cannot
// be used; it is kept aside.
var (
	errBadParcel   = errors.New("it is damaged")
	errOtherParcel = errors.New("another version of Parley has written it")
)

// LeaveParcel puts a parcel of that name into the data folder dir: after a crash there is all of it or nothing. version
// says how data is to be read. It returns chat.ErrDiskFull or chat.ErrDiskReadOnly if the disk takes nothing.
func LeaveParcel(dir, name string, version int, data []byte) error {
	err := writeFile(filepath.Join(dir, name), func(f *os.File) error {
		_, err := fmt.Fprintf(f, "%s\n%x\n%s", parcelHeader(name, version), sha256.Sum256(data), data)
		return err
	})
	return diskError(err)
}

func parcelHeader(name string, version int) string { return fmt.Sprintf("parley %s %d", name, version) }

// TakeParcel takes the parcel of that name, and returns what is in it: nil if there is none. One that is damaged, or of
// another version, it keeps aside, and says in the error why, and where. After any error there is no parcel of that
// name to be used: what could not be taken away now would be there once more at the next start.
func TakeParcel(dir, name string, version int) ([]byte, error) {
	path := filepath.Join(dir, name)
	os.Remove(path + temporary) // which a crash left
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := openParcel(b, name, version)
	if err != nil {
		aside := freeName(path)
		if moving := errors.Join(os.Rename(path, aside), syncDir(dir)); moving != nil {
			return nil, errors.Join(err, moving)
		}
		return nil, fmt.Errorf("%w; it is kept as %s", err, aside)
	}
	if err := errors.Join(os.Remove(path), syncDir(dir)); err != nil {
		return nil, err
	}
	return data, nil
}

func openParcel(b []byte, name string, version int) ([]byte, error) {
	header, rest, ok := bytes.Cut(b, []byte{'\n'})
	sum, data, whole := bytes.Cut(rest, []byte{'\n'})
	switch {
	case !bytes.HasPrefix(header, []byte("parley "+name+" ")) || !ok || !whole:
		return nil, errBadParcel
	case string(header) != parcelHeader(name, version):
		return nil, errOtherParcel
	case string(sum) != fmt.Sprintf("%x", sha256.Sum256(data)):
		return nil, errBadParcel
	}
	return data, nil
}
