//go:build !unix

package doors

// probes is how many a peer may leave without an answer.
const probes = int((vanishTime - maxKeepAliveIdle) / probeEvery)

// setShared sets nothing: a Synch, which few clients send, costs one character here.
func setShared(uintptr) error { return nil }
