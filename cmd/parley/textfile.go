package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"unicode/utf8"
)

// readText returns the text in the plain file at path, which the operator has named: at most limit bytes of UTF-8,
// without a byte order mark. It never waits for a writer, as a named pipe would have it, and reads no more than limit
// and one byte. An error is a sentence that names path.
func readText(path string, limit int) ([]byte, error) {
	b, err := readPlain(path, limit)
	if err != nil {
		return nil, err
	}
	if wrong := encodingFault(b); wrong != "" {
		return nil, fmt.Errorf("%s %s; save it as UTF-8", path, wrong)
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), nil
}

// readPlain returns what is in the plain file at path.
func readPlain(path string, limit int) ([]byte, error) {
	// To open a device can do something already, so look first. What is there may change until it is opened: so that
	// must not wait either.
	info, err := os.Stat(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.Unwrap(err)} // what a file's name is wanted for
	}
	if err := plain(path, info); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := plain(path, info); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(b) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, limit)
	}
	return b, nil
}

// plain returns an error if the file is no plain one.
func plain(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s is %s, not a plain file", path, kindOfFile(info.Mode()))
}

// kindOfFile says what a file is that is no plain one.
func kindOfFile(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// encodingFault says how b is not UTF-8; it is empty if b is.
func encodingFault(b []byte) string {
	switch {
	// A text in UTF-32, least byte first, begins as one in UTF-16 does.
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return "is in UTF-32"
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "is in UTF-16"
	case bytes.IndexByte(b, 0) >= 0:
		return fmt.Sprintf("has a zero byte in line %d, as UTF-16 has and text has not",
			lineOf(b, bytes.IndexByte(b, 0)))
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return fmt.Sprintf("is in another encoding, such as Latin-1: line %d has the byte %#02x", lineOf(b, i),
				b[i])
		}
		i += n
	}
	return ""
}

// lineOf returns the number of the line that b[at] is in, the first being 1.
func lineOf(b []byte, at int) int { return 1 + bytes.Count(b[:at], []byte("\n")) }
