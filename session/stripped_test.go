package session

import "testing"

func TestStrippedWatch(t *testing.T) {
	strip := func(s string) string {
		p := []byte(s)
		for i := range p {
			p[i] &= 0x7F
			if p[i] == '\r' { // as a terminal returns it
				p[i] = '\n'
			}
		}
		return string(p)
	}
	for _, tt := range []struct {
		name  string
		reads []string
		want  bool
	}{
		{"Czech", []string{"p", strip("ř"), "i", "m", strip("č"), "x", strip("ý")}, true},
		{"Russian", []string{strip("п"), strip("р"), strip("и")}, true},
		{"Chinese", []string{strip("你"), strip("好"), strip("吗")}, true},
		{"emoji", []string{strip("😀"), strip("👍"), strip("🎉")}, true},
		{"twice is not enough", []string{strip("ř"), strip("č"), "a"}, false},
		{"eight bits", []string{"é", strip("ř"), strip("č"), strip("ý"), strip("á")}, false},
		{"English", []string{"I", " ", "k", "n", "o", "w"}, false},
		{"fast English", []string{"I ", "kn", "ow", "A ", "B!", "he"}, false},
		{"keys", []string{"\x1b[A", "\x1bOB", "\x1b1", "\x1b2", "\n1"}, false},
		{"lines", []string{"who\n", "rooms\n", "say 0 A1\n"}, false},
	} {
		var w strippedWatch
		told := 0
		for _, s := range tt.reads {
			if w.read([]byte(s)) {
				told++
			}
		}
		if got := told > 0; got != tt.want || told > 1 {
			t.Errorf("%s: told %d times", tt.name, told)
		}
	}
}
