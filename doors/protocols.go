package doors

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// A verdict is what is known about a beginning.
type verdict uint8

const (
	no verdict = iota
	maybe
	yes
)

// A pattern is how a protocol begins: hexadecimal bytes, ?? for any one, and 'text'.
type pattern struct {
	name   string
	tokens []token
}

// A token is one byte of a pattern.
type token struct {
	b   byte
	any bool
}

func (p *pattern) match(sent []byte) verdict {
	for i, t := range p.tokens {
		if i == len(sent) {
			return maybe
		}
		if !t.any && sent[i] != t.b {
			return no
		}
	}
	return yes
}

// These are the protocols that are known by their first bytes. Each pattern has a byte that nobody types at the
// beginning, or so much text that nobody does.
var patterns = compile([][2]string{
	{"TLS", "16 03 ??"},                               // handshake (RFC 8446, section 5.1)
	{"TLS", "80 ?? 01 03"}, {"TLS", "80 ?? 01 00 02"}, // in the form of SSL 2
	{"SSH", "'SSH-1.'"}, {"SSH", "'SSH-2.'"}, // RFC 4253, section 4.2
	{"the web", "'PRI * HTTP/2'"},                    // RFC 9113, section 3.4
	{"PROXY headers", "'PROXY TCP'"},                 // haproxy's proxy-protocol.txt, section 2.1
	{"PROXY headers", "'PROXY UNKNOWN'"},             // the same
	{"PROXY headers", "0D 0A 0D 0A 00"},              // section 2.2
	{"remote desktops", "03 00 ?? ?? ?? E0"},         // RDP: TPKT (RFC 1006) with a connection request
	{"remote desktops", "'RFB 00'"},                  // VNC (RFC 6143, section 7.1.1)
	{"Windows file sharing", "00 ?? ?? ?? FF 'SMB'"}, // SMB 1 over TCP
	{"Windows file sharing", "00 ?? ?? ?? FE 'SMB'"}, // SMB 2
	{"Windows file sharing", "81 00 00"},             // a session of NetBIOS (RFC 1002, section 4.3.2)
	{"Redis", "'*' 31 0D"},                           // an array of strings, of one
	{"Redis", "'*' ?? 0D 0A '$'"}, {"Redis", "'*' ?? ?? 0D 0A '$'"},
	{"PostgreSQL", "00 00 ?? ?? 00 03 00"},                                         // start-up, version 3
	{"PostgreSQL", "00 00 00 08 04 D2 16"}, {"PostgreSQL", "00 00 00 10 04 D2 16"}, // asks for TLS or GSS; cancels
	{"MySQL", "?? ?? 00 01 ?? ?? ?? ?? ?? ?? ?? ??"},         // the answer to a greeting
	{"SQL Server", "12 01 00 ?? 00 00"},                      // TDS, before the login
	{"Oracle", "00 ?? 00 00 01 00"},                          // TNS, connect
	{"MongoDB", "?? ?? 00 00 ?? ?? ?? ?? 00 00 00 00 DD 07"}, // OP_MSG
	{"MongoDB", "?? ?? 00 00 ?? ?? ?? ?? 00 00 00 00 D4 07"}, // OP_QUERY
	{"Cassandra", "03 00 00 00 05"}, {"Cassandra", "04 00 00 00 05"}, {"Cassandra", "05 00 00 00 05"},
	{"memcached", "80 ?? ?? ?? ?? 00 00 00"},
	{"MQTT", "10 ?? 00 04 'MQTT'"}, {"MQTT", "10 ?? ?? 00 04 'MQTT'"}, {"MQTT", "10 ?? 00 06 'MQIsdp'"},
	{"AMQP", "'AMQP' 00"}, {"AMQP", "'AMQP' 02"}, {"AMQP", "'AMQP' 03"},
	{"Kafka", "00 00 ?? ?? 00 12 00"}, // asks for versions
	{"X11", "'l' 00 0B 00"}, {"X11", "'B' 00 00 0B"},
	{"Android's debugger", "'CNXN' 00"}, {"Android's debugger", "'CNXN' 01 00 00"},
	{"Modbus", "?? ?? 00 00 00 ?? ?? 01"}, {"Modbus", "?? ?? 00 00 00 ?? ?? 03"}, {"Modbus", "?? ?? 00 00 00 ?? ?? 04"},
	{"Modbus", "?? ?? 00 00 00 ?? ?? 11"}, {"Modbus", "?? ?? 00 00 00 ?? ?? 2B"},
	{"DNS", "00 ?? ?? ?? 01 00 00 01"}, {"DNS", "00 ?? ?? ?? 00 00 00 01"},
	{"DNS", "00 ?? ?? ?? 10 00 00 00"}, // asks for the status of a server
	{"LDAP", "30 ?? 02 01 ?? 60"}, {"LDAP", "30 84 ?? ?? ?? ?? 02 01 ?? 60"}, {"LDAP", "30 ?? 02 01 ?? 63"},
	{"SOCKS", "04 01 ?? ?? ?? ?? ?? ??"},
	{"SOCKS", "05 01 00"}, {"SOCKS", "05 02 00"}, {"SOCKS", "05 01 02"}, {"SOCKS", "05 03 00"},
	{"BitTorrent", "13 'BitTorrent protocol'"},
	{"Java", "'JRMI' 00"}, {"Java", "AC ED 00 05"}, // remote calls; serialized objects
	{"CORBA", "'GIOP' 01"},
	{"Zabbix", "'ZBXD' 01"},
	{"Bitcoin", "F9 BE B4 D9"},
	{"BGP", "FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF"},
	{"XMPP", "'<?xml '"}, {"XMPP", "'<stream:stream'"}, {"XMPP", "'<policy-file-request'"},
	{"rsync", "'@RSYNCD:'"},
	{"Git", "'00' ?? ?? 'git-upload-pack '"}, {"Git", "'00' ?? ?? 'git-receive-pack '"},
})

