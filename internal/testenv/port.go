package testenv

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

var given sync.Map // ports that FreePort has returned

// FreePort returns a port on which nobody listens, in either family, for a program that is told where to listen. It is
// none of those that systems choose by themselves, so that no other connection gets it meanwhile, and this process has
// not had it before.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 10_000 + rand.IntN(20_000)
		if _, had := given.LoadOrStore(port, true); had {
			continue
		}
		if l, err := net.Listen("tcp", fmt.Sprintf(":%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
