package telnet_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"parley/telnet"
)

// The read deadline of the user comes first, whoever sets it and whenever.
func TestReadDeadline(t *testing.T) {
	type call struct {
		name string
		do   func(c *telnet.Conn) error
	}
	for _, call := range []call{
		{"Read", func(c *telnet.Conn) error { _, err := c.Read(make([]byte, 8)); return err }},
		{"Settle", func(c *telnet.Conn) error { return c.Settle(time.Minute) }},
		{"HideInput", func(c *telnet.Conn) error {
			if c.HideInput(time.Minute) {
				return errors.New("hidden")
			}
			_, err := c.Read(make([]byte, 8))
			return err
		}},
	} {
		t.Run(call.name, func(t *testing.T) {
			for _, tt := range []struct {
				name string
				set  func(c *telnet.Conn)
				want time.Duration
			}{
				{"before", func(c *telnet.Conn) {
					c.SetReadDeadline(time.Now().Add(2 * time.Second))
				}, 2 * time.Second},
				{"past", func(c *telnet.Conn) { c.SetReadDeadline(time.Now().Add(-time.Second)) }, 0},
				{"meanwhile", func(c *telnet.Conn) {
					time.AfterFunc(time.Second, func() { c.SetReadDeadline(time.Unix(1, 0)) })
				}, time.Second},
			} {
				t.Run(tt.name, func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						p := newPeer(t, nil)
						if call.name != "Settle" {
							p.sends("WONT TTYPE")
							p.pumps()
						}
						tt.set(p.conn)
						start := time.Now()
						if err := call.do(p.conn); !errors.Is(err, os.ErrDeadlineExceeded) {
							t.Errorf("got %v", err)
						}
						if took := time.Since(start); took != tt.want {
							t.Errorf("after %v, want %v", took, tt.want)
						}
					})
				})
			}
		})
	}
	t.Run("restored", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.conn.SetReadDeadline(time.Now().Add(time.Minute))
			p.settles(300*time.Millisecond, 300*time.Millisecond)
			start := time.Now()
			if _, err := p.conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			if took := time.Since(start); took != time.Minute-300*time.Millisecond {
				t.Errorf("read for %v", took)
			}
			p.sends(`"a"`)
			p.conn.SetReadDeadline(time.Time{})
			p.reads("a")
		})
	})
	t.Run("kept text", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.sends(`"a"`)
			p.settles(300*time.Millisecond, 0)
			p.conn.SetReadDeadline(time.Now())
			if _, err := p.conn.Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			p.conn.SetReadDeadline(time.Time{})
			p.reads("a")
		})
	})
}
