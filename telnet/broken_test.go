package telnet

import (
	"bytes"
	"io"
	"testing"

	"parley/telnet/telnettest"
)

// The answers to a peer that is gone are not kept, however many questions it left behind.
func TestQueueOfBrokenConn(t *testing.T) {
	client, server := telnettest.Pipe()
	c := NewConn(server, nil)
	defer c.Close()
	client.Write(bytes.Repeat([]byte{IAC, DO, OptTM}, 5000))
	client.Close()
	if _, err := c.Write([]byte("x")); err == nil {
		t.Fatal("written to a closed connection")
	}
	if n, err := io.Copy(io.Discard, c); n != 0 || err != nil {
		t.Fatalf("read %d bytes of text, %v", n, err)
	}
	if len(c.queue) > 0 {
		t.Errorf("%d bytes wait for nobody", len(c.queue))
	}
}
