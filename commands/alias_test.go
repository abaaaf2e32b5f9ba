package commands

import (
	"strings"
	"testing"

	"parley/chat"
)

func TestExpand(t *testing.T) {
	for _, tt := range []struct{ line, rest, want string }{
		{"who", "", "who"},
		{"say 0 hello $*", "there", "say 0 hello there"},
		{"say 0 hello $*", "", "say 0 hello "},
		{"tell $2 $1", "hi bob", "tell bob hi"},
		{"tell $2 $1$1", "hi", "tell  hihi"},
		{"tell $9", "1 2 3 4 5 6 7 8 nine ten", "tell nine"},
		{"tell bob", "hi  there", "tell bob hi  there"},
		{"say 0 $", "x", "say 0 $ x"},
		{"say 0 $$1 $0 $a", "x", "say 0 $x $0 $a"},
		{"say 0 $1", "$1 $*", "say 0 $1"}, // what is put in is not looked at again
		{"$*", "é ü", "é ü"},
		{"", "", ""},
	} {
		if got, ok := expand(tt.line, tt.rest); got != tt.want || !ok {
			t.Errorf("%q with %q: %q, %v, want %q", tt.line, tt.rest, got, ok, tt.want)
		}
	}
	if _, ok := expand("shout "+strings.Repeat("$*", chat.MaxLine/2), strings.Repeat("x", chat.MaxLine)); ok {
		t.Error("a line may be longer than a line")
	}
}
