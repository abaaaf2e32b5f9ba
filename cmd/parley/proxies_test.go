package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/testenv"
)

// visitorOfProxy is the address that those have who come by a proxy in these tests.
const visitorOfProxy = "127.0.0.9"

// A behind is a server behind a proxy that runs with a configuration of deploy.
type behind struct {
	t      *testing.T
	server *process
	data   string
	ports  map[string]string // of the proxy, by those in the configuration
}

// putBehind starts a server, and a proxy in front: how returns the proxy's command for its configuration, in which
// the addresses are changed to those of the test.
func putBehind(t *testing.T, file string, how func(b *behind, dir, config string) *exec.Cmd,
	ports ...string) *behind {
	t.Helper()
	b := &behind{t: t, data: t.TempDir(), ports: make(map[string]string)}
	mustShell(t, b.data, "quicksand\n", "user", "add", "alice")
	b.server = startProcess(t, b.data, "--tls-listen", "127.0.0.1:0", "--web-listen", "127.0.0.1:0", "--web-url",
		"https://chat.example.org/", "--trusted-proxies", "127.0.0.1")
	b.server.logged(0, "door=web")
	dir := t.TempDir()
	writeCertificate(t, dir, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	write(t, filepath.Join(dir, "both.pem"), readFile(t, filepath.Join(dir, "cert.pem"))+
		readFile(t, filepath.Join(dir, "key.pem")))
	log := b.server.log.String()
	config := strings.NewReplacer(
		"127.0.0.1:4000", b.server.address, "127.0.0.1:4992", tlsLine.FindStringSubmatch(log)[1],
		"127.0.0.1:8080", webLine.FindStringSubmatch(log)[1],
		"/etc/haproxy/chat.example.org.pem", filepath.Join(dir, "both.pem"),
		"/etc/ssl/chat.example.org/fullchain.pem", filepath.Join(dir, "cert.pem"),
		"/etc/ssl/chat.example.org/privkey.pem", filepath.Join(dir, "key.pem"),
	).Replace(readDoc(t, "deploy/"+file))
	for _, port := range ports {
		at := strconv.Itoa(testenv.FreePort(t))
		b.ports[port] = "127.0.0.1:" + at
		config = regexp.MustCompile(`(bind|listen) (:|\[::\]:)?`+port+`\b`).ReplaceAllStringFunc(config,
			func(line string) string {
				if strings.Contains(line, "[") { // the same port of IPv6, which this machine need not have
					return "listen 127.0.0.2:" + at
				}
				word, _, _ := strings.Cut(line, " ")
				return word + " 127.0.0.1:" + at
			})
	}
	cmd := how(b, dir, config)
	said := new(lockedBuffer)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", file, said)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, address := range b.ports {
		for nc, err := net.Dial("tcp", address); ; nc, err = net.Dial("tcp", address) {
			if err == nil {
				nc.Close()
				break
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s does not listen: %v\n%s", file, err, said)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return b
}

// comes lets a guest come to a port of the proxy, and tests that the server knows from where.
func (b *behind) comes(port string, wrap func(nc net.Conn) net.Conn) {
	b.t.Helper()
	nc, err := dialFrom(visitorOfProxy, b.ports[port])
	if err != nil {
		b.t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		b.t.Fatal(err)
	}
	nc = wrap(nc)
	guest := &script{t: b.t, conn: nc, r: bufio.NewReader(nc)}
	before := len(b.server.log.String())
	guest.send("alice")
	guest.expect("assword: ")
	guest.send("guessed")
	guest.expect("Login error")
	// By this line an address is banned: it must not be the proxy's.
	b.server.logged(before, `msg="login refused" remote=`+visitorOfProxy+":")
	guest.send("guest")
	guest.expect(":0> ") // another guest may just be leaving
	if all := mustShell(b.t, b.data, "", "sessions"); !strings.Contains(all, visitorOfProxy) {
		b.t.Errorf("by port %s comes:\n%s", port, all)
	}
	guest.send("quit")
	guest.expect("See you next time.")
}

func asItIs(nc net.Conn) net.Conn { return nc }

func withTLS(nc net.Conn) net.Conn {
	return tls.Client(nc, &tls.Config{InsecureSkipVerify: true, ServerName: "chat.example.org"})
}

// TestProxies lets users come by the proxies that deploy has configurations for: by telnet, by TLS and by WebSocket.
func TestProxies(t *testing.T) {
	byBrowser := func(nc net.Conn) net.Conn { return dialSocketAs("chat.example.org", withTLS(nc)) }
	t.Run("haproxy", func(t *testing.T) {
		path := need(t, "haproxy", "haproxy")
		t.Parallel()
		b := putBehind(t, "haproxy.cfg", func(_ *behind, dir, config string) *exec.Cmd {
			file := filepath.Join(dir, "haproxy.cfg")
			write(t, file, config)
			return exec.Command(path, "-db", "-f", file)
		}, "23", "992", "443")
		b.comes("23", asItIs)
		b.comes("992", withTLS)
		b.comes("443", byBrowser)
	})
	t.Run("nginx", func(t *testing.T) {
		path := need(t, "nginx", "nginx-light")
		t.Parallel()
		b := putBehind(t, "nginx.conf", func(_ *behind, dir, config string) *exec.Cmd {
			write(t, filepath.Join(dir, "site.conf"), config)
			write(t, filepath.Join(dir, "nginx.conf"), "daemon off;\nmaster_process off;\npid nginx.pid;\n"+
				"error_log stderr;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path body;\n"+
				"proxy_temp_path proxy;\nfastcgi_temp_path fastcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n"+
				"include site.conf;\n}\n")
			return exec.Command(path, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
		}, "443")
		b.comes("443", byBrowser)
	})
	t.Run("caddy", func(t *testing.T) {
		path := need(t, "caddy", "caddy")
		t.Parallel()
		b := putBehind(t, "Caddyfile", func(b *behind, dir, config string) *exec.Cmd {
			file := filepath.Join(dir, "Caddyfile")
			_, port, _ := net.SplitHostPort(b.ports["443"])
			write(t, file, "{\nadmin off\nauto_https disable_redirects\nhttps_port "+port+"\n}\n"+
				strings.NewReplacer("# tls ", "tls ", "reverse_proxy", "bind 127.0.0.1\nreverse_proxy").Replace(config))
			cmd := exec.Command(path, "run", "--adapter", "caddyfile", "--config", file)
			cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return cmd
		}, "443")
		b.comes("443", byBrowser)
	})
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
