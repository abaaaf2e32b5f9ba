package wire

import (
	"net/netip"
	"slices"
	"testing"
)

func TestNearestFirst(t *testing.T) {
	far := []string{"nats://240.0.0.1:4222", "tls://me:secret@240.0.0.2:4222", "nats://[100::1]:4222"}
	near := []string{"nats://127.0.0.1:4222", "tls://me:secret@[::1]:4223", "nats://127.0.0.7:1"}
	for _, a := range ownAddresses() {
		if !a.IsLinkLocalUnicast() {
			near = append(near, "nats://"+netip.AddrPortFrom(a, 4222).String())
		}
	}
	var given []string
	for i, s := range near {
		given = append(given, s)
		if i < len(far) {
			given = append(given, far[i])
		}
	}
	first := make(map[string]bool)
	for range 200 {
		got := nearestFirst(t.Context(), given)
		if !slices.Equal(got[:len(near)], near) {
			t.Fatalf("%q of %q, want %q first", got, given, near)
		}
		rest := slices.Clone(got[len(near):])
		first[rest[0]] = true
		slices.Sort(rest)
		if !slices.Equal(rest, slices.Sorted(slices.Values(far))) {
			t.Fatalf("%q of %q, want %q last", got, given, far)
		}
	}
	if len(first) != len(far) {
		t.Errorf("of those far away only %v came first", first)
	}
	if got := nearestFirst(t.Context(), []string{"nats://%zz", "nats://127.0.0.1:1"}); got[0] != "nats://127.0.0.1:1" {
		t.Errorf("%q: what is no address came first", got)
	}
}
