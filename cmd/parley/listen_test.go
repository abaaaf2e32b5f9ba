package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"parley/internal/testenv"
)

// hasIPv6 reports whether this machine has the address ::1.
func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

func needIPv6(t *testing.T) {
	if !hasIPv6() {
		t.Skip("this machine has no address ::1: switch IPv6 on for the loopback")
	}
}

// listenFor listens on addresses until the test ends, and returns where, the port left out, which is that of all.
func listenFor(t *testing.T, addresses ...string) (hosts []string, port int, err error) {
	t.Helper()
	all, err := new(program).listenAll(t.Context(), addresses)
	if err != nil {
		return nil, 0, err
	}
	t.Cleanup(all.close)
	for _, l := range all.listeners() {
		at := l.Addr().(*net.TCPAddr)
		if port != 0 && at.Port != port {
			t.Errorf("%s: the ports differ: %d and %d", addresses, port, at.Port)
		}
		port = at.Port
		hosts = append(hosts, at.IP.String())
	}
	return hosts, port, nil
}

// TestListenAll listens on each kind of address.
func TestListenAll(t *testing.T) {
	needIPv6(t)
	for _, tt := range []struct {
		addresses []string // with P for a port
		want      []string
	}{
		{[]string{"localhost:0"}, []string{"127.0.0.1", "::1"}},
		{[]string{"LOCALHOST.:P"}, []string{"127.0.0.1", "::1"}},
		{[]string{":0"}, []string{"0.0.0.0", "::"}},
		{[]string{":P"}, []string{"0.0.0.0", "::"}},
		{[]string{"0.0.0.0:P"}, []string{"0.0.0.0"}},
		{[]string{"[::]:P"}, []string{"::"}},
		{[]string{"0.0.0.0:P", "[::]:P"}, []string{"0.0.0.0", "::"}},
		{[]string{"[::]:P", "0.0.0.0:P"}, []string{"::", "0.0.0.0"}},
		{[]string{"127.0.0.1:P", "[::1]:P"}, []string{"127.0.0.1", "::1"}},
		{[]string{"127.0.0.1:P"}, []string{"127.0.0.1"}},
		{[]string{"[::ffff:127.0.0.1]:P"}, []string{"127.0.0.1"}},
		// Where another one listens too there is one socket, not an address in use.
		{[]string{":P", "127.0.0.1:P", "[::1]:P", "localhost:P", "0.0.0.0:P"}, []string{"0.0.0.0", "::"}},
		{[]string{"127.0.0.1:P", "0.0.0.0:P"}, []string{"0.0.0.0"}},
		{[]string{"127.0.0.1:P", "127.0.0.1:P"}, []string{"127.0.0.1"}},
	} {
		port := fmt.Sprint(testenv.FreePort(t))
		var addresses []string
		for _, a := range tt.addresses {
			addresses = append(addresses, strings.Replace(a, ":P", ":"+port, 1))
		}
		got, _, err := listenFor(t, addresses...)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %s, %v, want %s", tt.addresses, got, err, tt.want)
		}
	}
	for _, port0 := range []string{"127.0.0.1:0", "[::1]:0"} {
		all, err := new(program).listenAll(t.Context(), []string{port0, port0})
		if err != nil || len(all.listeners()) != 2 {
			t.Errorf("%s twice: %v", port0, err)
		}
		all.close()
	}
}

// TestListenFamilies connects: what listens on one family leaves the other to others.
func TestListenFamilies(t *testing.T) {
	needIPv6(t)
	for address, other := range map[string]string{"0.0.0.0": "::1", "::": "127.0.0.1"} {
		port := fmt.Sprint(testenv.FreePort(t))
		if _, _, err := listenFor(t, net.JoinHostPort(address, port)); err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", net.JoinHostPort(other, port)); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s answers at %s: %v", address, other, err)
			if err == nil {
				conn.Close()
			}
		}
	}
}

// TestListenInUse names the one of two loopbacks that is taken, and closes the other again.
func TestListenInUse(t *testing.T) {
	needIPv6(t)
	port := testenv.FreePort(t) // at every address, while other programs may take one at a single address
	if _, _, err := listenFor(t, fmt.Sprintf("[::1]:%d", port)); err != nil {
		t.Fatal(err)
	}
	_, _, err := listenFor(t, fmt.Sprintf("localhost:%d", port))
	if want := fmt.Sprintf("the address [::1]:%d is in use by another program: stop that, or choose another address",
		port); err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, _, err := listenFor(t, fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		t.Errorf("the other one was left open: %s, %v", got, err)
	}
	if _, _, err := listenFor(t, "192.0.2.1:0"); err == nil ||
		!strings.Contains(err.Error(), "cannot listen on 192.0.2.1:0") {
		t.Errorf("an address of another machine: got %v", err)
	}
}

// TestInUseMakesNothing starts the program on addresses in use: no data folder is made, and one that is served is
// named.
func TestInUseMakesNothing(t *testing.T) {
	data := t.TempDir()
	server := startProcess(t, data)
	fresh := filepath.Join(t.TempDir(), "a", "b")
	for _, args := range [][]string{{"--listen", server.address}, {"--listen", "127.0.0.1:0", "--admin-listen",
		server.address}} {
		err := run(t.Context(), append(args, "--data", fresh), io.Discard)
		if want := "the address " + server.address + " is in use by another program: stop that, or " +
			"choose another address"; err == nil ||
			!strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
		if _, err := os.Lstat(filepath.Dir(fresh)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: a folder was made: %v", args, err)
		}
	}
	err := run(t.Context(), []string{"--listen", server.address, "--data", data}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "a Parley runs on the data folder "+data+" already") {
		t.Errorf("on the same folder: got %v", err)
	}
}

