package gmcp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MaxMessage is how many bytes a message of a client may have: a longer one is not for Receive to see.
const MaxMessage = 4096

// Packages are the packages of messages that this package knows, as bits.
type Packages uint8

const (
	// Channels is the package Comm.Channel.
	Channels Packages = 1 << iota
	// Logins is the package Char.Login.
	Logins
)

// packageOf has them by their names in lower case.
var packageOf = map[string]Packages{"comm.channel": Channels, "char.login": Logins}

// Asks are what a client waits for, as bits.
type Asks uint8

const (
	// AsksChannels asks for the list of channels.
	AsksChannels Asks = 1 << iota
	// AsksPlayers asks who is there, and in which channels.
	AsksPlayers
)

// A Client is what a client has said of itself. The zero Client has said nothing.
type Client struct {
	// Name is what the client calls itself in Core.Hello, as it came.
	Name string
	// Packages are those of the known packages that the client supports: no message of another is for it.
	Packages Packages
	// Credentials are those of the last Char.Login.Credentials, which asks to be logged in. Whoever takes them sets
	// them to the zero value, so that no password is kept.
	Credentials Credentials
}

// Credentials are what a client knows of its user's account.
type Credentials struct {
	// Account is the name of the user, and Password what would be typed where a password is asked for. Neither is empty
	// in what a client has sent, and they are UTF-8; nothing else is known of them.
	Account, Password string
}

// Receive takes a message of the client, whatever it may hold. It returns the message to answer at once, nil for none,
// and what the client asks for. A message that is not known, is not in the form that its name asks for, or is of a
// package that the client does not support, changes nothing.
func (c *Client) Receive(message []byte) (answer []byte, asks Asks) {
	name, body, _ := bytes.Cut(message, []byte(" "))
	switch strings.ToLower(string(name)) { // the case of names does not matter
	case "core.hello":
		var hello struct{ Client string }
		if json.Unmarshal(body, &hello) == nil && hello.Client != "" {
			c.Name = hello.Client
		}
	case "core.supports.set":
		if packages, ok := supported(body, true); ok {
			c.Packages = packages
		}
	case "core.supports.add":
		if packages, ok := supported(body, true); ok {
			c.Packages |= packages
		}
	case "core.supports.remove":
		if packages, ok := supported(body, false); ok {
			c.Packages &^= packages
		}
	case "core.ping":
		return []byte("Core.Ping"), 0
	case "char.login.credentials":
		// Without them a client leaves the login to its user.
		var sent Credentials
		if c.Packages&Logins != 0 && json.Unmarshal(body, &sent) == nil && sent.Account != "" && sent.Password != "" {
			c.Credentials = sent
		}
	case "comm.channel.players":
		if c.Packages&Channels != 0 {
			return nil, AsksPlayers
		}
	case "comm.channel.enable":
		// Every channel is on from the beginning, so there is nothing to do but to say so.
		var channel string
		if json.Unmarshal(body, &channel) == nil && c.Packages&Channels != 0 {
			return nil, AsksChannels
		}
	}
	return nil, 0
}

// supported reads a list such as ["Char 1", "Comm.Channel 1"]. With versions an entry counts only if it has one, which
// is a positive number.
func supported(list []byte, versions bool) (packages Packages, ok bool) {
	var entries []string
	if json.Unmarshal(list, &entries) != nil || entries == nil {
		return 0, false
	}
	for _, entry := range entries {
		words := strings.Fields(entry)
		if len(words) == 0 || len(words) > 2 {
			continue
		}
		if versions {
			if len(words) != 2 {
				continue
			}
			if v, err := strconv.Atoi(words[1]); err != nil || v < 1 {
				continue
			}
		}
		packages |= packageOf[strings.ToLower(words[0])]
	}
	return packages, true
}
