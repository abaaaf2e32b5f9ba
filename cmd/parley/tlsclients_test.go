package main

import (
	"net"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var tlsLine = regexp.MustCompile(`msg=listening address=(\S+) door=tls`)

// startEncrypted starts a server that speaks TLS too, and returns where.
func startEncrypted(t *testing.T, args ...string) (server *process, host, port string) {
	t.Helper()
	server = startProcess(t, t.TempDir(), append([]string{"--tls-listen", "127.0.0.1:0"}, args...)...)
	server.logged(0, "door=tls")
	host, port, err := net.SplitHostPort(tlsLine.FindStringSubmatch(server.log.String())[1])
	if err != nil {
		t.Fatal(err)
	}
	return server, host, port
}

// TestEncryptedClients lets real clients come by TLS.
func TestEncryptedClients(t *testing.T) {
	for _, client := range []struct {
		program, pkg string
		command      func(host, port string) []string
		keys         bool // every key is sent, and a password is hidden
	}{
		{"openssl", "openssl", func(h, p string) []string {
			return []string{"openssl", "s_client", "-quiet", "-connect", h + ":" + p}
		}, false},
		{"ncat", "ncat", func(h, p string) []string { return []string{"ncat", "--ssl", h, p} }, false},
		{"socat", "socat", func(h, p string) []string {
			return []string{"socat", "-", "OPENSSL:" + h + ":" + p + ",verify=0"}
		}, false},
		{"telnet-ssl", "telnet-ssl", func(h, p string) []string {
			return []string{"telnet-ssl", "-z", "ssl", h, p}
		}, true},
		{"tt++", "tintin++", func(h, p string) []string {
			return []string{need(t, "tt++", "tintin++"), "-e", "#ssl {parley} {" + h + "} {" + p + "}"}
		}, false},
	} {
		t.Run(client.program, func(t *testing.T) {
			need(t, client.program, client.pkg)
			t.Parallel()
			server, host, port := startEncrypted(t)
			alice := sitDown(t, client.command(host, port)...)
			other := bob(t, server.address)
			alice.expect("Enter your username:")
			if all, _ := alice.look(); strings.Contains(all, "unencrypted") {
				t.Errorf("it is not encrypted, the screen says:\n%s", all)
			}
			alice.press("guest\r")
			alice.expect("<guest:0>")
			alice.press("register alice\r")
			alice.expect("Enter your password:")
			alice.press(secret + "\r")
			alice.expect("Enter your password again:")
			alice.press(secret + "\r")
			alice.expect("User alice registered")
			alice.press("login alice\r")
			alice.expect("Enter your password:")
			alice.press(secret + "\r")
			alice.expect("<alice:0>")
			alice.press("start lunch\r")
			alice.expect("!!system!!: alice created room 0, topic: lunch")
			if client.keys {
				alice.press("say 0 hel")
				alice.atLine("<alice:1> say 0 hel_")
			}
			other.send("shout hi there")
			alice.expect("!!bob!!: hi there")
			if client.keys {
				alice.atLine("<alice:1> say 0 hel_")
				alice.press("lo\r")
			} else {
				alice.press("say 0 hello\r")
			}
			alice.expect("[Room 0] *alice*: hello")
			alice.press("quit\r")
			alice.expect("See you next time.")
			if client.keys {
				alice.unseen(secret)
			}
		})
	}
}

// TestEncryptedPipe is the API by TLS: lines in, everything out, and the end.
func TestEncryptedPipe(t *testing.T) {
	for _, client := range []struct{ name, pkg, command string }{
		{"openssl", "openssl", "openssl s_client -quiet -connect ADDRESS 2>/dev/null"},
		{"ncat", "ncat", "ncat --ssl HOST PORT"},
		{"socat", "socat", "socat -t 5 - OPENSSL:ADDRESS,verify=0"},
	} {
		t.Run(client.name, func(t *testing.T) {
			need(t, client.name, client.pkg)
			t.Parallel()
			_, host, port := startEncrypted(t)
			command := strings.NewReplacer("ADDRESS", net.JoinHostPort(host, port), "HOST", host, "PORT",
				port).Replace(client.command)
			for _, input := range []string{`guest\nhelp\nquit\n`, `guest\nhelp\n`, `guest\nhelp`} {
				if client.name == "openssl" && !strings.Contains(input, "quit") {
					continue // it never says that its input has ended
				}
				out, err := exec.Command("timeout", "20", "sh", "-c", "printf '"+input+"' | "+command).Output()
				if err != nil {
					t.Errorf("%q: %v", input, err)
				}
				for _, want := range []string{"Enter your username: ", "<guest:0> ", "Commands supported",
					"See you next time.\r\n"} {
					if !strings.Contains(string(out), want) {
						t.Errorf("%q: no %q in\n%s", input, want, out)
					}
				}
			}
		})
	}
}
