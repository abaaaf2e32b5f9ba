package ssh_test

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/ssh"
)

// A slowGuard has something to say while it looks at a password, and then looks until ready is closed or the peer has
// gone.
type slowGuard struct {
	openHouse
	there context.Context
	say   func(string) error
	looks chan struct{} // closed when it has begun to look
	ready chan struct{}
}

func (g *slowGuard) Talks(there context.Context, say func(string) error) { g.there, g.say = there, say }

func (g *slowGuard) Nobody(string) (any, error) { return nil, errNo }

func (g *slowGuard) Password(name, _ string) (any, error) {
	for _, sentence := range []string{"Wait.", "Wait on."} {
		if err := g.say(sentence); err != nil {
			return nil, err
		}
	}
	close(g.looks)
	select {
	case <-g.ready:
		return name, nil
	case <-g.there.Done():
		return nil, g.there.Err()
	}
}

// TestTalker has a guard talk to a peer that it looks at, and notice when that has gone.
func TestTalker(t *testing.T) {
	for _, stays := range []bool{true, false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		guard := &slowGuard{looks: make(chan struct{}), ready: make(chan struct{})}
		served := make(chan error, 1)
		go func() { // until the peer is let in, or has gone
			nc, err := l.Accept()
			if err == nil {
				defer nc.Close()
				_ = nc.SetDeadline(time.Now().Add(time.Minute))
				_, err = ssh.Accept(nc, ssh.Options{HostKey: newKey(t), Guard: guard})
			}
			served <- err
		}()
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { // until the guard looks
			<-guard.looks
			if stays {
				close(guard.ready)
			} else {
				nc.Close()
			}
		}()
		var told []string
		_, _, _, err = gossh.NewClientConn(nc, "", &gossh.ClientConfig{User: "alice",
			Auth: []gossh.AuthMethod{gossh.Password("s3cret")}, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
			BannerCallback: func(message string) error { told = append(told, message); return nil }})
		if (err == nil) != stays {
			t.Errorf("stays %v: the peer: %v", stays, err)
		}
		if stays && !slices.Equal(told, []string{"Wait.\r\n", "Wait on.\r\n"}) {
			t.Errorf("told %q", told)
		}
		select {
		case err = <-served:
			if (err == nil) != stays {
				t.Errorf("stays %v: %v", stays, err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the guard does not notice that the peer has gone")
		}
		nc.Close()
		l.Close()
	}
}
