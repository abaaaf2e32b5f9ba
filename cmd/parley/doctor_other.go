//go:build !unix

package main

const posix = false

func unusable(string) string { return "" }

func unmakeable(string) error { return nil }

func (*doctor) reads(string) {}
