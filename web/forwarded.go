package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// sourceOf returns where r comes from: ok is false where that is for a proxy to say, which does not.
func (s *Site) sourceOf(r *http.Request) (source netip.Addr, ok bool) {
	pass := visitOf(r).pass
	if !pass.Forwards() {
		return pass.Source(), true
	}
	return forwardedFor(r.Header["X-Forwarded-For"], s.Trusted)
}

// forwardedFor returns who comes by the proxies that have written those headers: the last address that is not a
// trusted proxy's, since each proxy adds behind what it was sent whom it was sent it by. If all are, it is the first.
// What is left of it anybody may have written. ok is false where there is something else than an address.
func forwardedFor(headers []string, trusted func(netip.Addr) bool) (source netip.Addr, ok bool) {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		if source, ok = hop(hops[i]); !ok {
			return netip.Addr{}, false
		}
		if trusted == nil || !trusted(source) {
			break
		}
	}
	return source, ok
}

// hop reads an address as proxies write it: with a port or without, and if it is one of IPv6 with brackets or without.
func hop(text string) (addr netip.Addr, ok bool) {
	text = strings.Trim(text, " \t")
	if with, err := netip.ParseAddrPort(text); err == nil {
		addr = with.Addr()
	} else {
		if inside, bracket := strings.CutPrefix(text, "["); bracket {
			if text, bracket = strings.CutSuffix(inside, "]"); !bracket || !strings.Contains(text, ":") {
				return netip.Addr{}, false
			}
		}
		if addr, err = netip.ParseAddr(text); err != nil {
			return netip.Addr{}, false
		}
	}
	return addr.Unmap().WithZone(""), true
}
