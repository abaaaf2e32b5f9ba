package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// failregexes returns the expressions of the filter for fail2ban, as Go writes them, with the address as first group.
func failregexes(t *testing.T) (all []*regexp.Regexp) {
	t.Helper()
	_, rest, _ := strings.Cut(readDoc(t, "deploy/fail2ban.conf"), "\nfailregex = ")
	rest, _, ok := strings.Cut(rest, "\nignoreregex")
	if !ok {
		t.Fatal("there is no failregex")
	}
	for line := range strings.Lines(rest) {
		all = append(all, regexp.MustCompile(strings.ReplaceAll(strings.TrimSpace(line), "<HOST>", `([0-9a-fA-F.:]+)`)))
	}
	return all
}

func hosts(all []*regexp.Regexp, log string) (found []string) {
	for line := range strings.Lines(log) {
		for _, r := range all {
			if m := r.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
				found = append(found, m[1])
			}
		}
	}
	return found
}

// TestFail2banFilter tests that the filter finds who guesses in both forms of the log of a real server, and nobody
// else.
func TestFail2banFilter(t *testing.T) {
	t.Parallel()
	all := failregexes(t)
	for _, form := range []string{"text", "json"} {
		data := t.TempDir()
		mustShell(t, data, "quicksand\n", "user", "add", "alice")
		server := startProcess(t, data, "--log-format", form, "--limits-exempt", "none")
		guesser := scriptFrom(t, "127.0.0.9", server.address)
		guesser.send("alice")
		guesser.expect("assword: ")
		guesser.send("guessed")
		guest := scriptFrom(t, "127.0.0.8", server.address)
		guest.send("guest")
		guest.expect("<guest:0> ")
		server.logged(0, "login refused")
		server.stop()
		log := server.log.String()
		if found := hosts(all, log); len(found) == 0 || found[0] != "127.0.0.9" || found[len(found)-1] != "127.0.0.9" {
			t.Errorf("%s: found %q in\n%s", form, found, log)
		}
		// The last is what fail2ban leaves of a line of a file where the date stands first.
		for _, prefix := range []string{"host parley[12]: ", "host parley[12]:", " host parley[12]: "} {
			if found := hosts(all, prefix+strings.ReplaceAll(log, "\n", "\n"+prefix)); len(found) == 0 {
				t.Errorf("%s: nothing is found behind %q", form, prefix)
			}
		}
		path, err := exec.LookPath("fail2ban-regex")
		if err != nil {
			continue // the expressions were tried above
		}
		file := filepath.Join(t.TempDir(), "log")
		write(t, file, log)
		filter := filepath.Join(filepath.Dir(file), "parley.conf")
		write(t, filter, readDoc(t, "deploy/fail2ban.conf"))
		out, err := exec.Command(path, "--print-all-matched", file, filter).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "127.0.0.9") {
			t.Errorf("%s: fail2ban-regex: %v\n%s", form, err, out)
		}
	}
}

// TestFail2banIPv6 tests the filter with addresses of both families, and with what others make the log say.
func TestFail2banIPv6(t *testing.T) {
	all := failregexes(t)
	for _, form := range []string{"text", "json"} {
		var b strings.Builder
		log := (&options{LogFormat: form}).logger(&b, slog.LevelInfo)
		for _, ip := range []string{"192.0.2.7", "2001:db8::7"} {
			log.Warn("login refused", "remote", &net.TCPAddr{IP: net.ParseIP(ip), Port: 4711}, "failures", 1)
		}
		log.Warn("other", "err", `x msg="login refused" remote=192.0.2.8:1 `)
		log.Info("login", "user", "x", "remote", &net.TCPAddr{IP: net.ParseIP("192.0.2.9"), Port: 1})
		if found := hosts(all, b.String()); strings.Join(found, " ") != "192.0.2.7 2001:db8::7" {
			t.Errorf("%s: found %q in\n%s", form, found, &b)
		}
	}
}

// TestNamedSockets hands the program sockets for several doors, as systemd does, and one with a name that no door has.
func TestNamedSockets(t *testing.T) {
	t.Parallel()
	binary, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	start := func(names string, sockets ...net.Listener) *process {
		t.Helper()
		// The shell becomes the program, which so has the process id that LISTEN_PID names.
		cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$@"`, "sh", binary, "--data", t.TempDir(), "--listen",
			"192.0.2.1:1", "--tls-listen", "192.0.2.1:2", "--admin-listen", "127.0.0.1:3")
		cmd.Env = append(os.Environ(), "LISTEN_FDS="+strconv.Itoa(len(sockets)), "LISTEN_FDNAMES="+names)
		for _, l := range sockets {
			f, err := l.(interface{ File() (*os.File, error) }).File()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close() // it is the same socket
			cmd.ExtraFiles = append(cmd.ExtraFiles, f)
		}
		p := &process{t: t, cmd: cmd, log: new(lockedBuffer)}
		cmd.Stderr = p.log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.kill)
		return p
	}
	var sockets []net.Listener
	var at []string
	for range 5 {
		l := listenersAt(t, "127.0.0.1:0")[0]
		sockets, at = append(sockets, l), append(at, l.Addr().String())
	}
	path := filepath.Join(t.TempDir(), "web")
	unix, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()

	server := start("telnet:tls:admin:ssh:web:web", append(sockets, unix)...)
	guest := dialScript(t, at[0])
	guest.send("guest")
	guest.expect("<guest:0> ")
	dialTLS(t, at[1])
	if text := fetch(t, "http://"+at[2]+"/metrics"); !strings.Contains(text,
		"\nparley_certificate_end_timestamp_seconds ") {
		t.Errorf("there is no end of the certificate among the figures:\n%s", text)
	}
	if out, errs, status := newSSHUser(at[3], "guest").run(t, "who"); status != 0 {
		t.Errorf("by SSH: %d, %q, %q", status, out, errs)
	}
	// A proxy that comes by a unix socket has the certificate itself: it is not sent to https://.
	for address, network := range map[string]string{at[4]: "tcp", path: "unix"} {
		var d net.Dialer
		browser := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return d.DialContext(ctx, network, address)
			}}}
		answer, err := browser.Get("http://localhost/")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the page by %s: %s", network, answer.Status)
		}
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d:\n%s", status, server.log)
	}

	server = start("telnet:gopher", sockets[:2]...)
	_ = server.cmd.Wait()
	if log := server.log.String(); server.cmd.ProcessState.ExitCode() != 1 ||
		!strings.Contains(log, `socket 1 of the service manager has the name "gopher"`) {
		t.Errorf("a name of no door: %v\n%s", server.cmd.ProcessState, log)
	}
}
