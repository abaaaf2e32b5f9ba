//go:build !linux

package dbtest

import "testing"

// SmallDisk skips the test: no file system can be mounted in memory here.
func SmallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("there are small disks on Linux alone")
	return ""
}

// FillDisk skips the test, as SmallDisk does.
func FillDisk(t *testing.T, disk string) (filler string) {
	t.Helper()
	return SmallDisk(t, 0)
}
