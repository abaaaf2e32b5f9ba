//go:build experiment

package ssh_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/ssh"
)

// openSSH are the ciphers of OpenSSH's programs, in their order: the first that the server knows is used.
var openSSH = []string{gossh.CipherChaCha20Poly1305, gossh.CipherAES128GCM, gossh.CipherAES256GCM,
	gossh.CipherAES128CTR, gossh.CipherAES192CTR, gossh.CipherAES256CTR}

// TestMemory says what a peer at rest takes, by package ssh alone: go test -tags experiment -run TestMemory -v ./ssh
func TestMemory(t *testing.T) {
	const peers = 500
	if at := os.Getenv("PARLEY_PEERS"); at != "" {
		for range peers {
			client, err := gossh.Dial("tcp", at, &gossh.ClientConfig{User: "guest",
				Config: gossh.Config{Ciphers: openSSH}, HostKeyCallback: gossh.InsecureIgnoreHostKey()})
			if err != nil {
				t.Fatal(err)
			}
			openShell(t, client, true)
		}
		fmt.Println("all are in")
		select {} // until it is killed
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	key, h := newKey(t), house()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				conn := accept(nc, key, h)
				if conn != nil {
					conn.Start(t.Context(), h, func(error) {})
				}
			}()
		}
	}()
	read := func() (heap, stacks float64) {
		for range 5 {
			runtime.GC()
		}
		debug.FreeOSMemory()
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
		metrics.Read(s)
		return float64(s[0].Value.Uint64()), float64(s[1].Value.Uint64())
	}
	heap, stacks := read()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestMemory$")
	cmd.Env = append(os.Environ(), "PARLEY_PEERS="+l.Addr().String())
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	go func() {
		for range h.terminals {
		}
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "all are in") {
	}
	time.Sleep(time.Second)
	heapNow, stacksNow := read()
	t.Logf("a peer: %.1f KiB of heap, %.1f KiB of stacks", (heapNow-heap)/peers/1024, (stacksNow-stacks)/peers/1024)
	if dir := os.Getenv("PARLEY_PROFILES"); dir != "" {
		f, err := os.Create(dir + "/ssh-heap")
		if err != nil {
			t.Fatal(err)
		}
		_ = pprof.Lookup("heap").WriteTo(f, 0)
		f.Close()
		f, _ = os.Create(dir + "/ssh-goroutines")
		_ = pprof.Lookup("goroutine").WriteTo(f, 1)
		f.Close()
	}
}

func accept(nc net.Conn, key gossh.Signer, h openHouse) *ssh.Conn {
	conn, err := ssh.Accept(nc, ssh.Options{HostKey: key, Guard: h})
	if err != nil {
		return nil
	}
	return conn
}
