//go:build !race

package telnet_test

const raceEnabled = false