// compile reads patterns.
func compile(rows [][2]string) []pattern {
	patterns := make([]pattern, 0, len(rows))
	for _, row := range rows {
		p := pattern{name: row[0]}
		for rest := row[1]; rest != ""; rest = strings.TrimPrefix(rest, " ") {
			var word string
			switch {
			case rest[0] == '\'':
				word, rest, _ = strings.Cut(rest[1:], "'")
				for _, b := range []byte(word) {
					p.tokens = append(p.tokens, token{b: b})
				}
			case strings.HasPrefix(rest, "??"):
				rest = rest[2:]
				p.tokens = append(p.tokens, token{any: true})
			default:
				b, err := strconv.ParseUint(rest[:2], 16, 8)
				if err != nil {
					panic(err) // the table is part of the program
				}
				rest = rest[2:]
				p.tokens = append(p.tokens, token{b: byte(b)})
			}
		}
		patterns = append(patterns, p)
	}
	return patterns
}

// requestMethods are those of HTTP (RFC 9110, section 9.3; RFC 5789). Their case matters: "get /" is none.
var requestMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"}

// A request is how a line of text begins that a program sends: the verb in any letter case, and what has to follow.
type request struct {
	name, verb string
	rest       func(words []string) bool
}

// some says that at least n words follow.
func some(n int) func([]string) bool { return func(words []string) bool { return len(words) >= n } }

// follows says that one of these words follows, in any letter case.
func follows(any ...string) func([]string) bool {
	return func(words []string) bool {
		for _, w := range any {
			if len(words) > 0 && strings.EqualFold(words[0], w) {
				return true
			}
		}
		return false
	}
}

// A single word is never a request: it may be a name.
var requests = []request{
	{"mail", "EHLO", some(1)}, {"mail", "HELO", some(1)}, {"mail", "LHLO", some(1)}, // RFC 5321, section 4.1.1.1
	{"mail", "MAIL", func(w []string) bool { return len(w) > 0 && hasPrefixFold(w[0], "FROM:") }},
	{"mail", "AUTH", follows("LOGIN", "PLAIN", "CRAM-MD5", "NTLM")},
	{"Redis", "AUTH", some(1)}, {"Redis", "CONFIG", follows("GET", "SET", "RESETSTAT", "REWRITE")},
	{"Redis", "SLAVEOF", some(2)},
	{"Redis", "REPLICAOF", some(2)},
	{"Redis", "EVAL", some(2)},
	{"Redis", "CLIENT", follows("LIST", "SETNAME", "SETINFO")},
	{"Redis", "COMMAND", follows("DOCS", "COUNT")},
	{"Redis", "INFO", follows("server", "clients", "all", "replication", "keyspace")},
	{"memcached", "set", numbers},
	{"memcached", "add", numbers},
	{"memcached", "replace", numbers},
	{"memcached", "append", numbers},
	{"memcached", "prepend", numbers},
	{"memcached", "cas", numbers},
	{"memcached", "stats", follows("items", "slabs", "sizes", "settings")},
	{"IRC", "CAP", follows("LS", "LIST", "REQ", "END")}, {"IRC", "USER", some(4)}, // modern.ircdocs.horse
	{"NATS", "CONNECT", func(w []string) bool { return len(w) > 0 && strings.HasPrefix(w[0], "{") }},
}

