package db

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/chat"
	"parley/db/dbtest"
)

const parcelText = `{"text":"a line\nand one more"}`

func TestParcel(t *testing.T) {
	dir := t.TempDir()
	take := func(want string) {
		t.Helper()
		if got, err := TakeParcel(dir, "seats", 1); err != nil || string(got) != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	take("")
	if err := LeaveParcel(dir, "seats", 1, []byte("an older one")); err != nil {
		t.Fatal(err)
	}
	if err := LeaveParcel(dir, "seats", 1, []byte(parcelText)); err != nil {
		t.Fatal(err)
	}
	take(parcelText)
	take("")
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("left over: %v, %v", names, err)
	}
}

// TestParcelDamaged flips each byte, and cuts the file at each place: nothing of it is ever taken for what was left.
func TestParcelDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "seats")
	if err := LeaveParcel(dir, "seats", 1, []byte(parcelText)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	aside := 0
	try := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := TakeParcel(dir, "seats", 1)
		if data != nil || !errors.Is(err, errBadParcel) && !errors.Is(err, errOtherParcel) {
			t.Fatalf("of %q came %q, %v", b, data, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatalf("%q is still there", b)
		}
		aside++
	}
	for i := range whole {
		flipped := append([]byte(nil), whole...)
		flipped[i] ^= 1
		try(flipped)
		try(whole[:i])
	}
	if names, err := filepath.Glob(path + ".damaged-*"); err != nil || len(names) != aside {
		t.Errorf("%d are kept aside of %d, %v", len(names), aside, err)
	}
}

func TestParcelOfAnotherVersion(t *testing.T) {
	dir := t.TempDir()
	if err := LeaveParcel(dir, "seats", 2, []byte(parcelText)); err != nil {
		t.Fatal(err)
	}
	_, err := TakeParcel(dir, "seats", 1)
	if !errors.Is(err, errOtherParcel) || !strings.Contains(err.Error(), "seats.damaged-1") {
		t.Errorf("got %v", err)
	}
}

func TestParcelOnFullDisk(t *testing.T) {
	disk := dbtest.SmallDisk(t, 1)
	dbtest.FillDisk(t, disk)
	if err := LeaveParcel(disk, "seats", 1, []byte(parcelText)); !errors.Is(err, chat.ErrDiskFull) {
		t.Errorf("got %v", err)
	}
	if got, err := TakeParcel(disk, "seats", 1); got != nil || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
