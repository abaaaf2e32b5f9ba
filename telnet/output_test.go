package telnet_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/telnet"
)

func TestConnWrite(t *testing.T) {
	for _, tt := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"LF", []string{"a\nb\n"}, "a\r\nb\r\n"},
		{"LF first", []string{"\n"}, "\r\n"},
		{"CR LF", []string{"a\r\nb\r\n"}, "a\r\nb\r\n"},
		{"CR LF LF", []string{"a\r\n\n"}, "a\r\n\r\n"},
		{"CR and LF in two texts", []string{"a\r", "\nb"}, "a\r\nb"},
		{"CR, then LF later", []string{"a\r", "b\n"}, "a\rb\r\n"},
		{"CR alone", []string{"a\rb"}, "a\rb"},
		{"IAC", []string{"a\xffb\xff\xff"}, "a\xff\xffb\xff\xff\xff\xff"},
		{"nothing", []string{""}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.writes("x")
				p.got(`DO TTYPE "\rx"`)
				for _, text := range tt.texts {
					p.writes(text)
				}
				var got []byte
				for _, packet := range p.recorder.packets {
					got = append(got, packet...)
				}
				if string(got) != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// An answer follows all that was written before the question was read.
func TestTimingMarkKeepsOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.writes("one\n")
		p.sends("IP DO TM")
		p.reads("\x03")
		p.writes("two\n")
		p.got(`DO TTYPE "\rone\r\n"`, "WILL TM", `"two\r\n"`)
	})
}

func TestPeerThatDoesNotRead(t *testing.T) {
	flood := func(p *peer) (err error) {
		for range 100 {
			if _, err = p.conn.Write(make([]byte, 1024)); err != nil {
				break
			}
		}
		return err
	}
	t.Run("Write", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			start := time.Now()
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 10*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			// The last piece was cut: nothing may follow it.
			go io.Copy(io.Discard, p)
			synctest.Wait()
			if _, err := p.conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after a cut: %v", err)
			}
		})
	})
	t.Run("shorter deadline", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, &telnet.Options{WriteTimeout: time.Minute})
			start := time.Now()
			time.AfterFunc(2*time.Second, func() { p.conn.SetWriteDeadline(time.Now().Add(time.Second)) })
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 3*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("longer deadline", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, &telnet.Options{WriteTimeout: time.Second})
			p.conn.SetWriteDeadline(time.Now().Add(time.Minute))
			start := time.Now()
			if err := flood(p); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("nothing written", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			p.writes("a")
			p.conn.SetWriteDeadline(time.Now().Add(-1))
			if _, err := p.conn.Write([]byte("b")); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			p.conn.SetWriteDeadline(time.Time{})
			p.writes("c")
		})
	})
	t.Run("answer", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			p := newPeer(t, nil)
			for n := 64*1024 - 4; n > 0; n -= min(n, 1024) {
				p.writes(strings.Repeat("x", min(n, 1024)))
			}
			p.sends(`"a" IP DO TM "b"`)
			p.reads("a\x03b")
			start := time.Now()
			_, err := p.conn.Read(make([]byte, 8))
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read: %v after %v", err, time.Since(start))
			}
		})
	})
}

// What is to be said while a write waits for the peer is said afterwards.
func TestAnswersDuringWrite(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		p.sends(`WILL TTYPE SB TTYPE 0 "MUDLET" SE`)
		p.pumps()
		p.hides(true, 0)
		for n := 64*1024 - 40; n > 0; n -= min(n, 1024) {
			p.recorder.Conn.Write([]byte(strings.Repeat("x", min(n, 1024))))
		}
		var wg sync.WaitGroup
		wg.Go(func() { p.conn.WritePrompt([]byte(strings.Repeat("y", 100))) })
		synctest.Wait()
		p.sends(`WILL CHARSET "x"`)
		wg.Go(func() { p.conn.Read(make([]byte, 8)) })
		synctest.Wait()
		wg.Go(func() { io.Copy(io.Discard, p) })
		synctest.Wait()
		p.got(`DO TTYPE "\r"`+" "+sendSB+" DO NAWS WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON "+sendSB,
			`WILL ECHO "`+strings.Repeat("y", 100)+`" GA`, "DO CHARSET")
		p.conn.Close()
		wg.Wait()
	})
}
