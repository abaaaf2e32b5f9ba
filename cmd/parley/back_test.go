package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestBackAtOnce has a crowd at one server, and at three, whose connections are lost, as by a fault of the network. All
// of them come back at once, to whichever server, while strangers have all places of those who are not logged in. They
// are let in, and no more strangers are. At one server they are let in, too, once that was stopped and has started
// again.
func TestBackAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		servers int
		restart bool
	}{{"one", 1, false}, {"one, started again", 1, true}, {"three", 3, false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stage{serve: serveProgram, data: t.TempDir(), random: newSameRandom(),
					config: []string{"--limits-exempt", "none"}, door: playDoors[telnetDoor]}
				if tt.servers > 1 {
					s.serve = new(play).serveThree
				}
				mustStart(t, s)
				defer s.leave()
				users := come(t, s, 1, 0, 20)
				users.types(t, "guest\nregister NAME quicksand\nlogin NAME\nquicksand\n")
				users.want(t, "<NAME:0> ")
				var guests crowd
				for from := 20; from < 140; from += 60 { // more would perhaps not be let in at once
					some := come(t, s, 1, from, from+60)
					some.types(t, "guest\n")
					some.want(t, "You are logged in as a guest.")
					guests = append(guests, some...)
				}
				users.vanish()
				guests.vanish()
				if tt.restart {
					if complaint := s.end(); complaint != "" {
						t.Fatal(complaint)
					}
					mustStart(t, s)
				}

				strangers := come(t, s, 2, 0, 256*tt.servers)
				strangers.types(t, "half a name")
				strangers.want(t, "Enter your username: ")
				late := come(t, s, 3, 0, 20)
				late.want(t, "Too many people are connecting")
				users, guests = come(t, s, 1, 0, 20), come(t, s, 1, 20, 140)
				users.types(t, "NAME\nquicksand\n")
				guests.types(t, "guest\n")
				users.want(t, "<NAME:0> ")
				guests.want(t, "You are logged in as a guest.")
				for _, c := range []crowd{strangers, late, users, guests} {
					c.hangUp()
				}
			})
		})
	}
}

func mustStart(t *testing.T, s *stage) {
	t.Helper()
	if complaint := s.start(); complaint != "" {
		t.Fatal(complaint, s.log.String())
	}
}

// settle lets all happen that takes a moment: what servers tell each other, passwords that are checked.
func settle() {
	for range 3 {
		synctest.Wait()
		time.Sleep(100 * time.Millisecond)
	}
	synctest.Wait()
}

// A crowd is many people, each at an address of its own.
type crowd []*comer

// A comer is one of a crowd, who reads whatever comes.
type comer struct {
	name string
	conn net.Conn
	read lockedBuffer
	done sync.WaitGroup // the reading
}

// come has people of those numbers come from a network.
func come(t *testing.T, s *stage, network byte, from, to int) (c crowd) {
	t.Helper()
	for i := from; i < to; i++ {
		conn, err := s.listeners[telnetAt].DialFrom(net.IPv4(10, network, byte(i/250), byte(i%250+1)))
		if err != nil {
			t.Fatal(err)
		}
		p := &comer{name: fmt.Sprint("u", i), conn: conn}
		p.done.Go(func() { io.Copy(&p.read, conn) }) // until one side closes the connection
		if c = append(c, p); len(c)%100 == 0 {
			settle() // more might find no place in the listener's queue
		}
	}
	settle()
	return c
}

// types has all type text, in which NAME is everybody's own.
func (c crowd) types(t *testing.T, text string) {
	t.Helper()
	for _, p := range c {
		if _, err := io.WriteString(p.conn, strings.ReplaceAll(text, "NAME", p.name)); err != nil {
			t.Fatal(err)
		}
	}
	settle()
}

// want tests that all have read text, in which NAME is everybody's own.
func (c crowd) want(t *testing.T, text string) {
	t.Helper()
	without := 0
	for _, p := range c {
		if text := strings.ReplaceAll(text, "NAME", p.name); !strings.Contains(p.read.String(), text) {
			if without++; without == 1 {
				t.Errorf("%s reads %q, and not %q", p.name, p.read.String(), text)
			}
		}
	}
	if without > 0 {
		t.Errorf("%d of %d have not read %q", without, len(c), text)
	}
}

// vanish has the network lose the connections of all.
func (c crowd) vanish() {
	for _, p := range c {
		p.conn.(interface{ Lose() }).Lose()
	}
	settle()
	c.hangUp()
}

func (c crowd) hangUp() {
	for _, p := range c {
		p.conn.Close()
		p.done.Wait()
	}
	settle()
}
