package telnet_test

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/telnet"
	"parley/telnet/telnettest"
)

// recorder notes what is written, call by call: a packet each.
type recorder struct {
	net.Conn
	mu      sync.Mutex
	packets [][]byte
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	r.packets = append(r.packets, slices.Clone(p))
	r.mu.Unlock()
	return r.Conn.Write(p)
}

func (r *recorder) CloseWrite() error {
	return r.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

// A peer is the far end of a Conn in a test.
type peer struct {
	t    *testing.T
	conn *telnet.Conn
	net.Conn
	recorder *recorder
}

// newPeer returns the far end of a new Conn. Both are closed with the test.
func newPeer(t *testing.T, opts *telnet.Options) *peer {
	client, server := telnettest.Pipe()
	r := &recorder{Conn: server}
	p := &peer{t: t, conn: telnet.NewConn(r, opts), Conn: client, recorder: r}
	t.Cleanup(func() { p.conn.Close(); client.Close() })
	return p
}

// sends makes the peer send words.
func (p *peer) sends(words string) {
	p.t.Helper()
	if _, err := p.Write(wire(p.t, words)); err != nil {
		p.t.Fatal(err)
	}
}

// got expects the packets that were written since the last call, each in words.
func (p *peer) got(want ...string) {
	p.t.Helper()
	synctest.Wait()
	p.recorder.mu.Lock()
	packets := p.recorder.packets
	p.recorder.packets = nil
	p.recorder.mu.Unlock()
	var got []string
	for _, packet := range packets {
		got = append(got, words(packet))
	}
	if !slices.Equal(got, want) {
		p.t.Fatalf("on the wire:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// reads expects one Read to return text.
func (p *peer) reads(want string) {
	p.t.Helper()
	buf := make([]byte, 256)
	n, err := p.conn.Read(buf)
	if string(buf[:n]) != want || err != nil {
		p.t.Fatalf("read %q, %v, want %q", buf[:n], err, want)
	}
}

// pumps reads what is there, none of it text: for what comes without a line.
func (p *peer) pumps() {
	p.t.Helper()
	p.conn.SetReadDeadline(time.Now().Add(time.Nanosecond))
	if n, err := p.conn.Read(make([]byte, 256)); n != 0 || err == nil {
		p.t.Fatalf("read %d bytes of text, %v", n, err)
	}
	p.conn.SetReadDeadline(time.Time{})
}

func (p *peer) writes(text string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) prompts(text string) {
	p.t.Helper()
	if _, err := p.conn.WritePrompt([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// settles calls Settle and expects how long it takes.
func (p *peer) settles(wait, want time.Duration) {
	p.t.Helper()
	start := time.Now()
	if err := p.conn.Settle(wait); err != nil {
		p.t.Fatalf("settle: %v", err)
	}
	if took := time.Since(start); took != want {
		p.t.Fatalf("settle(%v) took %v, want %v", wait, took, want)
	}
}

// hides calls HideInput with a wait of one second and expects its answer and how long it takes.
func (p *peer) hides(want bool, wantTook time.Duration) {
	p.t.Helper()
	start := time.Now()
	if got := p.conn.HideInput(time.Second); got != want {
		p.t.Fatalf("hidden %v, want %v", got, want)
	}
	if took := time.Since(start); took != wantTook {
		p.t.Fatalf("hiding took %v, want %v", took, wantTook)
	}
}

func (p *peer) editsLines(want bool) {
	p.t.Helper()
	if got := p.conn.EditsLines(); got != want {
		p.t.Fatalf("edits lines: %v, want %v", got, want)
	}
}

// answering starts a client that says what it says unasked and then answers as the table tells: the words of the server
// and its answers, the first time, the second time and so on; the last one counts ever after. It returns when the
// peer's side of the connection ends.
func (p *peer) answering(opening string, answers map[string][]string) {
	p.sends(opening)
	var done sync.WaitGroup
	p.t.Cleanup(done.Wait)
	p.t.Cleanup(func() { p.Close() })
	done.Go(func() {
		var d telnet.Decoder
		asked := map[string]int{}
		buf, text := make([]byte, 512), make([]byte, 512)
		for {
			n, err := p.Read(buf)
			if err != nil {
				return
			}
			var reply []byte
			for read := 0; read < n; {
				_, used, cmd, _ := d.Decode(text, buf[read:n])
				read += used
				if cmd.Code == 0 {
					continue
				}
				said := words(cmd.Append(nil))
				if list := answers[said]; len(list) > 0 {
					reply = append(reply, wire(p.t, list[min(asked[said], len(list)-1)])...)
				}
				asked[said]++
			}
			if _, err := p.Write(reply); err != nil {
				return
			}
		}
	})
}

// bubble runs f in a bubble of its own time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
