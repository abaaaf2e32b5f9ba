//go:build !linux

package testenv

func memoryFolder() string { return "" }
