package telnet

import (
	"errors"
	"io"
	"strings"
	"testing"

	"parley/telnet/telnettest"
)

// What the peer sends first is shown as it came, until enough was seen; an error throws it away and ends the reading.
func TestFirst(t *testing.T) {
	refused := errors.New("not here")
	for _, tt := range []struct {
		name, sent, shown, read string
		enough                  int // bytes
		refuse                  string
		err                     error
	}{
		{"all", "\xff\xfb\x18hi\r\n", "\xff\xfb\x18hi\r\n", "hi\n", 100, "", io.EOF},
		{"enough", "abc", "a", "abc", 1, "", io.EOF},
		{"refused", "abcdef", "abc", "ab", 100, "c", refused},
		{"refused at once", "c\r\nguest\r\n", "c", "", 100, "c", refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := telnettest.Pipe()
			defer client.Close()
			shown := ""
			c := NewConn(server, &Options{First: func(received []byte) (bool, error) {
				shown += string(received)
				if tt.refuse != "" && strings.HasSuffix(shown, tt.refuse) {
					return false, refused
				}
				return len(shown) >= tt.enough, nil
			}})
			var got []byte
			var err error
			buf := make([]byte, 16)
			for _, b := range []byte(tt.sent) {
				client.Write([]byte{b})
				var n int
				n, err = c.TryRead(buf)
				got = append(got, buf[:n]...)
				if err != nil {
					break
				}
			}
			if err == nil {
				client.Close()
				for err == nil {
					var n int
					n, err = c.Read(buf)
					got = append(got, buf[:n]...)
				}
			}
			if shown != tt.shown || string(got) != tt.read || !errors.Is(err, tt.err) {
				t.Errorf("shown %q, read %q, %v; want %q, %q, %v", shown, got, err, tt.shown, tt.read, tt.err)
			}
		})
	}
}
