package telnet_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/telnet"
)

// decoded is what a Decoder makes of input, in words: text in quotes, commands where they stand in it.
func decoded(t testing.TB, input []byte, piece int) (string, error) {
	t.Helper()
	var d telnet.Decoder
	return decodedBy(t, &d, input, func() int { return piece }, 64)
}

func decodedBy(t testing.TB, d *telnet.Decoder, input []byte, piece func() int, room int) (string, error) {
	t.Helper()
	var out, text []byte
	flush := func() {
		if len(text) > 0 {
			out = fmt.Appendf(out, "%q ", text)
			text = nil
		}
	}
	dst := make([]byte, room)
	for len(input) > 0 {
		src := input[:min(max(1, piece()), len(input))]
		input = input[len(src):]
		for {
			nDst, nSrc, cmd, err := d.Decode(dst, src)
			if nDst > nSrc {
				t.Fatalf("%d bytes of text from %d bytes", nDst, nSrc)
			}
			text = append(text, dst[:nDst]...)
			src = src[nSrc:]
			if err != nil {
				flush()
				return string(out), err
			}
			if cmd.Code != 0 {
				flush()
				out = append(out, words(cmd.Append(nil))...)
				out = append(out, ' ')
				continue
			}
			if len(src) == 0 {
				break
			}
			if nDst == 0 && len(dst) > 0 {
				t.Fatalf("Decode makes no headway at % X", src)
			}
		}
	}
	flush()
	return strings.TrimSuffix(string(out), " "), nil
}

var decoderTests = []struct {
	name string
	in   string
	want string
}{
	// Line ends, state "text" and "after CR".
	{"CR LF", "a\r\nb", `"a\nb"`},
	{"CR NUL", "a\r\x00b", `"a\nb"`},
	{"CR alone", "a\rb", `"a\nb"`},
	{"CR last", "a\r", `"a\n"`},
	{"LF alone", "a\nb", `"a\nb"`},
	{"LF LF", "\n\n", `"\n\n"`},
	{"CR CR", "a\r\rb", `"a\n\nb"`},
	{"CR CR LF", "a\r\r\nb", `"a\n\nb"`},
	{"CR LF LF", "a\r\n\nb", `"a\n\nb"`},
	{"CR NUL LF", "a\r\x00\nb", `"a\n\nb"`},
	{"NUL in text", "a\x00b\x00", `"ab"`},
	{"command between CR and LF", "a\r\xff\xf1\nb", `"a\n" NOP "b"`},
	{"option between CR and NUL", "a\r\xff\xfd\x06\x00b", `"a\n" DO TM "b"`},
	{"subnegotiation between CR and LF", "\r\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0\nb", `"\n" SB NAWS 0 80 0 24 SE "b"`},
	{"IAC IAC after CR is text", "\r\xff\xff\nb", `"\n\xff\nb"`},

	// Commands.
	{"IAC IAC", "a\xff\xffb", `"a\xffb"`},
	{"IP and DO TM, as Ctrl-C of inetutils", "\xff\xf4\xff\xfd\x06", "IP DO TM"},
	{"BRK and DO TM, as Ctrl-\\", "\xff\xf3\xff\xfd\x06", "BRK DO TM"},
	{"SUSP and DO TM, as Ctrl-Z", "\xff\xed\xff\xfd\x06", "SUSP DO TM"},
	{"AO and DO TM, as Ctrl-O", "\xff\xf5\xff\xfd\x06\r\n", `AO DO TM "\n"`},
	{"EOF, as Ctrl-D of plink", "ab\xff\xec", `"ab" EOF`},
	{"the others", "\xff\xee\xff\xef\xff\xf1\xff\xf2\xff\xf6\xff\xf7\xff\xf8\xff\xf9", "ABORT EOR NOP DM AYT EC EL GA"},
	{"unknown ones", "a\xff\x00b\xff\x41c\xff\xebd", `"abcd"`},
	{"SE alone", "a\xff\xf0b", `"ab"`},
	{"all verbs", "\xff\xfb\x01\xff\xfc\x03\xff\xfd\x18\xff\xfe\xff", "WILL ECHO WONT SGA DO TTYPE DONT 255"},
	{"IAC last", "a\xff", `"a"`},

	// Subnegotiations.
	{"doubled IAC inside", "\xff\xfa\x1f\x00\xff\xff\x00\x18\xff\xf0", "SB NAWS 0 255 255 0 24 SE"},
	{"four doubled", "\xff\xfa\x1f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0",
		"SB NAWS 255 255 255 255 255 255 255 255 SE"},
	{"CR LF NUL inside", "\xff\xfa\x18\x00\r\n\x00\xff\xf0", "SB TTYPE 0 13 10 0 SE"},
	{"empty", "a\xff\xfa\xff\xf0b", `"ab"`},
	{"option alone", "\xff\xfa\x18\xff\xf0", "SB TTYPE SE"},
	{"option 255", "\xff\xfa\xff\xff\x01\xff\xf0", "SB 255 255 1 SE"},
	{"ended by a command", "\xff\xfa\x18\x00xte\xff\xfd\x01b", `DO ECHO "b"`},
	{"ended by another", "\xff\xfa\x18\x00xte\xff\xfa\x18\x00vt\xff\xf0b", `SB TTYPE 0 118 116 SE "b"`},
	{"ended by an unknown command", "\xff\xfa\x18\x00xte\xff\x41b", `"b"`},
	{"never ended", "\xff\xfa\x18\x00xterm\r\n", ``},
	{"longest that is kept", "\xff\xfa\x18" + strings.Repeat("x", 511) + "\xff\xf0b",
		"SB TTYPE" + strings.Repeat(" 120", 511) + ` SE "b"`},
	{"too long", "a\xff\xfa\x18" + strings.Repeat("x", 512) + "\xff\xf0b", `"ab"`},
	{"as long as anybody may", "a\xff\xfa" + strings.Repeat("x", 16*1024) + "\xff\xf0b", `"ab"`},
}

