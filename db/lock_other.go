//go:build !unix

package db

import "os"

const locksFiles = false

// lockFile leaves it to Badger, which locks its own folder everywhere.
func lockFile(*os.File) error { return nil }

func shareFile(*os.File) error { return nil }