// Of these the verb has to be in capitals, as programs write it: people may begin a line with the same words.
var capitals = []request{
	{"Redis", "SET", some(2)}, {"Redis", "GET", some(1)}, {"Redis", "KEYS", some(1)},
	{"Redis", "HELLO", follows("2", "3")},
	{"mail", "USER", some(1)}, {"mail", "PASS", some(1)}, // POP3 (RFC 1939, section 7), and FTP too
	{"IRC", "NICK", some(1)},
	{"news", "MODE", follows("READER")}, // RFC 3977, section 5.3
}

// imapCommands follow a tag, before there is a login (RFC 9051, section 6.2).
var imapCommands = []string{"CAPABILITY", "LOGIN", "AUTHENTICATE", "STARTTLS", "NOOP"}

// numbers says that a key and three numbers follow: how memcached stores.
func numbers(words []string) bool {
	if len(words) < 4 {
		return false
	}
	for _, w := range words[1:4] {
		if _, err := strconv.ParseUint(w, 10, 64); err != nil {
			return false
		}
	}
	return true
}

// recognizeLine returns the name of the protocol whose request line is; whole says that no more of it follows.
func recognizeLine(line []byte, whole bool) string {
	long := len(line) > maxFirst/2 // its end may never come
	if long && isRequest(line, isUpper) {
		return "the web"
	}
	if !whole && !long {
		return ""
	}
	if name := version(line); name != "" {
		return name
	}
	if isRequest(line, isMethod) { // HTTP 0.9 knows no version
		return "the web"
	}
	words := strings.Fields(string(line))
	if len(words) < 2 {
		return ""
	}
	for _, r := range requests {
		if strings.EqualFold(r.verb, words[0]) && r.rest(words[1:]) {
			return r.name
		}
	}
	for _, r := range capitals {
		if r.verb == words[0] && r.rest(words[1:]) {
			return r.name
		}
	}
	if slices.Contains(imapCommands, words[1]) {
		return "mail"
	}
	return ""
}

// isRequest reports whether line begins as a request of HTTP: with a method and what is to be had, a path or an
// address.
func isRequest(line []byte, method func(word string) bool) bool {
	word, target, ok := bytes.Cut(line, []byte(" "))
	return ok && method(string(word)) && (bytes.HasPrefix(target, []byte("/")) || hasPrefixFold(string(target), "http"))
}

func isMethod(word string) bool { return slices.Contains(requestMethods, word) }

func isUpper(word string) bool {
	return len(word) > 2 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
}

// versions are the names that end a request line, with what speaks so.
var versions = []struct{ prefix, name string }{
	{"HTTP/", "the web"}, {"SIP/", "SIP"}, {"RTSP/", "RTSP"}, {"ICAP/", "the web"}, {"WSP/", "the web"},
}

// version returns what a request is of that ends in a version, as those of HTTP (RFC 9112, section 3), SIP (RFC 3261,
// section 7.1) and RTSP (RFC 7826, section 4) do: a method, a target and the version. An answer begins with it, and a
// number follows.
func version(line []byte) string {
	words := strings.Fields(string(line))
	for _, v := range versions {
		is := func(word string) bool {
			return hasPrefixFold(word, v.prefix) && strings.IndexAny(word[len(v.prefix):], "0123456789") == 0
		}
		if len(words) >= 3 && is(words[len(words)-1]) || len(words) >= 2 && is(words[0]) && isNumber(words[1]) {
			return v.name
		}
	}
	return ""
}

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
