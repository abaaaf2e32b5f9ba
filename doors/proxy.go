package doors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/pires/go-proxyproto"

	"parley/internal/rawconn"
)

// A proxy says in a header who it is that comes by it (haproxy's proxy-protocol.txt, versions 1 and 2). From a proxy
// that is trusted the header is required, so that nobody can come by it and count as the proxy itself; from others it
// is one protocol among those that are not spoken here, so that nobody can name an address of their choice. A door that
// is Forwarded lets a proxy leave the header out: what such a proxy brings is nobody's until it has said whose.
const (
	headerTime = 3 * time.Second // in which the header has to be there
	maxHeaders = 256             // that are waited for at a time
	maxHeader  = 4096            // bytes: those of version 2 may carry more than the addresses
)

// errOther is returned for a proxy that begins with something else, of which nothing is a header.
var errOther = fmt.Errorf("%w: it begins with something else", errHeader)

// errHeader is returned for a proxy whose connection does not begin with a header.
var errHeader = errors.New("doors: no header of the proxy")

// proxied returns nc as a connection that comes from where the proxy says, once it has said that. It waits for that.
// If the proxy may say it in another way, forwarded is set.
func proxied(nc net.Conn, forwarded bool) (net.Conn, error) {
	if err := nc.SetReadDeadline(time.Now().Add(headerTime)); err != nil {
		return nil, err
	}
	source, other, err := readHeader(nc)
	if err != nil && !(forwarded && errors.Is(err, errOther)) {
		return nil, err
	}
	if err := nc.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	if err != nil {
		return &forwarding{rawconn.Begun(rawconn.Of(nc), other)}, nil
	}
	if source == nil {
		return nc, nil // the proxy itself: it looks whether somebody is there
	}
	return &carried{Conn: rawconn.Of(nc), source: source}, nil
}

// readHeader reads a header, and not a byte more. It returns nil where the proxy speaks for itself. With errOther it
// returns what it has read.
func readHeader(r io.Reader) (source *net.TCPAddr, other []byte, err error) {
	b, err := takeHeader(r)
	if err != nil {
		return nil, b, err
	}
	header, err := proxyproto.Read(bufio.NewReaderSize(bytes.NewReader(b), len(b))) // which wants it whole
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errHeader, err)
	}
	if header.Command.IsLocal() || header.TransportProtocol.IsUnspec() {
		return nil, nil, nil
	}
	source, _, ok := header.TCPAddrs()
	if !ok || source == nil || !source.AddrPort().IsValid() {
		return nil, nil, fmt.Errorf("%w: it names no address of TCP", errHeader)
	}
	return source, nil, nil
}

// The two versions begin so; the second tells, behind as many bytes as fixed says, how many follow.
const (
	signature1 = "PROXY "
	signature2 = "\r\n\r\n\x00\r\nQUIT\n"
	fixed      = 16
	maxLine    = 107 // bytes of a header of version 1
)

// takeHeader reads what is as long as a header, and begins as one. With errOther it returns what it has read.
func takeHeader(r io.Reader) (b []byte, err error) {
	for whole := false; !whole; {
		var next [1]byte // what follows is not ours to read
		if _, err := io.ReadFull(r, next[:]); err != nil {
			return nil, fmt.Errorf("%w: %w", errHeader, err)
		}
		b = append(b, next[0])
		switch {
		case b[0] == signature1[0]:
			if n := min(len(b), len(signature1)); string(b[:n]) != signature1[:n] {
				return b, errOther
			}
			if len(b) > maxLine {
				return nil, errHeader
			}
			whole = next[0] == '\n'
		default:
			if n := min(len(b), len(signature2)); string(b[:n]) != signature2[:n] {
				return b, errOther
			}
			if len(b) >= fixed {
				length := fixed + int(binary.BigEndian.Uint16(b[fixed-2:]))
				if length > maxHeader {
					return nil, errHeader
				}
				whole = len(b) == length
			}
		}
	}
	return b, nil
}

// A carried connection comes from where a proxy says.
type carried struct {
	rawconn.Conn
	source *net.TCPAddr
}

func (c *carried) RemoteAddr() net.Addr { return c.source }

// CloseWrite ends the output.
func (c *carried) CloseWrite() error {
	return rawconn.CloseWrite(c.Conn)
}

// A forwarding connection is one of a proxy that is to say in another way who comes.
type forwarding struct{ rawconn.Conn }

// CloseWrite ends the output.
func (c *forwarding) CloseWrite() error { return rawconn.CloseWrite(c.Conn) }

// isProxy reports whether a header is required of who comes from addr.
func (s *Server) isProxy(addr netip.Addr) bool { return s.Proxy != nil && s.Proxy(addr) }

// await lets in who comes by a proxy, once the proxy has said who that is. It does not wait.
func (s *Server) await(nc net.Conn, d Door) {
	if !s.mayAwait() {
		nc.Close()
		s.ended(nc, Refusal{Reason: Crowded})
		return
	}
	if !s.note(nc) {
		s.awaited()
		nc.Close()
		return
	}
	s.watchOver(nc)
	s.running.Go(func() { // for headerTime at most
		defer s.survive(nc, "header of a proxy")
		from, err := s.from(nc, d)
		if err != nil {
			nc.Close()
			s.ended(nc, err)
			return
		}
		s.admit(from, d)
	})
}

// from waits for the header of nc, which is noted meanwhile.
func (s *Server) from(nc net.Conn, d Door) (net.Conn, error) {
	defer s.forget(nc)
	defer s.awaited()
	return proxied(nc, d.Forwarded)
}

// mayAwait takes one of the places for connections whose header is waited for.
func (s *Server) mayAwait() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awaiting >= maxHeaders {
		return false
	}
	s.awaiting++
	return true
}

func (s *Server) awaited() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaiting--
}
