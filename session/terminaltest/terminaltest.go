// Package terminaltest tests that a terminal keeps the contract of session.Terminal, and of what it can do more.
package terminaltest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"parley/session"
)

// A Peer is the program at the other end: what it writes is typed, and what it reads is shown. Beside that it may read
// bytes of its protocol. CloseWrite ends its input.
type Peer interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// Test runs the contract. open returns a new terminal and its peer; it sees to it that both are closed after the test.
func Test(t *testing.T, open func(t *testing.T) (session.Terminal, Peer)) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, term session.Terminal, peer Peer)
	}{
		{"input", input}, {"end of input", endOfInput}, {"deadline", deadline}, {"output", output},
		{"try to read", tryRead}, {"end of a rest", restEnds}, {"try to write", tryWrite},
		{"prompt", prompt}, {"settle", settle}, {"hide", hide},
	} {
		t.Run(tt.name, func(t *testing.T) {
			term, peer := open(t)
			term.Notify(func() {}, func() {})
			tt.run(t, term, peer)
		})
	}
}

func types(t *testing.T, peer Peer, text string) {
	t.Helper()
	if _, err := io.WriteString(peer, text); err != nil {
		t.Fatal(err)
	}
}

// reads reads from the terminal until it has as much as want.
func reads(t *testing.T, read func([]byte) (int, error), want string) {
	t.Helper()
	var got []byte
	for buf := make([]byte, 4); len(got) < len(want); {
		n, err := read(buf)
		if got = append(got, buf[:n]...); err != nil {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	if string(got) != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// shows reads at the peer until it was shown text.
func shows(t *testing.T, peer Peer, text string) {
	t.Helper()
	var got []byte
	for buf := make([]byte, 64<<10); !bytes.HasSuffix(got, []byte(text)); {
		n, err := peer.Read(buf)
		if got = append(got, buf[:n]...); err != nil {
			t.Fatalf("%v after %d bytes, %d wanted", err, len(got), len(text))
		}
	}
}

func input(t *testing.T, term session.Terminal, peer Peer) {
	types(t, peer, "hello\r\n\u4f60\u597d\r\n")
	reads(t, term.Read, "hello\n\u4f60\u597d\n")
	if n, err := term.Read(nil); n != 0 || err != nil {
		t.Errorf("nothing read: %d, %v", n, err)
	}
}

func endOfInput(t *testing.T, term session.Terminal, peer Peer) {
	types(t, peer, "last\r\n")
	if err := peer.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reads(t, term.Read, "last\n")
	for range 2 {
		if n, err := term.Read(make([]byte, 8)); n != 0 || err != io.EOF {
			t.Fatalf("got %d, %v, want the end", n, err)
		}
	}
	if _, err := term.Write([]byte("bye\n")); err != nil {
		t.Fatal(err)
	}
	shows(t, peer, "bye\r\n")
}

func deadline(t *testing.T, term session.Terminal, peer Peer) {
	ended := make(chan error, 1)
	go func() {
		_, err := term.Read(make([]byte, 8))
		ended <- err
	}()
	for _, at := range []time.Time{time.Now().Add(time.Hour), time.Now().Add(-time.Second)} {
		if err := term.SetReadDeadline(at); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("pending: %v", err)
	}
	types(t, peer, "x")
	if n, err := term.Read(make([]byte, 8)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("to come: %d, %v", n, err)
	}
	if err := term.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	reads(t, term.Read, "x")
}

func output(t *testing.T, term session.Terminal, peer Peer) {
	for _, text := range []string{"a\nb\r\n", "", "c\n\n"} {
		if n, err := term.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("%q: %d, %v", text, n, err)
		}
	}
	shows(t, peer, "a\r\nb\r\nc\r\n\r\n")
}

// awaits has r rest until it is called.
func awaits(t *testing.T, r session.TryReader) {
	t.Helper()
	called := make(chan struct{})
	r.AwaitInput(func() { close(called) }) // which panics if it is called twice
	<-called
}

func tryRead(t *testing.T, term session.Terminal, peer Peer) {
	r, ok := term.(session.TryReader)
	if !ok {
		t.Skip("it cannot be tried")
	}
	if n, err := r.TryRead(make([]byte, 8)); n != 0 || err != nil {
		t.Errorf("before anything came: %d, %v", n, err)
	}
	types(t, peer, "hi\r\n")
	reads(t, func(p []byte) (int, error) {
		awaits(t, r)
		return r.TryRead(p)
	}, "hi\n")
	types(t, peer, "there\r\n")
	reads(t, term.Read, "there\n")
}

// restEnds tests that who rests is called by a deadline that passes, by one that has passed, and by the end of the
// input, and finds out why by trying to read.
func restEnds(t *testing.T, term session.Terminal, peer Peer) {
	r, ok := term.(session.TryReader)
	if !ok {
		t.Skip("it cannot be tried")
	}
	called := make(chan struct{})
	r.AwaitInput(func() { close(called) })
	if err := term.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	<-called
	if _, err := r.TryRead(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("tried after the deadline: %v", err)
	}
	awaits(t, r)
	if err := term.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	find := func(want error) {
		t.Helper()
		for {
			awaits(t, r)
			if n, err := r.TryRead(make([]byte, 8)); errors.Is(err, want) {
				return
			} else if n > 0 || err != nil {
				t.Fatalf("got %d, %v, want %v", n, err, want)
			}
		}
	}
	find(os.ErrDeadlineExceeded)
	if err := term.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := peer.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	find(io.EOF)
}

// tryWrite fills the terminal until it takes no more, lets the peer read, and writes the rest: what arrives is what was
// written.
func tryWrite(t *testing.T, term session.Terminal, peer Peer) {
	w, ok := term.(session.TryWriter)
	if !ok {
		t.Skip("it cannot be tried")
	}
	var want strings.Builder
	var left string
	for i, full := 0, false; !full; i++ {
		if want.Len() > 100<<20 {
			t.Fatal("100 MB went to a peer that does not read")
		}
		line := strings.Repeat(string(rune('a'+i%26)), 997) + "\r\n"
		n, err := w.TryWrite([]byte(line), i%2 > 0)
		switch {
		case err == io.ErrShortWrite:
			left, full = line[n:], true
		case n != len(line) || err != nil:
			t.Fatalf("%d of %d bytes, %v", n, len(line), err)
		}
		want.WriteString(line)
	}
	written := make(chan error, 1)
	go func() {
		_, err := term.Write([]byte(left + "end\r\n"))
		written <- err
	}()
	shows(t, peer, want.String()+"end\r\n")
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if want.Len() == len(left) {
		return // its connection cannot be tried
	}
	if n, err := w.TryWrite([]byte("more\r\n"), false); n != 6 || err != nil {
		t.Errorf("after the peer has read: %d, %v", n, err)
	}
}

func prompt(t *testing.T, term session.Terminal, peer Peer) {
	w, ok := term.(session.PromptWriter)
	if !ok {
		t.Skip("it marks no prompts")
	}
	if n, err := w.WritePrompt([]byte("a\nname: ")); n != 8 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	shows(t, peer, "a\r\nname: ")
}

func settle(t *testing.T, term session.Terminal, peer Peer) {
	s, ok := term.(session.Settler)
	if !ok {
		t.Skip("it has settled from the start")
	}
	types(t, peer, "kept\r\n")
	if err := s.Settle(time.Minute); err != nil {
		t.Fatal(err)
	}
	reads(t, term.Read, "kept\n")
}

func hide(t *testing.T, term session.Terminal, peer Peer) {
	h, ok := term.(session.InputHider)
	if !ok {
		t.Skip("its peer shows nothing by itself")
	}
	go func() { _, _ = io.Copy(io.Discard, peer) }() // until the test closes it
	if h.HideInput(10 * time.Millisecond) {
		h.ShowInput()
	}
	types(t, peer, "seen\r\n")
	reads(t, term.Read, "seen\n")
}
