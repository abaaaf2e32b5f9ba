//go:build !unix

package telnet

import "time"

// setSystemOptions sets nothing where the options are not at hand: a Synch, which few clients send, then costs one character.
func setSystemOptions(uintptr, time.Duration) error { return nil }
