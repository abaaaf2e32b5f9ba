package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A page is where browsers come.
type page struct {
	hosts []string // the names by which they may; none for those of this machine alone, and all addresses
	url   string   // the address for everybody
}

// printWelcome tells the operator how to get in, and how to let others in. called and args are the command line that
// the program was started with.
func printWelcome(w io.Writer, all entrances, p page, data, called string, args []string) {
	var open entrances // where nothing is encrypted
	for _, e := range all {
		how := ""
		switch e.door {
		case tlsDoor:
			how = ", encrypted with TLS"
		case webDoor:
			how = ", for browsers"
		case sshDoor:
			how = " for SSH"
		default:
			open = append(open, e)
		}
		for _, l := range e.listeners {
			fmt.Fprintf(w, "Parley %s is listening on %s%s, data in %s.\n", version, l.Addr(), how, data)
		}
	}
	var ways []string
	for _, e := range all {
		for _, way := range e.ways(p) {
			if !slices.Contains(ways, way) {
				ways = append(ways, way)
				fmt.Fprintf(w, "Connect:        %s\n", way)
			}
		}
	}
	if port, ok := open.private(); ok {
		fmt.Fprintf(w, "Let others in:  %s\n", publicCommand(called, args, port))
	}
}

// ways returns what to type on this machine to get in by e.
func (e *entrance) ways(p page) (ways []string) {
	var hosts []string
	port := 0
	for _, l := range e.listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok {
			port = tcp.Port
			hosts = append(hosts, reachable(tcp))
		} else {
			ways = append(ways, e.wayBySocket(l.Addr().String())...) // the service manager's
		}
	}
	switch _, err := netip.ParseAddr(e.host); {
	case len(hosts) == 0:
		return ways
	case e.host != "" && err != nil && !strings.EqualFold(e.host, "localhost"):
		hosts = []string{e.host} // a name that the operator knows
	case len(hosts) == 2 && slices.Contains(hosts, "127.0.0.1") && slices.Contains(hosts, "::1"):
		hosts = []string{"localhost"} // whichever it is first
	}
	for _, host := range hosts {
		ways = append(ways, e.wayTo(host, port, p))
	}
	return ways
}

func (e *entrance) wayTo(host string, port int, p page) string {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	switch e.door {
	case tlsDoor:
		return "openssl s_client -quiet -connect " + address
	case webDoor:
		if len(p.hosts) > 0 && !slices.Contains(p.hosts, host) {
			return p.url
		}
		return "http://" + address + "/"
	case sshDoor:
		return fmt.Sprintf("ssh -p %d guest@%s", port, host)
	}
	return fmt.Sprintf("telnet %s %d", host, port)
}

// wayBySocket returns what to type to come by a unix socket, if anything. Browsers come by one through a proxy alone.
func (e *entrance) wayBySocket(path string) []string {
	switch path = shellWord(path); e.door {
	case tlsDoor:
		return []string{"openssl s_client -quiet -unix " + path}
	case webDoor:
		return nil
	case sshDoor:
		return []string{"ssh -o " + shellWord("ProxyCommand=nc -U "+path) + " guest@localhost"}
	}
	return []string{"nc -U " + path}
}

// reachable returns an address of this machine at which a socket that is bound to at answers.
func reachable(at *net.TCPAddr) string {
	switch {
	case !at.IP.IsUnspecified():
		return (&net.IPAddr{IP: at.IP, Zone: at.Zone}).String()
	case at.IP.To4() != nil:
		return "127.0.0.1"
	}
	return "::1"
}

// private returns the port if nobody can connect but this machine's own users.
func (all entrances) private() (port int, ok bool) {
	for _, l := range all.listeners() {
		tcp, is := l.Addr().(*net.TCPAddr)
		if !is || !tcp.IP.IsLoopback() {
			return 0, false
		}
		if port == 0 {
			port = tcp.Port
		}
	}
	return port, port != 0
}

// publicCommand returns the command line of called and args, with all addresses of this machine instead of those it
// listens on.
func publicCommand(called string, args []string, port int) string {
	words := []string{typedName(called)}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--listen":
			i++ // and its value
		case !strings.HasPrefix(args[i], "--listen="):
			words = append(words, shellWord(args[i]))
		}
	}
	return strings.Join(append(words, "--listen", ":"+strconv.Itoa(port)), " ")
}

// typedName returns what somebody types to start the program that is called so. The go command builds a program that it
// runs in a folder of its own.
func typedName(called string) string {
	switch {
	case called == "":
		return "parley"
	case strings.Contains(filepath.ToSlash(called), "/go-build"):
		return "go run ./cmd/parley"
	}
	return shellWord(called)
}

var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// shellWord quotes word for a shell, if it must be quoted.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
