// Package testenv says what the tests may use of the machine that they run on.
package testenv

import (
	"os"
	"testing"
)

// IsLong reports whether there is time for tests that take long: PARLEY_LONG is set, as by what CI runs, and the tests
// are not to be short.
func IsLong() bool { return os.Getenv("PARLEY_LONG") != "" && !testing.Short() }

// Long skips a test that takes long, unless there is time.
func Long(t testing.TB) {
	t.Helper()
	if !IsLong() {
		t.Skip("takes long: set PARLEY_LONG=1 to run it")
	}
}

// InMemory has this process and its children make their temporary files in memory, if the system has a folder for that
// with enough room in which programs can be run. It is for tests that count what is written, and do not ask whether the
// disk keeps it: there they are several times as fast. It is called by TestMain.
func InMemory() {
	if dir := memoryFolder(); dir != "" && os.Getenv("TMPDIR") == "" {
		_ = os.Setenv("TMPDIR", dir) // else the tests are slower
	}
}
