package main

import (
	"errors"
	"fmt"
	"net/netip"

	"parley/chat"
)

// noExemption is the word for it among the networks of --limits-exempt.
const noExemption = "none"

// exempt returns the sources that no limit concerns: an empty list, which is not nil, for none.
func (o *options) exempt() (chat.Sources, error) {
	exempt := chat.Sources{}
	for _, word := range o.LimitsExempt {
		if word == noExemption {
			if len(o.LimitsExempt) > 1 {
				return nil, errors.New("--limits-exempt: none stands alone, or not at all")
			}
			return exempt, nil
		}
		network, err := netip.ParsePrefix(word)
		if err != nil {
			addr, err := netip.ParseAddr(word)
			if err != nil || addr.Zone() != "" {
				return nil, fmt.Errorf("--limits-exempt: %q is neither an address such as 192.0.2.7, nor a network "+
					"such as 192.0.2.0/24, nor none", word)
			}
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
		exempt = append(exempt, network.Masked())
	}
	return exempt, nil
}

// spareFiles are the descriptors that connections must leave to the store, the log and the operators, and to those who
// are told why they cannot come in.
const spareFiles = 128