func TestDecoder(t *testing.T) {
	for _, tt := range decoderTests {
		t.Run(tt.name, func(t *testing.T) {
			for piece := 1; piece <= min(len(tt.in), 40); piece++ {
				got, err := decoded(t, []byte(tt.in), piece)
				if got != tt.want || err != nil {
					t.Errorf("in pieces of %d: got %s, %v, want %s", piece, got, err, tt.want)
				}
			}
		})
	}
}

// The table shows commands as they would be sent again, every IAC doubled; this is what the caller gets.
func TestDecoderUndoubles(t *testing.T) {
	var d telnet.Decoder
	_, _, cmd, err := d.Decode(nil, []byte("\xff\xfa\x1f\x00\xff\xff\x00\x18\xff\xf0"))
	if err != nil || string(cmd.Data) != "\x00\xff\x00\x18" {
		t.Errorf("got % X, %v", cmd.Data, err)
	}
}

func TestDecoderEndlessSubnegotiation(t *testing.T) {
	input := []byte("a\xff\xfa" + strings.Repeat("x", 16*1024+1))
	for _, piece := range []int{1, 7, 512, len(input)} {
		var d telnet.Decoder
		got, err := decodedBy(t, &d, input, func() int { return piece }, 64)
		if got != `"a" ` || !errors.Is(err, telnet.ErrSubnegotiation) {
			t.Errorf("in pieces of %d: got %s, %v", piece, got, err)
		}
		if _, n, _, err := d.Decode(nil, []byte("\xff\xf0b")); n != 0 || !errors.Is(err, telnet.ErrSubnegotiation) {
			t.Errorf("afterwards: read %d, %v", n, err)
		}
	}
}

// A Decode without room obeys commands and stops before text: Settle relies on it.
func TestDecoderWithoutRoom(t *testing.T) {
	var d telnet.Decoder
	src := []byte("\x00\xff\xfb\x18\xff\xff")
	_, n, cmd, _ := d.Decode(nil, src)
	if n != 4 || cmd.Code != telnet.WILL {
		t.Fatalf("read %d, command %v", n, cmd)
	}
	for range 2 {
		_, n, cmd, _ = d.Decode(nil, src[4:])
		src = append(src[:4], src[4+n:]...)
	}
	if string(src[4:]) != "\xff" || cmd.Code != 0 {
		t.Errorf("left % X, command %v", src[4:], cmd)
	}
}

