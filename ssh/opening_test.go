package ssh_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/internal/slots"
	"parley/ssh"
	"parley/telnet/telnettest"
)

// TestHalf tests that who begins a handshake and goes no further, or does not read, holds no slot meanwhile, so that
// another can come in by the only one there is, and that none is lost in the end.
func TestHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, free := newKey(t), make(slots.Slots, 1)
		ended := make(chan error, 3)
		accept := func(nc net.Conn) {
			t.Cleanup(func() { nc.Close() })
			_ = nc.SetDeadline(time.Now().Add(time.Minute))
			go func() { // until the deadline
				conn, err := ssh.Accept(nc, ssh.Options{HostKey: key, Guard: house(), Slots: free})
				if conn != nil && conn.Who() != "guest" {
					err = errors.New("somebody else")
				}
				ended <- err
			}()
			synctest.Wait()
		}
		open := func(when string) {
			t.Helper()
			synctest.Wait()
			if !free.Try() {
				t.Fatal("a slot is held ", when)
			}
			free.Give()
		}
		for _, said := range []string{"", "SSH-2", "SSH-2.0-x\r\n", "SSH-2.0-x\r\n\x00\x00\x01\x00\x06\x14"} {
			half, nc := telnettest.Pipe()
			t.Cleanup(func() { half.Close() })
			accept(nc)
			if _, err := half.Write([]byte(said)); err != nil {
				t.Fatal(err)
			}
			open("while more is waited for")
			half.Close()
			if err := <-ended; err == nil {
				t.Error("half a handshake is enough")
			}
		}
		deaf, nc := net.Pipe() // without a buffer: it is written to in vain
		t.Cleanup(func() { deaf.Close() })
		accept(nc)
		open("while the peer does not read")

		client, nc := telnettest.Pipe()
		t.Cleanup(func() { client.Close() })
		accept(nc)
		conn, _, _, err := gossh.NewClientConn(client, "", &gossh.ClientConfig{User: "guest",
			HostKeyCallback: gossh.InsecureIgnoreHostKey()})
		if err == nil {
			err = <-ended
		}
		if err != nil {
			t.Fatal(err)
		}
		open("when the handshake is over")
		conn.Close()
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("who does not read: %v", err)
		}
		open("in the end")
		nc.Close()
	})
}
