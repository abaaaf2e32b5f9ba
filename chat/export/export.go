// Package export is the form in which accounts leave a server and come into another: lines of JSON. The first is a
// header, the last a trailer with the count of accounts and the SHA-256 of all lines before it, and between them there
// is one line for each account. It knows nothing of what is in an account.
package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
)

// Max is how long an export may be that is read, in bytes: some hundred thousand accounts.
const Max = 64 << 20

// version is that of the form. A higher one may mean what this Parley does not know.
const version = 1

const name = "parley accounts"

type header struct {
	Export  string `json:"export"`
	Version int    `json:"version"`
}

type trailer struct {
	Accounts int    `json:"accounts"`
	SHA256   string `json:"sha256"`
}

// These errors say why something is not a whole export.
var (
	ErrLong    = errors.New("export: too long")
	ErrCut     = errors.New("export: the end is missing")
	ErrOther   = errors.New("export: not an export")
	ErrNewer   = errors.New("export: of a newer version")
	ErrAltered = errors.New("export: altered")
)

// A Writer writes an export. It is for one goroutine.
type Writer struct {
	lines    *json.Encoder
	sum      hash.Hash
	accounts int
}

// NewWriter begins an export to w. What it returns must be closed, or the export is cut.
func NewWriter(w io.Writer) (*Writer, error) {
	sum := sha256.New()
	e := &Writer{lines: json.NewEncoder(io.MultiWriter(w, sum)), sum: sum}
	e.lines.SetEscapeHTML(false)
	return e, e.lines.Encode(header{name, version})
}

// Write writes an account, which is whatever JSON can say.
func (e *Writer) Write(account any) error {
	e.accounts++
	return e.lines.Encode(account)
}

// Close ends the export and returns how many accounts are in it. It does not close what it is written to.
func (e *Writer) Close() (accounts int, err error) {
	return e.accounts, e.lines.Encode(trailer{e.accounts, hex.EncodeToString(e.sum.Sum(nil))})
}

// Read returns the lines of a whole export that hold accounts. It returns ErrLong, ErrCut, ErrOther, ErrNewer or
// ErrAltered.
func Read(all []byte) (accounts [][]byte, err error) {
	if len(all) > Max {
		return nil, ErrLong
	}
	if len(all) == 0 || all[len(all)-1] != '\n' {
		return nil, ErrCut
	}
	lines := bytes.SplitAfter(all, []byte("\n"))
	lines = lines[:len(lines)-1] // nothing follows the last line end
	var head header
	if json.Unmarshal(lines[0], &head) != nil || head.Export != name {
		return nil, ErrOther
	}
	if head.Version > version {
		return nil, ErrNewer
	}
	last := lines[len(lines)-1]
	var end trailer
	if json.Unmarshal(last, &end) != nil || end.SHA256 == "" {
		return nil, ErrCut
	}
	sum := sha256.Sum256(all[:len(all)-len(last)])
	if end.SHA256 != hex.EncodeToString(sum[:]) || end.Accounts != len(lines)-2 {
		return nil, ErrAltered
	}
	return lines[1 : len(lines)-1], nil
}
