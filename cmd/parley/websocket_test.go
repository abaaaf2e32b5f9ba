package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A socketClient is a connection over a WebSocket, as a client has it: the first read or write begins it. It is for
// plays; the tests of package web have an independent client.
type socketClient struct {
	net.Conn
	host   string
	begin  sync.Once
	failed error
	input  *bufio.Reader
	left   int // of the message that is being read

	mu sync.Mutex // guards writing
}

func dialSocket(nc net.Conn) net.Conn { return dialSocketAs("localhost", nc) }

func dialSocketAs(host string, nc net.Conn) net.Conn {
	return &socketClient{Conn: nc, host: host, input: bufio.NewReader(nc)}
}

func (c *socketClient) open() error {
	c.begin.Do(func() {
		_, err := io.WriteString(c.Conn, "GET /socket HTTP/1.1\r\nHost: "+c.host+"\r\nConnection: Upgrade\r\n"+
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+
			"Sec-WebSocket-Protocol: telnet.mudstandards.org\r\n\r\n")
		if err != nil {
			c.failed = err
			return
		}
		answer, err := http.ReadResponse(c.input, nil)
		if err == nil && (answer.StatusCode != http.StatusSwitchingProtocols ||
			answer.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") { // RFC 6455, section 1.3
			err = errors.New("no WebSocket: " + answer.Status)
		}
		c.failed = err
	})
	return c.failed
}

func (c *socketClient) Read(p []byte) (int, error) {
	if err := c.open(); err != nil {
		return 0, err
	}
	for c.left == 0 {
		var head [2]byte
		if _, err := io.ReadFull(c.input, head[:]); err != nil {
			return 0, err
		}
		length := int(head[1])
		if length >= 126 {
			long := make([]byte, map[int]int{126: 2, 127: 8}[length])
			if _, err := io.ReadFull(c.input, long); err != nil {
				return 0, err
			}
			length = 0
			for _, b := range long {
				length = length<<8 | int(b)
			}
		}
		switch head[0] {
		case 0x82:
			c.left = length
			continue
		case 0x88, 0x89:
			payload := make([]byte, length)
			if _, err := io.ReadFull(c.input, payload); err != nil {
				return 0, err
			}
			if head[0] == 0x89 {
				if err := c.frame(0x8A, payload); err != nil {
					return 0, err
				}
				continue
			}
			_ = c.frame(0x88, payload) // who has closed may have gone
			return 0, io.EOF
		default:
			return 0, errors.New("a frame of another kind")
		}
	}
	n, err := c.input.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (c *socketClient) frame(first byte, payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame := []byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}
	if len(payload) > 125 {
		frame = []byte{first, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), 0, 0, 0, 0}
	}
	_, err := c.Conn.Write(append(frame, payload...))
	return err
}

func (c *socketClient) Write(p []byte) (n int, err error) {
	if err := c.open(); err != nil {
		return 0, err
	}
	for err == nil && n < len(p) {
		piece := p[n:min(len(p), n+4096)]
		err = c.frame(0x82, piece)
		n += len(piece)
	}
	return n, err
}

// CloseWrite ends the connection in good order.
func (c *socketClient) CloseWrite() error {
	if err := c.open(); err != nil {
		return err
	}
	return c.frame(0x88, []byte{0x03, 0xe8})
}

// Close ends it, as a user does who leaves the page by its button.
func (c *socketClient) Close() error {
	if c.open() == nil {
		_ = c.Conn.SetWriteDeadline(time.Now()) // who does not read is not waited for
		_ = c.CloseWrite()
	}
	return c.Conn.Close()
}

// Lose ends it as a dead network does.
func (c *socketClient) Lose() {
	nc := c.Conn
	if below, ok := nc.(*tls.Conn); ok {
		nc = below.NetConn()
	}
	nc.(interface{ Lose() }).Lose()
}