func TestTypedName(t *testing.T) {
	for called, want := range map[string]string{
		"": "parley", "parley": "parley", "./parley": "./parley", "/opt/my chat/parley": "'/opt/my chat/parley'",
		"/tmp/go-build123/b001/exe/parley":     "go run ./cmd/parley",
		"/root/.cache/go-build/ab/cd-d/parley": "go run ./cmd/parley",
	} {
		if got := typedName(called); got != want {
			t.Errorf("%q: got %q, want %q", called, got, want)
		}
	}
}

// TestWelcome reads what the operator is told, and tries whether it is true.
func TestWelcome(t *testing.T) {
	needIPv6(t)
	for _, tt := range []struct {
		addresses, args []string
		want            string // P stands for the port
	}{
		{[]string{"localhost:0"}, nil, "Parley V is listening on 127.0.0.1:P, data in D.\nParley V is listening on " +
			"[::1]:P, data in D.\n" +
			"Connect:        telnet localhost P\nLet others in:  parley --listen :P\n"},
		{[]string{"127.0.0.1:0"}, []string{"--data", "my data", "--listen", "127.0.0.1:0", "serve", "--guests=chat"},
			"Parley V is listening on 127.0.0.1:P, data in D.\nConnect:        telnet 127.0.0.1 P\n" +
				"Let others in:  parley --data 'my data' serve --guests=chat --listen :P\n"},
		{[]string{"[::1]:0"}, []string{"--listen=[::1]:0", "--motd", "it's"},
			"Parley V is listening on [::1]:P, data in D.\nConnect:        telnet ::1 P\nLet others in:  parley " +
				"--motd 'it'\\''s' --listen :P\n"},
		{[]string{"0.0.0.0:0"}, nil, "Parley V is listening on 0.0.0.0:P, data in D.\nConnect:        telnet " +
			"127.0.0.1 P\n"},
		{[]string{"[::]:0"}, nil, "Parley V is listening on [::]:P, data in D.\nConnect:        telnet ::1 P\n"},
		{[]string{":0"}, nil, "Parley V is listening on 0.0.0.0:P, data in D.\nParley V is listening on [::]:P, " +
			"data in D.\nConnect:        telnet localhost P\n"},
	} {
		all, err := new(program).listenAll(t.Context(), tt.addresses)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		printWelcome(&out, all, page{}, "D", "", tt.args)
		port := fmt.Sprint(all.listeners()[0].Addr().(*net.TCPAddr).Port)
		if got, want := out.String(), strings.NewReplacer("P,", port+",", " P\n", " "+port+"\n", ":P\n", ":"+port+
			"\n", " V ", " "+version+" ").Replace(tt.want); got != want {
			t.Errorf("%s: got\n%swant\n%s", tt.addresses, got, want)
		}
		for line := range strings.Lines(out.String()) {
			if words := strings.Fields(line); words[0] == "Connect:" {
				conn, err := net.Dial("tcp", net.JoinHostPort(words[2], words[3]))
				if err != nil {
					t.Errorf("%s: %s: %v", tt.addresses, line, err)
					continue
				}
				conn.Close()
			}
		}
		all.close()
	}
	named := entrances{{host: "chat.example", listeners: listenersAt(t, "127.0.0.1:0")}}
	var out strings.Builder
	printWelcome(&out, named, page{}, "D", "", nil)
	if !strings.Contains(out.String(), "Connect:        telnet chat.example ") {
		t.Errorf("a name: %s", out.String())
	}
}

// TestWelcomeSockets tests what the operator is told of unix sockets that the service manager has opened, which hide no
// other.
func TestWelcomeSockets(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "door"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	both := append(listenersAt(t, "127.0.0.1:0"), l)
	port := both[0].Addr().(*net.TCPAddr).Port
	for door, want := range map[string]string{
		telnetDoor: "nc -U %[1]s\ntelnet 127.0.0.1 %[2]d\n",
		tlsDoor:    "openssl s_client -quiet -unix %[1]s\nopenssl s_client -quiet -connect 127.0.0.1:%[2]d\n",
		sshDoor:    "ssh -o 'ProxyCommand=nc -U %[1]s' guest@localhost\nssh -p %[2]d guest@127.0.0.1\n",
		webDoor:    "http://127.0.0.1:%[2]d/%.0[1]s\n",
	} {
		var out, ways strings.Builder
		printWelcome(&out, entrances{{door: door, listeners: both}}, page{}, "D", "", nil)
		for line := range strings.Lines(out.String()) {
			if way, ok := strings.CutPrefix(line, "Connect:        "); ok {
				ways.WriteString(way)
			}
		}
		want = fmt.Sprintf(want, l.Addr(), port)
		if ways.String() != want || strings.Contains(out.String(), "Let others") {
			t.Errorf("%s: got\n%swant\n%s", door, &out, want)
		}
	}
}

// TestWelcomePage tests that the operator is told an address of the page by a name that browsers may come by.
func TestWelcomePage(t *testing.T) {
	at := listenersAt(t, "127.0.0.1:0")
	local := fmt.Sprintf("http://%v/", at[0].Addr())
	for _, tt := range []struct {
		hosts []string
		want  string
	}{
		{nil, local},
		{[]string{"chat.example.org"}, "https://chat.example.org/"},
		{[]string{"localhost", "127.0.0.1", "chat.example.org"}, local},
	} {
		var out strings.Builder
		printWelcome(&out, entrances{{door: webDoor, listeners: at}}, page{tt.hosts, "https://chat.example.org/"}, "D",
			"", nil)
		if !strings.HasSuffix(out.String(), "Connect:        "+tt.want+"\n") {
			t.Errorf("%q: got %s", tt.hosts, &out)
		}
	}
}

func listenersAt(t *testing.T, address string) []net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return []net.Listener{l}
}
