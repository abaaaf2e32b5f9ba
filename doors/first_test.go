package doors

import (
	"encoding/hex"
	"strings"
	"testing"
)

// unhex reads hexadecimal bytes, blanks between them.
func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// What programs of other protocols send first: by their specifications, and as scanners and clients do.
var strangers = []struct{ name, first string }{
	{"the web", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
	{"the web", "HEAD / HTTP/1.0\r\n\r\n"},
	{"the web", "POST /guest HTTP/1.1\r\n\r\nguest\r\nshout spam\r\n"},
	{"the web", "PUT /x HTTP/1.1\r\n"},
	{"the web", "OPTIONS * HTTP/1.1\r\n"},
	{"the web", "CONNECT example.org:25 HTTP/1.1\r\n"},
	{"the web", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
	{"the web", "PROPFIND / HTTP/1.1\r\n"},
	{"the web", "GET http://example.org/ HTTP/1.1\r\n"},
	{"the web", "GET /\r\n"}, // HTTP 0.9
	{"the web", "GET /" + strings.Repeat("x", 500)},
	{"the web", "PROPFIND /" + strings.Repeat("x", 5000) + " HTTP/1.1\r\nguest\r\n"},
	{"the web", "\r\nGET / HTTP/1.1\r\n"}, // RFC 9112, section 2.2
	{"the web", "NOTIFY * HTTP/1.1\r\n"},  // SSDP
	{"TLS", "\x16\x03\x01\x02\x00\x01\x00"},
	{"TLS", "\x16\x03\x03\x00"},
	{"TLS", unhex("80 2e 01 03 01 00 15")},
	{"SSH", "SSH-2.0-OpenSSH_10.2\r\n"},
	{"SSH", "SSH-1.5-x\n"},
	{"SSH", "SSH-1.99-x\n"},
	{"PROXY headers", "PROXY TCP4 192.0.2.1 198.51.100.1 56324 4000\r\nguest\r\n"},
	{"PROXY headers", "PROXY TCP6 2001:db8::1 2001:db8::2 56324 4000\r\n"},
	{"PROXY headers", "PROXY UNKNOWN\r\n"},
	{"PROXY headers", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"},
	{"mail", "EHLO example.org\r\nMAIL FROM:<a@example.org>\r\n"},
	{"mail", "ehlo example.org\r\n"},
	{"mail", "Helo [192.0.2.1]\r\n"},
	{"mail", "LHLO x\n"},
	{"mail", "mail from:<x@example.org>\r\n"},
	{"mail", "AUTH LOGIN\r\n"},
	{"Redis", "*1\r\n$4\r\nPING\r\n"},
	{"Redis", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"},
	{"Redis", "*12\r\n$3\r\nDEL\r\n"},
	{"Redis", "CONFIG GET dir\r\n"},
	{"Redis", "config set dir /tmp\r\n"},
	{"Redis", "slaveof 192.0.2.1 6379\r\n"},
	{"Redis", "auth hunter2\r\n"},
	{"Redis", "*1\r\n"}, // what follows may come later
	{"Redis", "SET x y\r\n"},
	{"Redis", "KEYS *\r\n"},
	{"Redis", "HELLO 3\r\n"},
	{"mail", "EHLO " + strings.Repeat("x", 5000) + "\r\n"},
	{"mail", "USER anonymous\r\n"},
	{"mail", "a001 CAPABILITY\r\n"},
	{"mail", "1 LOGIN bob s3cret\r\n"},
	{"IRC", "NICK bob\r\nUSER bob 0 * :Bob\r\n"},
	{"news", "MODE READER\r\n"},
	{"SSH", "\r\n\r\nSSH-2.0-x\r\n"}, // behind empty lines
	{"SIP", "SIP/2.0 200 OK\r\n"},
	{"the web", "HTTP/1.1 400 Bad Request\r\n"},
	{"SIP", "OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\n"},
	{"SIP", "INVITE sip:bob@example.org SIP/2.0\r\n"},
	{"SIP", "REGISTER sip:example.org sip/2.0\r\n"},
	{"RTSP", "OPTIONS / RTSP/1.0\r\n\r\n"},
	{"RTSP", "DESCRIBE rtsp://192.0.2.1/live RTSP/1.0\r\nCSeq: 2\r\n"},
	{"remote desktops", unhex("03 00 00 13 0e e0 00 00 00 00 00 01 00 08 00 03 00 00 00")},
	{"remote desktops", unhex("03 00 00 2b 26 e0 00 00 00 00 00") + "Cookie: mstshash=user\r\n"},
	{"remote desktops", "RFB 003.008\n"},
	{"Windows file sharing", unhex("00 00 00 85 ff 53 4d 42 72 00 00 00 00 18 53 c8")},
	{"Windows file sharing", unhex("00 00 00 6c fe 53 4d 42 40 00 01 00")},
	{"Windows file sharing", unhex("81 00 00 44 20 43 4b 46 44 45")},
	{"PostgreSQL", unhex("00 00 00 08 04 d2 16 2f")},
	{"PostgreSQL", unhex("00 00 00 54 00 03 00 00 75 73 65 72 00")},
	{"MySQL", unhex("55 00 00 01 85 a6 ff 01 00 00 00 01 2d 00 00 00")},
	{"SQL Server", unhex("12 01 00 34 00 00 00 00 00 00 15")},
	{"Oracle", unhex("00 5a 00 00 01 00 00 00 01 36 01 2c")},
	{"MongoDB", unhex("3f 00 00 00 0a 00 00 00 00 00 00 00 d4 07 00 00")},
	{"MongoDB", unhex("6d 01 00 00 02 00 00 00 00 00 00 00 dd 07 00 00")},
	{"Cassandra", unhex("04 00 00 00 05 00 00 00 00")},
	{"memcached", unhex("80 00 00 00 00 00 00 00 00 00 00 00")},
	{"memcached", "set x 0 0 5\r\nhello\r\n"},
	{"memcached", "stats items\r\n"},
	{"MQTT", unhex("10 12 00 04 4d 51 54 54 04 02 00 3c")},
	{"MQTT", unhex("10 8a 01 00 04 4d 51 54 54 05 02 00 3c")},
	{"MQTT", unhex("10 14 00 06 4d 51 49 73 64 70 03 02")},
	{"AMQP", "AMQP\x00\x00\x09\x01"},
	{"Kafka", unhex("00 00 00 23 00 12 00 03 00 00 00 01")},
	{"X11", unhex("6c 00 0b 00 00 00 00 00 00 00 00 00")},
	{"X11", unhex("42 00 00 0b 00 00 00 00 00 00 00 00")},
	{"Android's debugger", unhex("43 4e 58 4e 00 00 00 01 00 10 00 00")},
	{"Android's debugger", unhex("43 4e 58 4e 01 00 00 01 00 00 10 00")},
	{"Modbus", unhex("00 01 00 00 00 06 01 03 00 00 00 0a")},
	{"Modbus", unhex("5a 47 00 00 00 05 00 2b 0e 01 00")},
	{"DNS", unhex("00 1e 00 06 01 00 00 01 00 00 00 00 00 00 07 76 65 72 73 69 6f 6e")},
	{"DNS", unhex("00 0c 00 00 10 00 00 00 00 00 00 00 00 00")},
	{"LDAP", unhex("30 0c 02 01 01 60 07 02 01 02 04 00 80 00")},
	{"SOCKS", unhex("05 01 00")},
	{"SOCKS", unhex("04 01 00 50 c0 00 02 01 00")},
	{"BitTorrent", "\x13BitTorrent protocol"},
	{"Java", "JRMI\x00\x02K"},
	{"Java", unhex("ac ed 00 05 77 04")},
	{"CORBA", "GIOP\x01\x00"},
	{"Zabbix", "ZBXD\x01"},
	{"Bitcoin", unhex("f9 be b4 d9 76 65 72 73")},
	{"BGP", strings.Repeat("\xff", 16) + "\x00\x1d\x01"},
	{"XMPP", "<?xml version='1.0'?><stream:stream to='example.org'>"},
	{"XMPP", "<stream:stream xmlns='jabber:client'>"},
	{"rsync", "@RSYNCD: 31.0\n"},
	{"Git", "0032git-upload-pack /project.git\x00host=example.org\x00"},
	{"IRC", "CAP LS 302\r\nNICK bob\r\nUSER bob 0 * :Bob\r\n"},
	{"IRC", "USER bob 0 * :Bob\r\n"},
	{"NATS", `CONNECT {"verbose":false}` + "\r\n"},
}

// What people, their clients and their scripts send first.
var people = []string{
	"\r\n", "\n", "\r\x00", "\r\n\r\n", "get\r\n", "GET\r\n", "Get /\r\n", "get /\n", "head\n", "post office\r\n",
	"hello\r\n", "helo\n", "EHLO\n",
	"info\r\n", "INFO\n", "ping\n", "PING\r\n", "redis\n", "auth\n", "mail\n", "mail bob\n", "set\n",
	"set sail\n", "set sail now\n", "get out\n", "hello 3\n", "nick bob\n", "bob login\n", "pass bob\n", "HTTP/1.1\n",
	"HTTP/1.1 is old\n", "add bob 1 2\n", "proxy\n", "PROXY\n",
	"ssh\n", "SSH\r\n", "ssh-2\n", "user\n", "user bob\n", "cap\n", "connect\n", "connect bob\n", "options\r\n",
	"quit\n", "guest\r\n", "guest\r\nGET / HTTP/1.1\r\n",
	"alice HTTP/1.1\r\n", "login bob\n", "register bob s3cret\r\n", "help\n", "who\n", "config\n", "client\n",
	"command\n", "eval 1\n", "stats\n",
	"say hello HTTP/x now\n", "*bob*\n", "<bob>\n", "*1\n", "0032\n", "\x03", "\x03\r\n", "\x04", "\x16",
	"\x16a\n", "\x1b[A\r\n", "\x1b[?1;2c", "\x00", "\x00\x00\x00", "\t\n",
	"bob\x00\r\n", "žofie\r\n", "名前\n", "\xe4\xf6\xfc\n", strings.Repeat("a", 600) + "\n", strings.Repeat("\r\n",
		400), "\x05\n", "\x10\n", "l\n", "B\n", "CNXN\n", "AMQP\n",
	"\xff\xfb\x18", "\xff\xfd\x03\xff\xfb\x18\xff\xfb\x1f", "\xff\xfb\x00\xff\xfd\x00", "\xff\xf4\xff\xfd\x06",
	"\xff\xfb\x18GET / HTTP/1.1\r\n", "\xff\xf6",
}

func TestRecognize(t *testing.T) {
	for _, tt := range strangers {
		if got := heard(t, tt.first); got != tt.name {
			t.Errorf("%q is %q, want %q", tt.first, got, tt.name)
		}
	}
	for _, first := range people {
		if got := heard(t, first); got != "" {
			t.Errorf("%q is %q", first, got)
		}
	}
}

// heard returns what first is when it comes whole, byte by byte, and in two pieces cut anywhere, which must make no
// difference.
func heard(t *testing.T, sent string) string {
	t.Helper()
	var whole first
	want, _ := whole.add([]byte(sent))
	for cut := range min(len(sent), 40) {
		if got := pieces(sent[:cut], sent[cut:]); got != want {
			t.Errorf("%q after %d bytes: %q, and whole %q", sent, cut, got, want)
		}
	}
	if got := pieces(strings.Split(sent, "")...); got != want {
		t.Errorf("%q byte by byte: %q, and whole %q", sent, got, want)
	}
	return want
}

func pieces(sent ...string) string {
	p := newPass(nil, addr(1), nil)
	for _, s := range sent {
		enough, err := p.Heard([]byte(s))
		if r, refused := err.(Refusal); refused {
			return r.Protocol
		}
		if enough {
			return ""
		}
	}
	return ""
}

// A single word, whatever it is, may be somebody's name, and nothing that one who speaks telnet types is looked at.
func FuzzRecognize(f *testing.F) {
	for _, tt := range strangers {
		f.Add([]byte(tt.first), 3)
	}
	for _, first := range people {
		f.Add([]byte(first), 1)
	}
	f.Fuzz(func(t *testing.T, sent []byte, cut int) {
		var whole first
		want, more := whole.add(sent)
		if cut = max(0, min(cut, len(sent))); pieces(string(sent[:cut]), string(sent[cut:])) != want {
			t.Errorf("%q cut at %d is not %q", sent, cut, want)
		}
		if more && len(sent) > maxFirst {
			t.Errorf("%d bytes are not enough", len(sent))
		}
		if len(whole.bytes) > maxFirst {
			t.Errorf("%d bytes are kept", len(whole.bytes))
		}
		word := strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' {
				return -1
			}
			return r
		}, string(sent))
		isName := len(word) <= 16 && !strings.ContainsAny(word, "<@*:.") && !strings.HasPrefix(word, "SSH-")
		if got := pieces(word + "\r\n"); got != "" && isName {
			t.Errorf("the name %q is %q", word, got)
		}
		if got := pieces("\xff\xfb\x18" + string(sent)); got != "" {
			t.Errorf("%q behind a command of telnet is %q", sent, got)
		}
	})
}

func TestPatterns(t *testing.T) {
	for _, p := range patterns {
		fixed := 0
		for _, b := range p.tokens {
			if !b.any {
				fixed++
			}
		}
		if fixed < 2 || p.name == "" {
			t.Errorf("the pattern of %s says too little: %v", p.name, p.tokens)
		}
	}
}
