package chat

import (
	"net/netip"
	"slices"
)

// Sources are networks that connections come from. A nil Sources stands for the loopback addresses, so that a server
// that is tried out at home limits nobody; an empty one that is not nil has nobody in it.
type Sources []netip.Prefix

var loopback = Sources{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// Has reports whether addr is in one of the networks. The zero Addr stands for a source that nobody knows, such as the
// other end of a unix socket. It is in none: all that is unknown counts as one source, which every limit concerns.
func (s Sources) Has(addr netip.Addr) bool {
	if s == nil {
		s = loopback
	}
	addr = plain(addr)
	return slices.ContainsFunc(s, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// SourceOf returns what the limits count as one source: an IPv4 address, also one that is written as IPv6; of any other
// IPv6 address the first 64 bits, which is what one household or one rented machine has at least (RFC 6177, section 2).
func SourceOf(addr netip.Addr) netip.Addr {
	addr = plain(addr)
	if !addr.Is6() {
		return addr
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return addr // it has no zone: there is no such error
	}
	return network.Addr()
}

// addresses returns under which addresses a ban finds source. What is unknown is found under those that RFC 1122,
// section 3.2.1.3, and RFC 4291, section 2.5.2, give to whoever has no address: so a ban of 0.0.0.0, or of all
// addresses, concerns it.
func addresses(source netip.Addr) []netip.Addr {
	if !source.IsValid() {
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	}
	return []netip.Addr{plain(source)}
}

// covers reports whether a ban of network concerns source.
func covers(network netip.Prefix, source netip.Addr) bool {
	return slices.ContainsFunc(addresses(source), network.Contains)
}
