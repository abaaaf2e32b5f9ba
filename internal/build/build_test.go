package build

import (
	"runtime/debug"
	"testing"
)

func TestInfo(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "1978ce42b1f0aabbccddeeff0011223344556677"}
	at := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-27T00:31:00+02:00"}
	for _, tt := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, Version},
		{[]debug.BuildSetting{at, {Key: "vcs.modified", Value: "true"}}, Version},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}, Version + " (commit abc)"},
		{[]debug.BuildSetting{commit, {Key: "vcs.time", Value: "yesterday"}}, Version + " (commit 1978ce42b1f0)"},
		{[]debug.BuildSetting{commit, at, {Key: "vcs.modified", Value: "false"}},
			Version + " (commit 1978ce42b1f0, 2026-11-26)"},
		{[]debug.BuildSetting{commit, at, {Key: "vcs.modified", Value: "true"}},
			Version + " (commit 1978ce42b1f0, 2026-11-26, modified)"},
	} {
		if got := from(tt.settings).String(); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.settings, got, tt.want)
		}
	}
}
