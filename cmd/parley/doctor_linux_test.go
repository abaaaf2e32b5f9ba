package main

import "testing"

func TestMemoryLimit(t *testing.T) {
	for value, want := range map[string]int64{"900MiB": 900 << 20, "1GiB": 1 << 30, "5": 5, "7B": 7, "2KiB": 2 << 10,
		"": -1, "off": -1, "MiB": -1, "x": -1} {
		if n, ok := memoryLimit(value); ok != (want >= 0) || ok && n != want {
			t.Errorf("%q: %d, %v", value, n, ok)
		}
	}
}
