package chattest

import (
	"errors"
	"testing"
	"time"
)

// patience is how long a contract waits. Only what fails takes that long.
const patience = 10 * time.Second

// A Runner runs one test of a contract. [synctest.Test] runs it on a clock of its own, which is quick; what waits for
// the network or for the disk needs [Parallel].
type Runner func(t *testing.T, test func(t *testing.T))

// Parallel runs a test on the clock of the machine, beside the others.
func Parallel(t *testing.T, test func(t *testing.T)) {
	t.Parallel()
	test(t)
}

// A tester is a test of a contract.
type tester struct{ *testing.T }

// must ends the test at an error.
func (t tester) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantErr tests that err is want.
func (t tester) wantErr(what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// eventually waits until ok, and complains if it takes too long.
func (t tester) eventually(what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}
