package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A file goes into an archive.
type file struct {
	name string // with / between folders
	mode fs.FileMode
	data []byte
}

type files []file

// sorted returns the files in the order of their names.
func (all files) sorted() files {
	return slices.SortedFunc(slices.Values(all), func(a, b file) int { return cmp.Compare(a.name, b.name) })
}

// find returns the file with that name, which is there.
func (all files) find(name string) file {
	for _, f := range all {
		if f.name == name {
			return f
		}
	}
	panic("no file " + name)
}

// gzipped compresses data, and says of it neither a name nor a time. What is written to memory does not fail.
func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

// A tape is a tar archive that is written in memory, where nothing fails but what its caller has wrong.
type tape struct {
	b  bytes.Buffer
	w  *tar.Writer
	at time.Time // of all that is on it
}

func newTape(at time.Time) *tape {
	t := &tape{at: at}
	t.w = tar.NewWriter(&t.b)
	return t
}

// add adds a file, or a folder if its mode says so, that belongs to the user and group with the number id.
func (t *tape) add(f file, id int) {
	h := &tar.Header{Name: f.name, Mode: int64(f.mode.Perm()), Size: int64(len(f.data)), ModTime: t.at, Uid: id,
		Gid: id, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
	if f.mode.IsDir() {
		h.Typeflag, h.Name = tar.TypeDir, f.name+"/"
	}
	if err := t.w.WriteHeader(h); err != nil {
		panic(err)
	}
	_, _ = t.w.Write(f.data)
}

func (t *tape) bytes() []byte {
	if err := t.w.Close(); err != nil {
		panic(err)
	}
	return t.b.Bytes()
}

// tarball returns a compressed tar archive of the files, all in a folder of that name.
func tarball(folder string, all files, at time.Time) []byte {
	t := newTape(at)
	made := make(map[string]bool)
	for _, f := range all.sorted() {
		f.name = path.Join(folder, f.name)
		var above []string
		for dir := path.Dir(f.name); dir != "." && !made[dir]; dir = path.Dir(dir) {
			made[dir] = true
			above = append(above, dir)
		}
		for _, dir := range slices.Backward(above) {
			t.add(file{name: dir, mode: fs.ModeDir | 0o755}, 0)
		}
		t.add(f, 0)
	}
	return gzipped(t.bytes())
}

// zipped returns a zip archive of the files, all in a folder of that name.
func zipped(folder string, all files, at time.Time) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range all.sorted() {
		h := &zip.FileHeader{Name: path.Join(folder, f.name), Method: zip.Deflate, Modified: at}
		h.SetMode(f.mode)
		part, err := w.CreateHeader(h)
		if err != nil {
			panic(err)
		}
		_, _ = part.Write(f.data)
	}
	_ = w.Close()
	return b.Bytes()
}

// sums writes SHA256SUMS over the files in the folder dir, as sha256sum -c reads it.
func sums(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(b.String()), 0o644)
}
