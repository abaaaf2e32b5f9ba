//go:build unix

package main

import "syscall"

// maxConns returns how many connections the process has descriptors for, at least one; zero means that nobody knows.
// Package os has raised the soft limit to the hard one.
func maxConns() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	const enough = 1 << 20
	return max(1, int(min(uint64(limit.Cur), enough))-spareFiles)
}
