package db

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	sealName = "seal"
	markName = "mark"
)

// A seal is written when the store closes, and removed before anything changes again. While it is there, Badger's
// files must be exactly these, and the journal must end exactly so.
type seal struct {
	Number uint64       `json:"number"` // of the journal's last write
	Chain  string       `json:"chain"`  // at the journal's end, hexadecimal
	Files  []sealedFile `json:"files"`  // in Badger's folder, in the order of their names
}

type sealedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// errBadSeal is returned by readSeal for a seal that has changed since it was written.
var errBadSeal = errors.New("the seal is damaged")

// writeSeal writes s to the folder dir, with its checksum on a line of its own.
func writeSeal(dir string, s seal) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, sealName), func(f *os.File) error {
		_, err := fmt.Fprintf(f, "%x\n%s\n", sha256.Sum256(text), text)
		return err
	})
}

// readSeal returns the seal of the folder dir, nil if there is none, or errBadSeal.
func readSeal(dir string) (*seal, error) {
	b, err := os.ReadFile(filepath.Join(dir, sealName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sum, text, _ := bytes.Cut(b, []byte{'\n'})
	text, whole := bytes.CutSuffix(text, []byte{'\n'})
	var s seal
	if !whole || string(sum) != fmt.Sprintf("%x", sha256.Sum256(text)) || json.Unmarshal(text, &s) != nil {
		return nil, errBadSeal
	}
	return &s, nil
}

// removeSeal returns when the seal is gone for good.
func removeSeal(dir string) error {
	if err := os.Remove(filepath.Join(dir, sealName)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return syncDir(dir)
}

// syncFiles lists the files of the folder dir with their checksums, as listFiles does, and makes them last.
func syncFiles(dir string) ([]sealedFile, error) {
	files, err := listFiles(dir, syncFile)
	if err != nil {
		return nil, err
	}
	// The seal must not be there without the folder that it is about.
	return files, errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}

// listFiles lists the files of the folder dir with their checksums. It calls after for each that it has read.
func listFiles(dir string, after func(*os.File) error) ([]sealedFile, error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files := make([]sealedFile, 0, len(names))
	for _, n := range names {
		f, err := os.Open(filepath.Join(dir, n.Name()))
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		size, err := io.Copy(h, f)
		if err := errors.Join(err, after(f), f.Close()); err != nil {
			return nil, err
		}
		files = append(files, sealedFile{n.Name(), size, hex.EncodeToString(h.Sum(nil))})
	}
	return files, nil
}

// changed names the files of the folder dir that are not as sealed: altered, missing, or there without being listed.
func (s *seal) changed(dir string) ([]string, error) {
	found, err := listFiles(dir, func(*os.File) error { return nil })
	if err != nil {
		return nil, err
	}
	is := make(map[string]sealedFile)
	for _, f := range found {
		is[f.Name] = f
	}
	var names []string
	for _, f := range s.Files {
		if is[f.Name] != f {
			names = append(names, f.Name)
		}
		delete(is, f.Name)
	}
	for _, f := range found {
		if _, left := is[f.Name]; left {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

// A mark is a small file that holds the number of the last acknowledged write, overwritten in place after every group.
// It is not synced, so a power failure may set it back, but it never runs ahead of the journal: a journal that ends
// before the mark has lost something.
type mark struct{ f *os.File }

const markSize = 12 // number 8, CRC 4

// openMark writes number into the mark of the folder dir, creating it if need be, and keeps it open.
func openMark(dir string, number uint64) (*mark, error) {
	f, err := os.OpenFile(filepath.Join(dir, markName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mark{f}
	if err := errors.Join(f.Truncate(markSize), m.set(number), syncFile(f), syncDir(dir)); err != nil {
		f.Close()
		return nil, err
	}
	return m, nil
}

func (m *mark) set(number uint64) error {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, markSize), number)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	_, err := m.f.WriteAt(b, 0)
	return err
}

func (m *mark) close() error { return m.f.Close() }

// readMark returns the number in the mark of the folder dir. ok is false if there is no mark, or no sense in it.
func readMark(dir string) (number uint64, ok bool) {
	b, err := os.ReadFile(filepath.Join(dir, markName))
	if err != nil || len(b) != markSize {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]) == crc32.Checksum(b[:8], castagnoli)
}
