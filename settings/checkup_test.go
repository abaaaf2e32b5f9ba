package settings

import (
	"fmt"
	"testing"
)

func TestCheckup(t *testing.T) {
	v := Values{Bell: "all"}
	keep := func(terminal string, c Checkup) {
		for name, value := range v.KeepCheckup(terminal, c) {
			if len(name) > 64 || len(value) > 64 {
				t.Errorf("%q, %q: it is too long to be kept", name, value)
			}
			if v[name] = value; value == "" {
				delete(v, name)
			}
		}
	}
	whole := Checkup{Erase: true, Charset: "Latin-1", Width: 132}
	keep("XTERM-256COLOR", whole)
	if got := v.Checkup("xterm-256color"); got != whole {
		t.Errorf("got %+v", got)
	}
	if got := v.Checkup("xterm"); got != (Checkup{}) {
		t.Errorf("of another terminal: %+v", got)
	}
	for i := range 20 {
		keep(fmt.Sprint("a-terminal-with-a-name-of-40-bytes-", 10000+i), Checkup{Width: 40 + i})
		keep("XTERM-256COLOR", whole) // used again and again, it stays
	}
	if len(v) != 1+maxCheckups || v.Checkup("xterm-256color") != whole || v[Bell] != "all" {
		t.Errorf("%d are kept: %v", len(v), v)
	}
	if got := v.Checkup("a-terminal-with-a-name-of-40-bytes-10019"); got.Width != 59 {
		t.Errorf("the newest: %+v", got)
	}
	v[checkupName("")] = "n=x erase=backspace charset=KOI8-R width=7 colour=blind width"
	if got := v.Checkup(""); got != (Checkup{}) {
		t.Errorf("what cannot be read: %+v", got)
	}
}