// A message of GMCP may be longer than other subnegotiations, and none of them profits from that.
func TestDecoderMessage(t *testing.T) {
	long := func(option byte, length int, data string) string {
		return string([]byte{telnet.IAC, telnet.SB, option}) + strings.Repeat(data, length) + "\xff\xf0"
	}
	for _, tt := range []struct {
		name, in string
		want     []int // of the commands that come, how much they carry
	}{
		{"longest", long(telnet.OptGMCP, 4096, "x"), []int{4096}},
		{"longest, all doubled", long(telnet.OptGMCP, 4096, "\xff\xff"), []int{4096}},
		{"too long", long(telnet.OptGMCP, 4097, "x"), nil},
		{"another behind it", long(telnet.OptGMCP, 4096, "x") + long(telnet.OptTTYPE, 512, "x"), []int{4096}},
		{"it behind another", long(telnet.OptTTYPE, 512, "x") + long(telnet.OptGMCP, 513, "x"), []int{513}},
		{"the option in the text", long(telnet.OptTTYPE, 600, "\xc9"), nil},
	} {
		for _, piece := range []int{1, 100, len(tt.in)} {
			var d telnet.Decoder
			var got []int
			for in := []byte(tt.in); len(in) > 0; {
				_, n, cmd, err := d.Decode(nil, in[:min(piece, len(in))])
				if err != nil {
					t.Fatal(err)
				}
				if in = in[n:]; cmd.Code == telnet.SB {
					got = append(got, len(cmd.Data))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s, in pieces of %d: got %v, want %v", tt.name, piece, got, tt.want)
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, tt := range decoderTests {
		f.Add([]byte(tt.in), []byte{1, 2, 3})
	}
	f.Fuzz(func(t *testing.T, input, pieces []byte) {
		var whole, inPieces telnet.Decoder
		want, wantErr := decodedBy(t, &whole, input, func() int { return len(input) }, len(input)+1)
		next := 0
		got, gotErr := decodedBy(t, &inPieces, input, func() int {
			if len(pieces) == 0 {
				return 1
			}
			next++
			return int(pieces[next%len(pieces)])
		}, 3)
		if got != want || !errors.Is(gotErr, wantErr) {
			t.Errorf("in pieces %v:\n got %s, %v\nwant %s, %v", pieces, got, gotErr, want, wantErr)
		}
	})
}

// FuzzCommand encodes a command between two texts and expects them all back.
func FuzzCommand(f *testing.F) {
	f.Add(byte(telnet.SB), byte(telnet.OptNAWS), []byte{0, 255, 0, 24})
	f.Add(byte(telnet.WILL), byte(255), []byte{})
	f.Add(byte(telnet.AYT), byte(0), []byte{})
	f.Fuzz(func(t *testing.T, c, o byte, data []byte) {
		if c < telnet.EOF || c == telnet.SE || c == telnet.IAC || len(data) > 511 {
			return
		}
		want := telnet.Command{Code: c}
		if c >= telnet.WILL || c == telnet.SB {
			want.Option = o
		}
		if c == telnet.SB {
			want.Data = data
		}
		src := append(want.Append([]byte("a")), 'b')
		var d telnet.Decoder
		dst := make([]byte, 8)
		nDst, nSrc, got, err := d.Decode(dst, src)
		if string(dst[:nDst]) != "a" || got.Code != want.Code || got.Option != want.Option ||
			!bytes.Equal(got.Data, want.Data) || err != nil {
			t.Fatalf("got %q, %v, %v, want %v", dst[:nDst], got, err, want)
		}
		if nDst, _, got, err := d.Decode(dst, src[nSrc:]); string(dst[:nDst]) != "b" || got.Code != 0 || err != nil {
			t.Fatalf("behind it: got %q, %v, %v", dst[:nDst], got, err)
		}
	})
}

func BenchmarkDecoder(b *testing.B) {
	for _, bb := range []struct{ name, in string }{
		{"lines", strings.Repeat("say 0 Good evening, everyone. \u00e9\r\n", 100)},
		{"keys", "h"},
		{"interrupts", strings.Repeat("\xff\xf4\xff\xfd\x06", 100)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			src, dst := []byte(bb.in), make([]byte, len(bb.in))
			var d telnet.Decoder
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				for read := 0; read < len(src); {
					_, n, _, err := d.Decode(dst, src[read:])
					if err != nil {
						b.Fatal(err)
					}
					read += n
				}
			}
		})
	}
}

func TestDecoderAllocations(t *testing.T) {
	src := []byte("say 0 hello\r\n\xff\xf4\xff\xfd\x06\xff\xff")
	dst := make([]byte, len(src))
	var d telnet.Decoder
	if n := testing.AllocsPerRun(100, func() {
		for read := 0; read < len(src); {
			_, n, _, _ := d.Decode(dst, src[read:])
			read += n
		}
	}); n != 0 {
		t.Errorf("%v allocations for text and commands", n)
	}
}
