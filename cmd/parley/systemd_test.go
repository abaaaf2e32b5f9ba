package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNotify plays the service manager.
func TestNotify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "200000")
	told := func() string {
		t.Helper()
		b := make([]byte, 256)
		_ = manager.SetReadDeadline(time.Now().Add(patience))
		n, err := manager.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	// expect skips signs of life, which come in between.
	expect := func(want string) {
		t.Helper()
		got := told()
		for got == "WATCHDOG=1" && want != got {
			got = told()
		}
		if got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	server := startProcess(t, t.TempDir())
	expect("READY=1")
	expect("WATCHDOG=1")
	expect("WATCHDOG=1")
	if err := server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	expect("RELOADING=1")
	expect("READY=1")
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	expect("STOPPING=1")
	_ = server.cmd.Wait()
	if status := server.cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestSocketActivation hands the program a socket, on which a connection waits already.
func TestSocketActivation(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	guest := dialScript(t, l.Addr().String())
	l.Close() // f is the same socket, and stays open

	server := startWithSocket(t, f, "--listen", "192.0.2.1:1")
	guest.send("guest")
	guest.expect("<guest:0> ")
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d:\n%s", status, server.log)
	}
}

// startWithSocket starts the program with the socket f, as systemd does, and closes f.
func startWithSocket(t *testing.T, f *os.File, args ...string) *process {
	t.Helper()
	defer f.Close()
	binary, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	// The shell becomes the program, which so has the process id that LISTEN_PID names.
	cmd := exec.Command("/bin/sh", append([]string{"-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`, "sh", binary, "--data",
		t.TempDir()}, args...)...)
	cmd.ExtraFiles = []*os.File{f}
	server := &process{t: t, cmd: cmd, log: new(lockedBuffer)}
	cmd.Stderr = server.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.kill)
	return server
}

// TestUnixProxy hands the program a unix socket. Who comes by it is a proxy that has to say who comes, if the options
// say so, and otherwise one who may not.
func TestUnixProxy(t *testing.T) {
	const header, guest = "PROXY TCP4 203.0.113.9 198.51.100.1 56324 4000\r\n", "guest\r\nquit\r\n"
	for _, tt := range []struct{ trusted, sent, remote string }{
		{"unix,192.0.2.7", header + guest, "203.0.113.9:56324"},
		{"unix,192.0.2.7", guest, ""},
		{"192.0.2.7", header + guest, ""},
		{"192.0.2.7", guest, "@"},
	} {
		path := filepath.Join(t.TempDir(), "socket")
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		l.Close() // f is the same socket, and stays open
		server := startWithSocket(t, f, "--trusted-proxies", tt.trusted)
		proxy, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer proxy.Close()
		_ = proxy.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(proxy, tt.sent)
		said, _ := io.ReadAll(proxy)
		if in := strings.Contains(string(said), "logged in as a guest"); in != (tt.remote != "") {
			t.Errorf("%+v: came in: %t: %q", tt, in, said)
		}
		if status := server.stop(); status != 0 {
			t.Errorf("exit status %d:\n%s", status, server.log)
		}
		if tt.remote != "" && !strings.Contains(server.log.String(), "remote="+tt.remote+"\n") {
			t.Errorf("%+v: nobody came from there:\n%s", tt, server.log)
		}
	}
}

// TestUnits has systemd read the units.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed: install the package systemd")
	}
	binary, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var paths []string
	units, err := filepath.Glob(filepath.Join("..", "..", "deploy", "parley*.s*"))
	if err != nil || len(units) < 3 {
		t.Fatalf("%q, %v", units, err)
	}
	for _, unit := range units {
		b, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		// It wants to see the program.
		b = bytes.ReplaceAll(b, []byte("/usr/local/bin/parley"), []byte(binary))
		paths = append(paths, filepath.Join(dir, filepath.Base(unit)))
		write(t, paths[len(paths)-1], string(b))
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, paths...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "parley") { // it has opinions on the machine's other units too
			t.Error(strings.TrimSpace(line))
		}
	}
	if err != nil && !t.Failed() {
		t.Skipf("systemd-analyze does not work here: %v: %s", err, out)
	}
}
