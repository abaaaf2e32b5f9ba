package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"parley/doors"
)

// A place is where one socket listens.
type place struct {
	ip   netip.Addr
	port int // zero for any that is free
}

// network says which family of addresses the socket is for, and for no other: what listens on 0.0.0.0 leaves [::] to
// others.
func (p place) network() string {
	if p.ip.Is4() {
		return "tcp4"
	}
	return "tcp6"
}

func (p place) String() string { return net.JoinHostPort(p.ip.String(), strconv.Itoa(p.port)) }

// covers reports whether a socket at p listens at q too.
func (p place) covers(q place) bool {
	return p.ip.BitLen() == q.ip.BitLen() && p.port == q.port && p.port != 0 && (p.ip.IsUnspecified() || p.ip == q.ip)
}

// An entrance is an address that the operator gave, with the sockets that listen there: two where it stands for both
// families.
type entrance struct {
	door      string // whose it is
	host      string // as it was given
	places    []place
	listeners []net.Listener
}

// entrances are all addresses that are listened to.
type entrances []*entrance

// listenAll opens all addresses, or none. An address without a host stands for all of this machine's, localhost for
// both loopbacks, and another name for all that it leads to; of several places those count that this machine has. Port
// 0 is the same for all places of an address.
func (p *program) listenAll(ctx context.Context, addresses []string) (entrances, error) {
	var all entrances
	for _, address := range addresses {
		host, port, err := splitAddress(address)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		ips, err := addressesOf(ctx, host)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		e := &entrance{host: host}
		for _, ip := range ips {
			e.places = append(e.places, place{ip, port})
		}
		all = append(all, e)
	}
	all.dropCovered()
	for _, e := range all {
		if err := p.open(ctx, e); err != nil {
			all.close()
			return nil, err
		}
	}
	return all, nil
}

// splitAddress returns the host and the port of an address such as localhost:4000.
func splitAddress(address string) (host string, port int, err error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = net.LookupPort("tcp", service)
	return host, port, err
}

// addressesOf returns the addresses that host stands for.
func addressesOf(ctx context.Context, host string) ([]netip.Addr, error) {
	switch {
	case host == "":
		return []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}, nil
	case strings.EqualFold(strings.TrimSuffix(host, "."), "localhost"):
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, err
}

// dropCovered leaves out the places at which another socket listens too: two cannot.
func (all entrances) dropCovered() {
	var every []place
	for _, e := range all {
		every = append(every, e.places...)
	}
	seen := make(map[place]bool)
	for _, e := range all {
		e.places = slices.DeleteFunc(e.places, func(at place) bool {
			again := seen[at]
			seen[at] = at.port != 0
			return again || slices.ContainsFunc(every, func(by place) bool { return by != at && by.covers(at) })
		})
	}
}

// portTries is how often a port is picked that may be free in one family of addresses alone.
const portTries = 32

// open opens the sockets of e.
func (p *program) open(ctx context.Context, e *entrance) error {
	for try := 1; ; try++ {
		err := p.openOnce(ctx, e)
		if err == nil {
			return nil
		}
		e.close()
		picked := len(e.places) > 1 && e.places[0].port == 0
		if !picked || try == portTries || !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
}

func (p *program) openOnce(ctx context.Context, e *entrance) error {
	listen := p.listen
	if listen == nil {
		listen = doors.Listen
	}
	var missing error
	port := 0
	for _, at := range e.places {
		if at.port == 0 {
			at.port = port
		}
		l, err := listen(ctx, at.network(), at.String())
		switch {
		case err == nil:
			e.listeners = append(e.listeners, l)
			if tcp, ok := l.Addr().(*net.TCPAddr); ok {
				port = tcp.Port
			}
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("the address %s is in use by another program: stop that, or choose another address%w", at,
				quiet{err})
		case len(e.places) > 1 && notHere(err):
			missing = err
		default:
			return cannotListen(at.String(), err)
		}
	}
	if len(e.listeners) == 0 && missing != nil {
		return cannotListen(e.host, missing)
	}
	return nil
}

// cannotListen says that err keeps the program from an address, and what to do.
func cannotListen(address string, err error) error {
	advice := "choose an address of this machine, such as :4000 for all that it has"
	if errors.Is(err, syscall.EACCES) {
		advice = "a port below 1024 needs root, or systemd's socket (parley.socket)"
	}
	return fmt.Errorf("cannot listen on %s: %w; %s", address, err, advice)
}

// notHere reports whether a machine answers so that does not have the address, or none of its family.
func notHere(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err,
		syscall.EPROTONOSUPPORT)
}

// quiet is a cause that is not to be read.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }

func (all entrances) listeners() []net.Listener {
	var listeners []net.Listener
	for _, e := range all {
		listeners = append(listeners, e.listeners...)
	}
	return listeners
}

func (all entrances) close() {
	for _, e := range all {
		e.close()
	}
}

func (e *entrance) close() {
	for _, l := range e.listeners {
		l.Close()
	}
	e.listeners = nil
}
