package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"parley/chat"
)

// noExemption is the word for it among the networks of --limits-exempt.
const noExemption = "none"

// exempt returns the sources that no limit concerns: an empty list, which is not nil, for none.
func (o *options) exempt() (chat.Sources, error) {
	if slices.Equal(o.LimitsExempt, []string{noExemption}) {
		return chat.Sources{}, nil
	}
	if slices.Contains(o.LimitsExempt, noExemption) {
		return nil, errors.New("--limits-exempt: none stands alone, or not at all")
	}
	return sources(o.LimitsExempt, "--limits-exempt: %q is neither an address such as 192.0.2.7, nor a network such "+
		"as 192.0.2.0/24, nor none")
}

// unixProxies is the word for those who come by a unix socket among --trusted-proxies.
const unixProxies = "unix"

// proxies returns which addresses are those of which a header of the PROXY protocol is required, and from which it is
// obeyed. That of who comes by a unix socket is the zero Addr.
func (o *options) proxies() (are func(netip.Addr) bool, err error) {
	networks := slices.DeleteFunc(slices.Clone(o.TrustedProxies), func(word string) bool { return word == unixProxies })
	unix := len(networks) < len(o.TrustedProxies)
	all, err := sources(networks, "--trusted-proxies: %q is neither an address such as 192.0.2.7, nor a network such "+
		"as 192.0.2.0/24, nor unix")
	return func(addr netip.Addr) bool { return unix && !addr.IsValid() || all.Has(addr) }, err
}

// sources returns the networks, or single addresses, that words are. complaint words what is said of each that is none.
func sources(words []string, complaint string) (chat.Sources, error) {
	all := chat.Sources{}
	var faults []error
	for _, word := range words {
		network, err := netip.ParsePrefix(word)
		if err != nil {
			addr, err := netip.ParseAddr(word)
			if err != nil || addr.Zone() != "" {
				faults = append(faults, fmt.Errorf(complaint, word))
				continue
			}
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, network.Masked())
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return all, nil
}

// spareFiles are the descriptors that connections must leave to the store, the log and the operators, and to those who
// are told why they cannot come in.
const spareFiles = 128
