//go:build experiment

package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	gossh "golang.org/x/crypto/ssh"

	"parley/certs"
	"parley/web"
)

// peersEnv has the test program be one of the others in an experiment: what it is, and what that has to know.
const peersEnv = "PARLEY_PEERS"

// others starts the test program as one of the others, and returns what that prints first. It ends with ctx.
func others(t *testing.T, ctx context.Context, what ...string) (first []string, rest io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestPeers$")
	cmd.Env = append(os.Environ(), peersEnv+"="+strings.Join(what, " "))
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r := bufio.NewReader(stdout)
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(line), r
}

// TestPeers is what runs in a process of its own: a server that throws away what it is told, or those who attack.
func TestPeers(t *testing.T) {
	what := strings.Fields(os.Getenv(peersEnv))
	switch {
	case len(what) == 0:
		t.Skip("it is a part of experiments")
	case what[0] == "lean":
		serveLeanly(t)
	case what[0] == "sessions":
		serveSessions()
	case what[0] == "halves":
		attackByHalves(t, what[1:])
	case what[0] == "flood":
		pour(t, what[1], what[2])
	}
}

// serveLeanly answers those who come by TLS, by SSH, by a WebSocket and by none of these, as the libraries do by
// themselves, and throws away what they say. A handshake may take ten seconds, and as many are made at a time as the
// gate lets in: who comes beside them is sent away without a word.
func serveLeanly(t *testing.T) {
	source, err := certs.Own(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	config := &gossh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	shake := map[string]func(net.Conn) (goOn func()){
		telnetDoor: func(nc net.Conn) func() { return func() { _, _ = io.Copy(io.Discard, nc) } },
		tlsDoor: func(nc net.Conn) func() {
			conn := tls.Server(nc, source.Config())
			if conn.Handshake() != nil {
				return func() {}
			}
			return func() { _, _ = io.Copy(io.Discard, conn) }
		},
		sshDoor: func(nc net.Conn) func() {
			_, channels, requests, err := gossh.NewServerConn(nc, config)
			if err != nil {
				return func() {}
			}
			go gossh.DiscardRequests(requests)
			return func() {
				for channel := range channels {
					if c, requests, err := channel.Accept(); err == nil {
						go gossh.DiscardRequests(requests)
						go func() { _, _ = io.Copy(io.Discard, c) }()
					}
				}
			}
		},
	}
	places := make(chan struct{}, 128)
	for _, door := range []string{tlsDoor, sshDoor, webDoor, telnetDoor} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Print(l.Addr(), " ")
		if door == webDoor {
			go servePagesLeanly(l)
			continue
		}
		go func() {
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				select {
				case places <- struct{}{}:
				default:
					nc.Close()
					continue
				}
				go func() {
					_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
					goOn := shake[door](nc)
					<-places
					_ = nc.SetDeadline(time.Time{})
					goOn()
					nc.Close()
				}()
			}
		}()
	}
	fmt.Println()
	select {} // until it is killed
}

// serveSessions gives who comes by SSH a session in which nothing happens, as the library does by itself. It prints
// where, and how many KiB of memory the process takes, at the start and every five seconds.
func serveSessions() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	signer, _ := gossh.NewSignerFromKey(key)
	config := &gossh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	fmt.Println(l.Addr())
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go serveSession(nc, config)
		}
	}()
	for {
		debug.FreeOSMemory()
		status, _ := os.ReadFile("/proc/self/status")
		_, after, _ := strings.Cut(string(status), "VmRSS:")
		fmt.Println(strings.Fields(after)[0])
		time.Sleep(5 * time.Second)
	}
}

func serveSession(nc net.Conn, config *gossh.ServerConfig) {
	_, channels, requests, err := gossh.NewServerConn(nc, config)
	if err != nil {
		return
	}
	go gossh.DiscardRequests(requests)
	for channel := range channels {
		c, requests, err := channel.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range requests {
				_ = r.Reply(true, nil)
			}
		}()
		go func() {
			for n := 1; n > 0; {
				n, _ = c.Read(make([]byte, 128))
			}
		}()
	}
}

// servePagesLeanly serves an empty page, and WebSockets of which it throws away what comes.
func servePagesLeanly(l net.Listener) {
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 8 << 10, IdleTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") == "" {
				http.Error(w, "This is another server.", http.StatusMisdirectedRequest)
				return
			}
			c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: web.Subprotocols})
			if err != nil {
				return
			}
			defer c.CloseNow()
			for {
				_, message, err := c.Reader(r.Context())
				if err != nil {
					return
				}
				if _, err := io.Copy(io.Discard, message); err != nil {
					return
				}
			}
		})}
	_ = server.Serve(l)
}

// attackByHalves has 1,000 peers at a door for TLS and as many at one for SSH, four of a source, begin handshakes and
// say nothing more. Who is sent away comes again a second later. It prints that it begins, and how many were begun.
func attackByHalves(t *testing.T, at []string) {
	const sources, each = 250, 4
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var attack sync.WaitGroup
	var opened [2]atomic.Int64
	for n := range opened {
		begins, err := hex.DecodeString(at[2*n+1])
		if err != nil {
			t.Fatal(err)
		}
		for i := range sources * each {
			attack.Go(func() {
				for ctx.Err() == nil {
					halfHandshake(ctx, fmt.Sprintf("127.1.%d.%d", n, i/each+1), at[2*n], begins, &opened[n])
					select {
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
				}
			})
		}
	}
	fmt.Println("begins")
	attack.Wait()
	fmt.Printf("%d by TLS, %d by SSH\n", opened[0].Load(), opened[1].Load())
}
