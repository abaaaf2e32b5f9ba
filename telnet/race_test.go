//go:build race

package telnet_test

const raceEnabled = true
