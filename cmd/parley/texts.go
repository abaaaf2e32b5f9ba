package main

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"parley/session"
)

// maxText is how long a text file may be, in bytes.
const maxText = 64 << 10

// lineEnds makes one kind of line end of the three that editors write.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// texts returns the texts that the options and the files they name make. The error joins one for each fault.
func (o *options) texts() (session.Texts, error) {
	var faults []error
	if err := session.CheckName(o.Name); err != nil {
		faults = append(faults, fmt.Errorf("--name: %w", err))
	}
	t := session.DefaultTexts(o.Name)
	for _, f := range []struct {
		option, path string
		text         *string
	}{
		{"banner", o.Banner, &t.Banner},
		{"motd", o.MOTD, &t.MOTD},
		{"goodbye", o.Goodbye, &t.Goodbye},
	} {
		if f.path == "" {
			continue
		}
		b, err := readText(f.path, maxText)
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s: %w", f.option, err))
		}
		*f.text = strings.TrimSuffix(lineEnds.Replace(string(b)), "\n")
	}
	if o.Banner != "" {
		t.Encrypted = t.Banner
	}
	return t, errors.Join(faults...)
}

// textFiles are the texts of an operator's files, as they were last read. Safe for concurrent use.
type textFiles struct {
	texts atomic.Pointer[session.Texts]
}

// read reads the files that o names. When one cannot be read, all stay as they were.
func (t *textFiles) read(o *options) error {
	texts, err := o.texts()
	if err == nil {
		t.texts.Store(&texts)
	}
	return err
}

func (t *textFiles) current() session.Texts { return *t.texts.Load() }
