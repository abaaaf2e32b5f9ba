package main

import (
	"bytes"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/chat"
)

// An advert is what the server tells directories of MUDs of itself, by the MUD Server Status Protocol: as an option of
// telnet, or in answer to MSSP-REQUEST where a name is asked for. Safe for concurrent use.
type advert struct {
	chat     *chat.Node
	name     func() string
	hostname string // empty where none was given
	// ports are where the server listens, by what MSSP calls that: PORT is telnet. A listener with TLS adds its port as
	// TLS and as SSL, since clients look for the one and directories for the other.
	ports map[string][]int

	mu      sync.Mutex // guards all below
	counted time.Time  // when players was, or is being; zero for never
	players int
}

// newAdvert returns what a server tells that has those options and entrances.
func newAdvert(node *chat.Node, texts *textFiles, o *options, all entrances) *advert {
	encrypted := portsOf(all.of(tlsDoor).listeners())
	return &advert{chat: node, name: func() string { return texts.current().Name }, hostname: string(o.MSSPHostname),
		ports: map[string][]int{"PORT": portsOf(all.of(telnetDoor).listeners()), "TLS": encrypted, "SSL": encrypted}}
}

// countEvery is how often those online are counted at most, whoever asks.
const countEvery = 5 * time.Second

// portsOf returns the ports of listeners, each once; those without one are none.
func portsOf(listeners []net.Listener) (ports []int) {
	for _, l := range listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok && !slices.Contains(ports, tcp.Port) {
			ports = append(ports, tcp.Port)
		}
	}
	return ports
}

// A fact is a variable of MSSP with its values.
type fact struct {
	name   string
	values []string
}

// facts returns what there is to tell now.
func (a *advert) facts() []fact {
	facts := []fact{
		{"NAME", []string{a.name()}},
		{"PLAYERS", []string{strconv.Itoa(a.online())}},
		{"UPTIME", []string{strconv.FormatInt(a.chat.Started().Unix(), 10)}},
		{"CRAWL DELAY", []string{"-1"}}, // as often as the directory likes
	}
	if a.hostname != "" {
		facts = append(facts, fact{"HOSTNAME", []string{a.hostname}})
	}
	for _, kind := range []string{"PORT", "TLS", "SSL"} {
		var values []string
		for _, port := range a.ports[kind] {
			values = append(values, strconv.Itoa(port))
		}
		if values != nil {
			facts = append(facts, fact{kind, values})
		}
	}
	return append(facts,
		fact{"CODEBASE", []string{"Parley " + version}},
		fact{"FAMILY", []string{"Custom"}},
		fact{"GENRE", []string{"None"}},
		fact{"GAMEPLAY", []string{"Social"}},
		fact{"LANGUAGE", []string{"English"}},
		fact{"CHARSET", []string{"UTF-8"}},
		fact{"ANSI", []string{"1"}},
		fact{"GMCP", []string{"1"}},
		fact{"UTF-8", []string{"1"}},
	)
}

// online returns how many users are online, guests too, as they were counted last. One who asks counts, and nobody
// waits for that one.
func (a *advert) online() int {
	a.mu.Lock()
	now, players := time.Now(), a.players
	due := a.counted.IsZero() || now.Sub(a.counted) >= countEvery
	if due {
		a.counted = now
	}
	a.mu.Unlock()
	if !due {
		return players
	}
	names := a.chat.Who()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.players = len(names)
	return a.players
}

// option returns the facts as the option of telnet carries them.
func (a *advert) option() []byte {
	const variable, value = 1, 2
	var b bytes.Buffer
	for _, f := range a.facts() {
		b.WriteByte(variable)
		b.WriteString(f.name)
		for _, v := range f.values {
			b.WriteByte(value)
			b.WriteString(v)
		}
	}
	return b.Bytes()
}

// text returns them as lines.
func (a *advert) text() string {
	var b strings.Builder
	b.WriteString("MSSP-REPLY-START\r\n")
	for _, f := range a.facts() {
		b.WriteString(f.name + "\t" + strings.Join(f.values, "\t") + "\r\n")
	}
	b.WriteString("MSSP-REPLY-END\r\n")
	return b.String()
}
