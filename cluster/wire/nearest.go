package wire

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"slices"
)

// nearestFirst returns the servers in the order in which a node tries them. Those of its own machine come first, as
// they were given: with a server on each machine, a node then says nothing by way of a third machine, and is cut off by
// no other's failure. The others come in any order, so that not all nodes go to the same one.
func nearestFirst(ctx context.Context, servers []string) []string {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	own := ownAddresses()
	var near, far []string
	for _, s := range servers {
		if isOwn(ctx, s, own) {
			near = append(near, s)
		} else {
			far = append(far, s)
		}
	}
	rand.Shuffle(len(far), func(i, j int) { far[i], far[j] = far[j], far[i] })
	return append(near, far...)
}

// ownAddresses returns those of this machine, as far as the system says them.
func ownAddresses() (own []netip.Addr) {
	nets, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, n := range nets {
		if prefix, err := netip.ParsePrefix(n.String()); err == nil {
			own = append(own, prefix.Addr().Unmap())
		}
	}
	return own
}

// isOwn reports whether the server is on this machine. One whose name leads nowhere now is not.
func isOwn(ctx context.Context, server string, own []netip.Addr) bool {
	u, err := url.Parse(server)
	if err != nil {
		return false
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return false
	}
	return slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		a = a.Unmap().WithZone("")
		return a.IsLoopback() || slices.Contains(own, a)
	})
}
