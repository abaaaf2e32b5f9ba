package ssh_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/ssh"
)

// TestRefuse tests that an independent client reads why it is not let in, and that the packet is one of the protocol.
func TestRefuse(t *testing.T) {
	for _, why := range []string{"No.", "Too many connections from your address did not log in.", "", "Zu viele: ß €",
		strings.Repeat("x", 100), strings.Repeat("x", 101), strings.Repeat("x", 102), strings.Repeat("x", 107)} {
		var wire bytes.Buffer
		if err := ssh.Refuse(&wire, why); err != nil {
			t.Fatal(err)
		}
		_, packet, _ := bytes.Cut(wire.Bytes(), []byte("\r\n"))
		padding := int(packet[4])
		if len(packet)%8 != 0 || padding < 4 || int(binary.BigEndian.Uint32(packet)) != len(packet)-4 {
			t.Errorf("%.10q: a packet of %d bytes, %d of them padding", why, len(packet), padding)
		}
		client, server := net.Pipe()
		_ = client.SetDeadline(time.Now().Add(10 * time.Second))
		told := make(chan error, 1)
		go func() { // until the server closes
			_, _, _, err := gossh.NewClientConn(client, "", &gossh.ClientConfig{
				HostKeyCallback: gossh.InsecureIgnoreHostKey()})
			client.Close()
			told <- err
		}()
		go func() { // until the client closes
			buf := make([]byte, 1<<10)
			for {
				if _, err := server.Read(buf); err != nil {
					return
				}
			}
		}()
		if _, err := server.Write(wire.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := <-told; err == nil || !strings.Contains(err.Error(), "reason 12") ||
			!strings.Contains(err.Error(), strings.TrimSuffix(why, " ß €")) {
			t.Errorf("%.10q: %v", why, err)
		}
		server.Close()
	}
}
