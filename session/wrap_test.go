package session

import (
	"strings"
	"testing"
	"unicode/utf8"

	"parley/chat"
)

func TestAppendWrapped(t *testing.T) {
	tests := []struct {
		name, line string
		width      int
		want       string // rows, with "|" between them
	}{
		{"short", "hello", 20, "hello"},
		{"empty", "", 20, ""},
		{"exactly", "0123456789 012345678", 20, "0123456789 012345678"},
		{"between words", "0123456789 0123456789", 20, "0123456789|    0123456789"},
		{"blanks inside", "a  b   c", 20, "a  b   c"},
		{"blanks at the break", "0123456789     0123456789", 20, "0123456789|    0123456789"},
		{"blanks in front", "   hello", 20, "   hello"},
		{"blanks at the end", "hello" + strings.Repeat(" ", 30), 20, "hello"},
		{"padding", "bob: a" + strings.Repeat(" ", 40) + "!!system!!: fake", 20, "bob: a|    !!system!!: fake"},
		{"padding that is no blank", "a" + strings.Repeat("\u00a0", 20) + "bob: x", 20,
			"a" + strings.Repeat("\u00a0", 19) + "|    \u00a0bob: x"},
		{"wide padding", "bob: " + strings.Repeat("\u3000", 10) + "eve: x", 20,
			"bob: " + strings.Repeat("\u3000", 7) + "|    \u3000\u3000\u3000eve: x"},
		{"long word", "see http://example.org/a/long/path", 20, "see http://example.o|    rg/a/long/path"},
		{"very long word", strings.Repeat("x", 50), 20, strings.Repeat("x", 20) + "|    " + strings.Repeat("x",
			16) + "|    " + strings.Repeat("x", 14)},
		{"wide", "a日本語日本語日本語日", 20, "a日本語日本語日本語|    日"},
		{"may be wide", "①②③④⑤⑥⑦⑧⑨⑩⑪", 20, "①②③④⑤⑥⑦⑧⑨⑩|    ⑪"},
		{"Cyrillic", "Жжжжжжжжжжж", 20, "Жжжжжжжжжжж"},
		{"emoji", family + family + family + family, 20, family + family + family + "|    " + family},
		{"a heap of emoji", "👩" + strings.Repeat("\u200d👩", 9), 20, "👩" + strings.Repeat("\u200d👩", 9) + "|    "},
		{"no limit", strings.Repeat("word ", 100), 0, strings.Repeat("word ", 100)},
		{"controls", "a\x1b[31m\u009bb\x00\r\tc\xff", 0, "a\uFFFD[31m\uFFFDb\uFFFD\uFFFD c\uFFFD"},
		{"bidi", "a\u202eb", 20, "a\uFFFDb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(string(appendWrapped(nil, tt.line, tt.width)), "\r\n", "|")
			if got != strings.TrimSuffix(tt.want, "|    ") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzAppendWrapped(f *testing.F) {
	f.Add("bob: "+strings.Repeat("\u00a0", 90)+"eve: hello", 80)
	f.Add(strings.Repeat("word ", 40)+"\x1b[2Jeve: x", 40)
	f.Add(strings.Repeat("👩\u200d", 40)+"e\u0301 \u0301 日本語", 17)
	f.Fuzz(func(t *testing.T, line string, width int) {
		width = 2*len(indent) + 1 + int(uint(width)%200)
		rows := strings.Split(string(appendWrapped(nil, line, width)), "\r\n")
		text := ""
		for i, row := range rows {
			if !utf8.ValidString(row) || maxCells(row) > width || cells(row) > width {
				t.Errorf("row %q is wider than %d", row, width)
			}
			for _, r := range row {
				if !chat.Printable(r) {
					t.Errorf("row %q holds %U", row, r)
				}
			}
			if i > 0 {
				var ok bool
				if row, ok = strings.CutPrefix(row, indent); !ok {
					t.Errorf("row %q does not begin with the indent", row)
				}
			}
			text += row
		}
		if got, want := strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(printable(line), " ", ""); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestWidths(t *testing.T) {
	tests := []struct {
		s            string
		cells, most  int
		certain      bool
		firstCluster string
	}{
		{"abc", 3, 3, true, "a"},
		{"é", 1, 1, false, "é"},
		{"①", 1, 2, false, "①"},
		{"ő", 1, 1, true, "ő"},
		{"e\u0301x", 2, 2, false, "e\u0301"},
		{"日本", 4, 4, true, "日"},
		{"한", 2, 2, true, "한"},
		{"\u1112\u1161\u11ab", 2, 4, false, "\u1112\u1161\u11ab"},
		{family, 2, 6, false, family},
		{"🇩🇪🇫🇷", 4, 8, false, "🇩🇪"},
		{"☺\uFE0Fx", 3, 4, false, "☺\uFE0F"},
		{"…", 1, 2, false, "…"},
		{"שלום", 4, 4, true, "ש"},
		{"\U0001FAE9", 1, 2, false, "\U0001FAE9"}, // newer than the tables
	}
	for _, tt := range tests {
		if n := cells(tt.s); n != tt.cells && tt.s != "\U0001FAE9" {
			t.Errorf("cells(%q) = %d, want %d", tt.s, n, tt.cells)
		}
		if n := maxCells(tt.s); n != tt.most {
			t.Errorf("maxCells(%q) = %d, want %d", tt.s, n, tt.most)
		}
		if c := certain(tt.s); c != tt.certain {
			t.Errorf("certain(%q) = %v", tt.s, c)
		}
		if c := firstCluster(tt.s); c != tt.firstCluster {
			t.Errorf("firstCluster(%q) = %q", tt.s, c)
		}
	}
}

func FuzzClusterAt(f *testing.F) {
	f.Add("ae\u0301b" + family + "🇩🇪🇫🇷x\u0301")
	f.Add("0\x1f\x7f \x00a\u0301\x1f")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(strings.NewReplacer("\r", "", "\n", "").Replace(s), "\uFFFD")
		marks := (&modelEditor{line: s}).marks()
		for i, end := range marks[1:] {
			for at := marks[i]; at < end; at++ {
				if from, to := clusterAt(s, at); from != marks[i] || to != end {
					t.Fatalf("clusterAt(%q, %d) = %d, %d; want %d, %d", s, at, from, to, marks[i], end)
				}
			}
		}
	})
}
