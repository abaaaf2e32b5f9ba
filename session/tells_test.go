package session

import (
	"strings"
	"testing"
	"time"
)

// A page is a terminal whose program says at once how wide it is, or that it is read to its user: once Settle is called
// that is known.
type page struct {
	*fake
	columnsTold int
	reads       bool
}

func (p *page) Settle(time.Duration) error {
	p.do(func() { p.columns = p.columnsTold })
	return nil
}

func (p *page) Claims() int {
	if p.reads && p.columns == p.columnsTold {
		return claimsReader
	}
	return 0
}

// TestTells tests that who says at once what they come by is greeted in the form that suits it.
func TestTells(t *testing.T) {
	const banner = "By going on you agree to use this server fairly and to be kind to its users."
	for _, tt := range []struct {
		tells, reads bool
		row          string
		asked        bool
	}{
		{false, false, banner, true},
		{true, false, "By going on you agree to use this server\r\n    fairly and to be kind to its users.", true},
		{true, true, banner, false},
	} {
		inside(t, func(t *testing.T) {
			h := newHouse(t)
			h.server.Texts = func() Texts { return Texts{Banner: banner} }
			f := newFake()
			f.keys = true
			g := h.visits(&page{f, 44, tt.reads}, f, Visitor{Source: nearby, Tells: tt.tells})
			shown := g.shown()
			if !strings.Contains(shown, tt.row) || strings.Contains(shown, "Screen reader?") != tt.asked {
				t.Errorf("%+v: %q", tt, shown)
			}
		})
	}
}
