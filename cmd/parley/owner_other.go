//go:build !unix

package main

func become(dir string) (path string, err error) { return dir, nil }

func refuseForeign(string) error { return nil }

func closed(dir string) string {
	return "the data folder " + dir + " belongs to another user; use the account that Parley runs under"
}
