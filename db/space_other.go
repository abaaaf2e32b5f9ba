//go:build !linux

package db

import "os"

// freeBytes cannot tell.
func freeBytes(string) (n int64, ok bool) { return 0, false }

// allocate does nothing where there is no fallocate.
func allocate(*os.File, int64) error { return nil }
