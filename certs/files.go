package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"os"
)

// Files returns a source of the certificate, with its chain behind it, and the key that two PEM files hold. They are
// read again when they change: a file that has been replaced, or a link that leads elsewhere, counts.
func Files(certificate, key string, log *slog.Logger) (*Source, error) {
	return newSource(context.Background(), &files{paths: [2]string{certificate, key}}, log)
}

// ReadFiles returns the certificate that two files hold.
func ReadFiles(certificate, key string) (*tls.Certificate, error) {
	return (&files{paths: [2]string{certificate, key}}).read()
}

// files are a certificate and its key.
type files struct {
	paths [2]string
	seen  [2]os.FileInfo // when they were read
}

func (f *files) next(_ context.Context, _ *tls.Certificate, asked bool) (*tls.Certificate, error) {
	var now [2]os.FileInfo
	changed := asked
	for i, path := range f.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		now[i] = info
		changed = changed || !same(info, f.seen[i])
	}
	if !changed {
		return nil, nil
	}
	f.seen = now
	return f.read()
}

func same(a, b os.FileInfo) bool {
	return b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func (f *files) read() (*tls.Certificate, error) {
	certificate, err := readFile(f.paths[0])
	if err != nil {
		return nil, err
	}
	key, err := readFile(f.paths[1])
	if err != nil {
		return nil, err
	}
	c, err := pair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s with the key %s: %w", f.paths[0], f.paths[1], err)
	}
	return c, nil
}

// maxFile is how long a file may be, in bytes.
const maxFile = 1 << 20

// readFile reads a plain file: a pipe would not let go of whoever reads it.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is longer than 1 MiB", path)
	}
	return data, err
}
