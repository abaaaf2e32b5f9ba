package doors

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pires/go-proxyproto"
)

// version2 returns a header of version 2 with so many bytes of extensions.
func version2(t testing.TB, source, target string, extension int) string {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(2, tcpAddr(source), tcpAddr(target))
	if extension > 0 {
		tlv := proxyproto.TLV{Type: proxyproto.PP2_TYPE_AUTHORITY, Value: bytes.Repeat([]byte("x"), extension)}
		if err := h.SetTLVs([]proxyproto.TLV{tlv}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReadHeader reads headers, whole and byte by byte, and nothing of what follows.
func TestReadHeader(t *testing.T) {
	local := "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
	for _, tt := range []struct {
		header, want string // "" for the proxy itself, "no" for an error
	}{
		{"PROXY TCP4 203.0.113.9 198.51.100.1 56324 4000\r\n", "203.0.113.9:56324"},
		{"PROXY TCP6 2001:db8::1 2001:db8::2 1 4000\r\n", "[2001:db8::1]:1"},
		{"PROXY UNKNOWN\r\n", ""},
		{"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""},
		{version2(t, "203.0.113.9:5", "198.51.100.1:4000", 0), "203.0.113.9:5"},
		{version2(t, "[2001:db8::1]:5", "[2001:db8::2]:4000", 300), "[2001:db8::1]:5"},
		{local, ""},
		{version2(t, "203.0.113.9:5", "198.51.100.1:4000", 5000), "no"},
		{"PROXY TCP4 203.0.113.9 198.51.100.1 56324\r\n", "no"},
		{"PROXY TCP4 a b 1 2\r\n", "no"},
		{"PROXY TCP4 203.0.113.9 198.51.100.1 1 70000\r\n", "no"},
		{"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "no"},
		{"PROXY TCP4 203.0.113.9 198.51.100.1 1 2\n", "no"},
		{"PROXY " + strings.Repeat("x", 10_000), "no"},
		{"guest\r\n", "no"},
		{"\xff\xfb\x1f", "no"},
		{"", "no"},
		{"PROXY TCP4 203.0.113.9", "no"},
		{local[:14], "no"},
	} {
		const text = "\xff\xfb\x1fguest\r\n"
		for _, pieces := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, func(r io.Reader) io.Reader { return iotest.OneByteReader(r) },
		} {
			tail := text
			if tt.want == "no" {
				tail = ""
			}
			r := strings.NewReader(tt.header + tail)
			source, _, err := readHeader(pieces(r))
			got := ""
			switch {
			case err != nil:
				got = "no"
			case source != nil:
				got = source.String()
			}
			if got != tt.want || err != nil && !errors.Is(err, errHeader) {
				t.Errorf("%q: %s, %v, want %s", tt.header, got, err, tt.want)
			}
			if left, _ := io.ReadAll(r); err == nil && string(left) != text {
				t.Errorf("%q: %q is left", tt.header, left)
			}
		}
	}
}

// FuzzHeader reads whatever a proxy may send: what is taken for a header names an address or nobody, is no longer than
// it may be, and means the same whatever follows.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("PROXY TCP4 203.0.113.9 198.51.100.1 56324 4000\r\nguest\r\n"))
	f.Add([]byte("PROXY TCP6 2001:db8::1 2001:db8::2 1 4000\r\n"))
	f.Add([]byte("PROXY UNKNOWN\r\n"))
	f.Add([]byte(version2(f, "203.0.113.9:5", "198.51.100.1:4000", 0)))
	f.Add([]byte(version2(f, "[2001:db8::1]:5", "[2001:db8::2]:4000", 30)))
	f.Add([]byte("\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		r := bytes.NewReader(sent)
		source, _, err := readHeader(r)
		if err != nil {
			return
		}
		taken := len(sent) - r.Len()
		if taken > maxHeader {
			t.Errorf("a header of %d bytes", taken)
		}
		if source != nil && (source.AddrPort().Addr() == netip.Addr{} || source.Port > 65535) {
			t.Errorf("it comes from %v", source)
		}
		again, _, err := readHeader(io.MultiReader(bytes.NewReader(sent[:taken]), strings.NewReader("guest\r\n")))
		if err != nil || (again == nil) != (source == nil) || again != nil && again.String() != source.String() {
			t.Errorf("alone it is %v, %v, and not %v", again, err, source)
		}
	})
}

func tcpAddr(s string) *net.TCPAddr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(s)) }
