package session

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestXtermWidths compares 2,000 strings with what xterm.js, as the page uses it, takes for them: see widths.mjs beside
// the file. Where all terminals are said to agree it agrees, and nowhere does it take more than a line is reckoned with
// that is typed or written: so no row runs over the edge, whatever it makes of joined emoji, flags and jamo.
func TestXtermWidths(t *testing.T) {
	f, err := os.Open("../web/testdata/widths.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	count, same, sure := 0, 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); count++ {
		number, quoted, _ := strings.Cut(lines.Text(), " ")
		width, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		var s string
		if err := json.Unmarshal([]byte(quoted), &s); err != nil {
			t.Fatal(err)
		}
		if cells(s) == width {
			same++
		}
		if certain(s) {
			if sure++; cells(s) != width {
				t.Errorf("%q: certain to take %d, and takes %d", s, cells(s), width)
			}
		}
		if most := typedCells(s); width > most {
			t.Errorf("%q: takes %d when it is typed, reckoned with %d", s, width, most)
		}
		if most := maxCells(s); width > most {
			t.Errorf("%q: takes %d, reckoned with %d", s, width, most)
		}
	}
	if count != 2000 {
		t.Errorf("%d strings", count)
	}
	t.Logf("of %d strings %d are as wide here as there, and %d are said to be certain", count, same, sure)
}
