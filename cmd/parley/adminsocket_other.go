//go:build !linux

package main

// makePrivate does nothing: here the data folder alone keeps others from the socket, until it has its mode.
func makePrivate(uintptr) {}
