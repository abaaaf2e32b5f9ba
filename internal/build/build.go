// Package build says which Parley this is.
package build

import (
	"runtime/debug"
	"strings"
	"time"
)

// Version is the release that this source is, or goes before, as semantic versioning spells it (semver.org).
const Version = "0.1.0"

// Info is where the program was built from. The zero value stands for a build that knows only its version, such as one
// from sources without their history.
type Info struct {
	Commit   string    // the commit's whole name, empty if it is not known
	Time     time.Time // when that was committed, in UTC; zero if it is not known
	Modified bool      // whether the sources differed from the commit
}

// Read returns what the go command has written into the running program.
func Read() Info {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return Info{}
	}
	return from(b.Settings)
}

func from(settings []debug.BuildSetting) (i Info) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.time":
			if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
				i.Time = t.UTC()
			}
		case "vcs.modified":
			i.Modified = s.Value == "true"
		}
	}
	return i
}

// Date returns the day of the commit, such as 2026-11-27, in UTC; the empty string if it is not known.
func (i Info) Date() string {
	if i.Time.IsZero() {
		return ""
	}
	return i.Time.Format(time.DateOnly)
}

// shortCommit is how many digits of a commit's name people read.
const shortCommit = 12

// String returns the version with the commit, such as "0.1.0 (commit 1978ce42b1f0, 2026-11-27, modified)".
func (i Info) String() string {
	if i.Commit == "" {
		return Version
	}
	parts := []string{"commit " + i.Commit[:min(shortCommit, len(i.Commit))]}
	if date := i.Date(); date != "" {
		parts = append(parts, date)
	}
	if i.Modified {
		parts = append(parts, "modified")
	}
	return Version + " (" + strings.Join(parts, ", ") + ")"
}
