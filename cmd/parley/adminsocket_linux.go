package main

import "golang.org/x/sys/unix"

// makePrivate gives a socket that has no name yet the mode that its file will have: nobody else can ever connect.
func makePrivate(fd uintptr) { _ = unix.Fchmod(int(fd), 0o600) }
