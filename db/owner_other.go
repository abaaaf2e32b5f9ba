//go:build !unix

package db

// usable leaves it to the operating system.
func usable(string) error { return nil }

func foreign(err error) string { return err.Error() }
