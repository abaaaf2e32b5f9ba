package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/cluster/natstest"
	"parley/internal/testenv"
)

// patience is how long tests with real processes wait for something that should come at once.
const patience = 20 * time.Second

// binaryDir is where binary has put the program, empty as long as nobody needed it.
var binaryDir string

// builtBinary is the variable that says to a process of this test where the program is.
const builtBinary = "PARLEY_TEST_BINARY"

// binary returns the path of the program, built once.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(builtBinary); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "parley-test")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	path := filepath.Join(dir, "parley")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	natstest.Serve()
	testenv.InMemory()
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "8") // most of those that run beside each other wait
	}
	status := m.Run()
	if binaryDir != "" {
		os.RemoveAll(binaryDir)
	}
	os.Exit(status)
}

// A process is a running Parley.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	address string
	log     *lockedBuffer
}

var connectLine = regexp.MustCompile(`is listening on (\S+),`)

// startProcess starts a server on a free port with its data in the given folder.
func startProcess(t testing.TB, data string, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return startCommand(t, exec.Command(path, append([]string{"--listen", "127.0.0.1:0", "--data", data}, args...)...))
}

// startCommand starts a server by a command that says where it listens.
func startCommand(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, log: new(lockedBuffer)}
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if m := connectLine.FindStringSubmatch(lines.Text()); m != nil {
			p.address = m[1]
			return p
		}
	}
	p.kill()
	t.Fatalf("the server did not start:\n%s", p.log)
	return nil
}

var monitorLine = regexp.MustCompile(`msg="metrics and health" address=(\S+)`)

// monitorAddress returns where --admin-listen has led to. The log may come a little after the standard output.
func (p *process) monitorAddress() string {
	p.t.Helper()
	p.logged(0, "metrics and health")
	return monitorLine.FindStringSubmatch(p.log.String())[1]
}

// kill ends the process as a crash would, and waits for it.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop ends the process as an operator would and returns its exit status.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// A lockedBuffer collects what a process writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A script is a plain connection, as a program would use it.
type script struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
	all  strings.Builder
}

func dialScript(t testing.TB, address string) *script {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &script{t: t, conn: conn, r: bufio.NewReader(conn)}
}

// dialFrom connects from a loopback address of one's own choice.
func dialFrom(source, address string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: patience}
	return d.Dial("tcp", address)
}

// scriptFrom is dialScript from a loopback address of one's own choice.
func scriptFrom(t testing.TB, source, address string) *script {
	t.Helper()
	conn, err := dialFrom(source, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &script{t: t, conn: conn, r: bufio.NewReader(conn)}
}

// send sends lines in one piece.
func (s *script) send(lines ...string) {
	s.t.Helper()
	if _, err := s.conn.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		s.t.Fatal(err)
	}
}

// until reads until text has come.
func (s *script) until(text string) error {
	_, err := s.untilOne(text)
	return err
}

// untilOne reads until one of texts has come, and returns that.
func (s *script) untilOne(texts ...string) (string, error) {
	_ = s.conn.SetReadDeadline(time.Now().Add(patience))
	from := s.all.Len()
	for {
		for _, text := range texts {
			if strings.HasSuffix(s.all.String()[from:], text) {
				return text, nil
			}
		}
		b, err := s.r.ReadByte()
		if err != nil {
			return "", fmt.Errorf("waiting for %q: %w; got %q", texts, err, s.all.String())
		}
		s.all.WriteByte(b)
	}
}

// expect is until for what must come.
func (s *script) expect(text string) {
	s.t.Helper()
	if err := s.until(text); err != nil {
		s.t.Fatal(err)
	}
}
