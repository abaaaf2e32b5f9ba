package main

import (
	"bytes"
	"context"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat"
)

// TestAdvert reads what directories are told, in both forms: the same variables and values, none of them empty, and no
// byte in them that means something to either form. A listener with TLS is told under both names.
func TestAdvert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		node := chat.New(chat.Options{})
		defer node.Close()
		a := &advert{chat: node, name: func() string { return "Tea Room 茶" }, hostname: "chat.example.org",
			ports: map[string][]int{"PORT": {23, 4000}, "TLS": {992}, "SSL": {992}}}
		var byOption []fact
		for v := range bytes.SplitSeq(a.option()[1:], []byte{1}) {
			parts := strings.Split(string(v), "\x02")
			byOption = append(byOption, fact{parts[0], parts[1:]})
		}
		var byText []fact
		lines := strings.Split(a.text(), "\r\n")
		for _, line := range lines[1 : len(lines)-2] {
			parts := strings.Split(line, "\t")
			byText = append(byText, fact{parts[0], parts[1:]})
		}
		equal := func(a, b fact) bool { return a.name == b.name && slices.Equal(a.values, b.values) }
		if !slices.EqualFunc(byOption, byText, equal) {
			t.Errorf("by option %v, by text %v", byOption, byText)
		}
		told := make(map[string][]string)
		for _, f := range byOption {
			told[f.name] = f.values
			said := f.name + strings.Join(f.values, "")
			if slices.Contains(f.values, "") || len(f.values) == 0 ||
				strings.ContainsAny(said, "\x00\x01\x02\t\r\n") || strings.Contains(said, "\xff") {
				t.Errorf("%q", f)
			}
		}
		for name, want := range map[string][]string{
			"NAME": {"Tea Room 茶"}, "PORT": {"23", "4000"}, "TLS": {"992"}, "SSL": {"992"}, "PLAYERS": {"0"},
			"HOSTNAME": {"chat.example.org"},
		} {
			if !slices.Equal(told[name], want) {
				t.Errorf("%s is %q, want %q", name, told[name], want)
			}
		}

		// Whoever asks, those online are counted now and then.
		if _, err := node.Guest(t.Context(), passer{}); err != nil {
			t.Fatal(err)
		}
		if n := a.online(); n != 0 {
			t.Errorf("%d online at once, want the count before", n)
		}
		time.Sleep(countEvery)
		if n := a.online(); n != 1 {
			t.Errorf("%d online, want 1", n)
		}
		a.hostname, a.ports = "", nil
		if text := a.text(); strings.Contains(text, "HOSTNAME") || strings.Contains(text, "PORT") {
			t.Errorf("what is not there is told: %s", text)
		}
	})
}

// A watchedDesk tells when it is asked who is online.
type watchedDesk struct {
	chat.Desk
	asked func()
}

func (d watchedDesk) Online() iter.Seq[chat.Entry] {
	d.asked()
	return d.Desk.Online()
}

// TestAdvertWaitsForNobody tests that who asks while those online are counted is told the count before.
func TestAdvertWaitsForNobody(t *testing.T) {
	var a *advert
	asked := 0
	desk := watchedDesk{chat.NewMemoryDesk(), func() {
		asked++
		if !a.mu.TryLock() {
			t.Fatal("a lock is held while the desk is asked")
		}
		a.mu.Unlock()
		if n := a.online(); n != 0 || asked > 1 {
			t.Errorf("%d online, asked %d times", n, asked)
		}
	}}
	node := chat.New(chat.Options{Desk: desk})
	defer node.Close()
	a = &advert{chat: node}
	a.online()
	if asked != 1 {
		t.Errorf("the desk was asked %d times", asked)
	}
}

func TestPortsOf(t *testing.T) {
	var listeners []net.Listener
	for _, port := range []int{23, 4000, 23} {
		listeners = append(listeners, listenerAt{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}})
	}
	listeners = append(listeners, listenerAt{&net.UnixAddr{Name: "socket"}})
	if got := portsOf(listeners); !slices.Equal(got, []int{23, 4000}) {
		t.Errorf("got %v", got)
	}
}

// listenerAt is a listener that has no more than an address.
type listenerAt struct{ addr net.Addr }

func (l listenerAt) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (l listenerAt) Close() error              { return nil }
func (l listenerAt) Addr() net.Addr            { return l.addr }

// A passer is somebody who is online and reads nothing.
type passer struct{}

func (passer) Wake(context.Context) {}
func (passer) End(error)            {}
func (passer) Source() netip.Addr   { return netip.IPv6Loopback() }
