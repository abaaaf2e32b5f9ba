package session

import "slices"

const (
	maxHistory      = 100     // lines
	maxHistoryBytes = 8 << 10 // of text in all lines together
)

// A history is the lines that a person may call back with the arrow keys.
type history struct {
	lines []string // the oldest first
	bytes int
}

func (h *history) add(line string) {
	if line == "" || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	h.bytes += len(line)
	old := 0
	for len(h.lines)-old > maxHistory || h.bytes > maxHistoryBytes {
		h.bytes -= len(h.lines[old])
		old++
	}
	h.lines = slices.Delete(h.lines, 0, old)
}

// drop takes the newest line away.
func (h *history) drop() {
	if n := len(h.lines); n > 0 {
		h.bytes -= len(h.lines[n-1])
		h.lines[n-1] = ""
		h.lines = h.lines[:n-1]
	}
}

// at returns the line that is back lines ago: 1 is the newest one. It reports false if there is none.
func (h *history) at(back int) (string, bool) {
	if back < 1 || back > len(h.lines) {
		return "", false
	}
	return h.lines[len(h.lines)-back], true
}
