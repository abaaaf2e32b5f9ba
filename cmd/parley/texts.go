package main

import (
	"errors"
	"fmt"
	"strings"

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
