//go:build !unix

package db

import "os"

// lockFile leaves it to Badger, which locks its own folder everywhere.
func lockFile(*os.File) error { return nil }
