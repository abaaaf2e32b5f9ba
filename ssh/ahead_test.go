package ssh_test

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/ssh"
	"parley/telnet/telnettest"
)

// TestAhead tests that a peer that sends more than is read is stopped, loses nothing, and goes on when that is read.
func TestAhead(t *testing.T) {
	h := house()
	client, _ := visit(t, h)
	ch := openShell(t, client, false)
	term := <-h.terminals
	const lines, line = 4_000, "a line of a long file that nobody reads\n"
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(ch, strings.Repeat(line, lines))
		sent <- err
	}()
	most := 0
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		before := most
		if most = ssh.Unread(term); most > 0 && most == before {
			break
		}
	}
	const packet = 32 << 10 // which the library reads as a whole
	if most > ssh.MaxAhead+packet {
		t.Errorf("%d bytes are kept, %d at most", most, ssh.MaxAhead+packet)
	}
	var got strings.Builder
	for buf := make([]byte, 1000); got.Len() < lines*len(line); {
		n, err := term.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(buf[:n])
	}
	if err := <-sent; err != nil || got.String() != strings.Repeat(line, lines) {
		t.Errorf("%d bytes, %v", got.Len(), err)
	}
	h.ended <- nil
}

// A counted connection counts what is read.
type counted struct {
	net.Conn
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// TestAheadOfSlow tests that no more is kept of a peer whose input is read slowly than of one whose input is not read,
// however long that takes and whatever packets the peer makes of it.
func TestAheadOfSlow(t *testing.T) {
	for _, packet := range []int{1, 100, 1000, 32 << 10} {
		t.Run(strconv.Itoa(packet), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer, nc := telnettest.Pipe()
				came := &counted{Conn: nc}
				h := house()
				client, served := visitBy(t, h, peer, came)
				ch := openShell(t, client, false)
				term := <-h.terminals
				const total = 256 << 10
				go func() { // until the connection ends
					for text := make([]byte, packet); ; {
						if _, err := ch.Write(text); err != nil {
							return
						}
					}
				}()
				read, began := 0, came.n.Load()
				for buf := make([]byte, 100); read < min(total, 2000*packet); time.Sleep(50 * time.Millisecond) {
					n, err := term.Read(buf)
					if err != nil {
						t.Fatal(err)
					}
					read += n
				}
				passed := read + ssh.Unread(term)
				kept := int(came.n.Load()-began) - passed/packet*travels(packet) + ssh.Unread(term)
				if most := ssh.MaxAhead + 4096 + 1024 + packet + packet/8; kept > most {
					t.Errorf("%d bytes are kept, %d at most", kept, most)
				}
				client.Close()
				h.ended <- nil
				<-served
			})
		})
	}
}

// TestFullWindow tests that a peer that reads is not left where what it says of its window stands behind a flood of
// input, which it gets long answers to.
func TestFullWindow(t *testing.T) {
	h := house()
	client, served := visit(t, h)
	ch := openShell(t, client, false)
	term := <-h.terminals
	const total, times = 96 << 10, 64
	got := make(chan int64, 1)
	go func() { // until the session ends
		n, _ := io.Copy(io.Discard, ch)
		got <- n
	}()
	go func() { // until the session ends
		for {
			if _, err := ch.Write(make([]byte, 1000)); err != nil {
				return
			}
		}
	}()
	read, buf := 0, make([]byte, 1000)
	for read < total {
		n, err := term.Read(buf)
		if err == nil {
			_, err = term.Write(bytes.Repeat(buf[:n], times))
		}
		if err != nil {
			t.Fatalf("after %d bytes: %v", read, err)
		}
		read += n
	}
	h.ended <- nil
	if n := <-got; n != int64(read*times) {
		t.Errorf("the peer has %d bytes, want %d", n, read*times)
	}
	client.Close()
	<-served
}

// travels returns how many bytes a packet has in which n bytes of input travel by AES-GCM (RFC 5647, section 7.2).
func travels(n int) int {
	const length, padded, header, least, tag, block = 4, 1, 9, 4, 16, 16
	return length + (padded+header+n+least+block-1)/block*block + tag
}

// TestErrorsOfProgram tests that a peer that sends what only a server has is left before the library has kept much.
func TestErrorsOfProgram(t *testing.T) {
	visitInBubble(t, func(t *testing.T, h openHouse, client *gossh.Client, served <-chan error) {
		ch := openShell(t, client, false)
		term := <-h.terminals
		go func() { // until the connection ends
			for {
				if _, err := ch.Stderr().Write(make([]byte, 1000)); err != nil {
					return
				}
			}
		}()
		_ = term.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := term.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the input ends with %v", err)
		}
		h.ended <- io.EOF
		<-served
	})
}

// TestLongPackets tests that a peer that sends packets that nobody has to take is left.
func TestLongPackets(t *testing.T) {
	for _, tt := range []struct {
		begun  bool
		size   int
		served bool
	}{{false, 64 << 10, true}, {false, 100_000, false}, {true, 30_000, true}, {true, 64 << 10, false}} {
		visitInBubble(t, func(t *testing.T, h openHouse, client *gossh.Client, served <-chan error) {
			ch, requests, err := client.OpenChannel("session", nil)
			if err != nil {
				t.Fatal(err)
			}
			go gossh.DiscardRequests(requests)
			if tt.begun {
				asks(t, ch, "shell", nil, true)
				<-h.terminals
			}
			ok, err := ch.SendRequest("env", true, env("LC_ALL", strings.Repeat("x", tt.size)))
			if ok || (err == nil) != tt.served {
				t.Errorf("%+v: %v, %v", tt, ok, err)
			}
			client.Close()
			if tt.begun {
				h.ended <- io.EOF
			}
			<-served
		})
	}
}
