package main

import (
	"fmt"
	"os"
	"strings"

	"parley/session"
)

// maxText is how long a text file may be, in bytes.
const maxText = 64 << 10

// texts reads the text files that the options name.
func (o *options) texts() (session.Texts, error) {
	t := session.DefaultTexts()
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
		b, err := os.ReadFile(f.path)
		if err != nil {
			return t, fmt.Errorf("--%s: %w", f.option, err)
		}
		if len(b) > maxText {
			return t, fmt.Errorf("--%s: %s is longer than %d bytes", f.option, f.path, maxText)
		}
		*f.text = strings.TrimSuffix(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	}
	return t, nil
}
