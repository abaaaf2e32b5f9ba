package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	gotelnet "github.com/reiver/go-telnet"

	"parley/chat"
	"parley/commands"
	"parley/session"
)

// story is what a client that never negotiates types, and the answers to look for.
var story = []struct{ line, answer string }{
	{"guest", "<guest:0> "},
	{"register alice s3cret", "User alice registered"},
	{"login alice", "Your client cannot hide what you type: the password will be visible.\r\nEnter your password: "},
	{"s3cret", "<alice:0> "},
	{"start tea", "!!system!!: alice created room 0, topic: tea"},
	{"say 0 100 %, naïve", "[Room 0] *alice*: 100 %, naïve"},
	{"quit", "See you next time.\r\n"},
}

// tellStory types the story and waits for every answer. Reading goes byte by byte, since the reader of go-telnet waits
// until all that it is asked for is there.
func tellStory(t *testing.T, conn io.ReadWriter) {
	t.Helper()
	var got strings.Builder
	until := func(text string) {
		t.Helper()
		for b := make([]byte, 1); !strings.HasSuffix(got.String(), text); {
			if _, err := conn.Read(b); err != nil {
				t.Fatalf("waiting for %q: %v; got %q", text, err, got.String())
			}
			got.Write(b)
		}
	}
	until("Enter your username: ")
	for _, step := range story {
		if _, err := io.WriteString(conn, step.line+"\r\n"); err != nil {
			t.Fatal(err)
		}
		until(step.answer)
	}
}

// TestDialTo lets the client of go-telnet, which never negotiates, use the server.
func TestDialTo(t *testing.T) {
	server := startProcess(t, t.TempDir())
	conn, err := gotelnet.DialTo(server.address)
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { conn.Close() })
	defer timer.Stop()
	defer conn.Close()
	tellStory(t, conn)
}

// TestUnderGoTelnet runs the handler under the server of go-telnet, which knows no negotiation: a bare network virtual
// terminal.
func TestUnderGoTelnet(t *testing.T) {
	registry := commands.New()
	node := chat.New(chat.Options{Reserved: registry.Names()})
	sessions := &session.Server{Chat: node, Commands: registry}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- gotelnet.Serve(l, &handler{ctx: t.Context(), sessions: sessions}) }() // until l is closed
	defer func() {
		l.Close()
		<-served
		node.Close()
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	tellStory(t, conn)
}
