//go:build !unix

package telnet

// setSystemOptions sets nothing where the options are not at hand.
func setSystemOptions(uintptr) {}
