package chattest

import (
	"errors"
	"testing"
	"time"
)

// patience is how long a contract waits. Only what fails takes that long.
const patience = 10 * time.Second

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
