package gmcp_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/gmcp"
)

func TestReceive(t *testing.T) {
	with, logs := gmcp.Client{Packages: gmcp.Channels}, gmcp.Client{Packages: gmcp.Logins}
	given := gmcp.Client{Packages: gmcp.Logins, Credentials: gmcp.Credentials{Account: "alice", Password: "x y"}}
	for _, tt := range []struct {
		name, message string
		before, after gmcp.Client
		answer        string
		asks          gmcp.Asks
	}{
		{name: "hello", message: `Core.Hello { "client": "Mudlet", "version": "4.19.1" }`,
			after: gmcp.Client{Name: "Mudlet"}},
		{name: "hello without a name", message: `Core.Hello {}`, before: gmcp.Client{Name: "x"},
			after: gmcp.Client{Name: "x"}},
		{name: "set", message: `Core.Supports.Set ["Char 1", "Comm.Channel 1"]`, after: with},
		{name: "set in other letters", message: `core.SUPPORTS.set ["comm.channel 2"]`, after: with},
		{name: "set replaces", message: `Core.Supports.Set ["Char 1"]`, before: with},
		{name: "set of nothing", message: `Core.Supports.Set []`, before: with},
		{name: "set without a list", message: `Core.Supports.Set`, before: with, after: with},
		{name: "set to null", message: `Core.Supports.Set null`, before: with, after: with},
		{name: "set to a table", message: `Core.Supports.Set {"Comm.Channel": 1}`, before: with, after: with},
		{name: "set cut off", message: `Core.Supports.Set ["Comm.Channel 1"`},
		{name: "set with something behind", message: `Core.Supports.Set ["Comm.Channel 1"] x`},
		{name: "set with a number", message: `Core.Supports.Set ["Comm.Channel 1", 7]`},
		{name: "add", message: `Core.Supports.Add [ "Comm.Channel 1" ]`, after: with},
		{name: "add more", message: `Core.Supports.Add ["Char 1"]`, before: with, after: with},
		{name: "remove", message: `Core.Supports.Remove ["Comm.Channel"]`, before: with},
		{name: "remove with a version", message: `Core.Supports.Remove ["Comm.Channel 1"]`, before: with},
		{name: "remove another", message: `Core.Supports.Remove ["Comm"]`, before: with, after: with},
		{name: "no version", message: `Core.Supports.Add ["Comm.Channel"]`},
		{name: "version 0", message: `Core.Supports.Add ["Comm.Channel 0"]`},
		{name: "negative version", message: `Core.Supports.Add ["Comm.Channel -1"]`},
		{name: "version that is none", message: `Core.Supports.Add ["Comm.Channel x"]`},
		{name: "more than a version", message: `Core.Supports.Add ["Comm.Channel 1 2"]`},
		{name: "a package around it", message: `Core.Supports.Add ["Comm 1"]`},
		{name: "a package in it", message: `Core.Supports.Add ["Comm.Channel.Text 1"]`},
		{name: "empty entries", message: `Core.Supports.Add ["", " ", "Comm.Channel 1"]`, after: with},
		{name: "ping", message: `Core.Ping`, answer: "Core.Ping"},
		{name: "ping with a time", message: `Core.Ping 120`, answer: "Core.Ping"},
		{name: "players", message: `Comm.Channel.Players`, before: with, after: with, asks: gmcp.AsksPlayers},
		{name: "players of null", message: `Comm.Channel.Players null`, before: with, after: with,
			asks: gmcp.AsksPlayers},
		{name: "players without the package", message: `Comm.Channel.Players`},
		{name: "enable", message: `Comm.Channel.Enable "tells"`, before: with, after: with, asks: gmcp.AsksChannels},
		{name: "enable without the package", message: `Comm.Channel.Enable "tells"`},
		{name: "enable nothing", message: `Comm.Channel.Enable`, before: with, after: with},
		{name: "logins", message: `Core.Supports.Set ["Char 1", "Char.Login 1"]`, after: logs},
		{name: "credentials", message: `Char.Login.Credentials {"account":"alice","password":"x y","version":1}`,
			before: logs, after: given},
		{name: "credentials without the package", message: `Char.Login.Credentials {"account":"alice","password":"x"}`,
			before: with, after: with},
		{name: "no credentials", message: `Char.Login.Credentials {}`, before: logs, after: logs},
		{name: "no account", message: `Char.Login.Credentials {"password":"x"}`, before: logs, after: logs},
		{name: "no password", message: `Char.Login.Credentials {"account":"alice"}`, before: logs, after: logs},
		{name: "credentials of null", message: `Char.Login.Credentials null`, before: logs, after: logs},
		{name: "credentials in a list", message: `Char.Login.Credentials ["alice","x"]`, before: logs, after: logs},
		{name: "a number for a password", message: `Char.Login.Credentials {"account":"alice","password":7}`,
			before: logs, after: logs},
		{name: "half credentials", message: `Char.Login.Credentials {"account":"alice","pass`, before: logs,
			after: logs},
		{name: "unknown", message: `Char.Login {"name":"alice","password":"x"}`, before: with, after: with},
		{name: "empty", message: ``, before: with, after: with},
		{name: "no name", message: ` ["Comm.Channel 1"]`},
		{name: "deep", message: `Core.Supports.Set ` + strings.Repeat("[", gmcp.MaxMessage-18)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.before
			answer, asks := c.Receive([]byte(tt.message))
			if string(answer) != tt.answer || asks != tt.asks || c != tt.after {
				t.Errorf("got %q, %v, %+v, want %q, %v, %+v", answer, asks, c, tt.answer, tt.asks, tt.after)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	for _, tt := range []struct {
		got  []byte
		want string
	}{
		{gmcp.List(nil), `Comm.Channel.List []`},
		{gmcp.List([]gmcp.Channel{{"room 0", "Room 0", "say 0"}}),
			`Comm.Channel.List [{"name":"room 0","caption":"Room 0","command":"say 0"}]`},
		{gmcp.Players([]gmcp.Player{{"alice", []string{"room 0"}}, {"bob", nil}}),
			`Comm.Channel.Players [{"name":"alice","channels":["room 0"]},{"name":"bob"}]`},
		{gmcp.Text{"tells", "bob", "a <b> & \"c\" \\ \x1b[2J é \xff \u2028"}.Message(),
			`Comm.Channel.Text {"channel":"tells","talker":"bob","text":"a <b> & \"c\" \\ \u001b[2J é \ufffd \u2028"}`},
		{gmcp.OfferLogin(), `Char.Login.Default {"type":["password-credentials"]}`},
		{gmcp.LoggedIn(true, ""), `Char.Login.Result {"success":true}`},
		{gmcp.LoggedIn(false, "No."), `Char.Login.Result {"success":false,"message":"No."}`},
		{gmcp.Goodbye("See you."), `Core.Goodbye "See you."`},
	} {
		if string(tt.got) != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

// FuzzReceive feeds a client's messages: nothing panics, a message that is no list of words leaves the packages alone,
// a list that was added can be removed, and credentials are whole or none.
func FuzzReceive(f *testing.F) {
	for _, seed := range []string{
		`Core.Hello { "client": "Mudlet", "version": "4.19.1" }`, `Core.Supports.Set [ "Char 1", "Comm.Channel 1" ]`,
		`Core.Supports.Add ["Comm.Channel 1"]`, `Core.Supports.Remove ["Comm.Channel"]`, `Core.Ping 120`,
		`Comm.Channel.Enable "x"`, `Comm.Channel.Players`, `core.supports.set ["comm.channel 99999999999999999999"]`,
		"Core.Supports.Set [\"\xff 1\"]", `Core.Supports.Set [[[`, `Core.Supports.Set ["Char.Login 1"]`,
		`Char.Login.Credentials {"account":"alice","password":"opensesame 123456","version":1}`,
		`Char.Login.Credentials {}`, `char.login.credentials {"account":"\u0000","password":"\ud800"}`,
		"Char.Login.Credentials {\"account\":\"\xff\",\"password\":\"\xff\"}",
		`Char.Login.Credentials {"account":["a"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		var c gmcp.Client
		answer, asks := c.Receive(bytes.Clone(message))
		if answer != nil && string(answer) != "Core.Ping" {
			t.Errorf("%q is answered by %q", message, answer)
		}
		if asks != 0 || c.Credentials != (gmcp.Credentials{}) {
			t.Errorf("%q asks for %v, %q without a package", message, asks, c.Credentials)
		}
		_, body, _ := bytes.Cut(message, []byte(" "))
		var list []string
		if c.Packages != 0 && json.Unmarshal(body, &list) != nil {
			t.Errorf("%q is no list, and has made %v supported", message, c.Packages)
		}
		if c.Packages != 0 {
			words, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			c.Receive(append([]byte("Core.Supports.Remove "), words...))
			if c.Packages != 0 {
				t.Errorf("%q goes on after it was removed", message)
			}
		}
		c = gmcp.Client{Packages: gmcp.Logins}
		c.Receive(bytes.Clone(message))
		given := c.Credentials
		if whole := given.Account != "" && given.Password != ""; !whole && given != (gmcp.Credentials{}) ||
			!utf8.ValidString(given.Account+given.Password) {
			t.Errorf("%q gives %q", message, given)
		}
	})
}

// FuzzText makes messages of any text: each is well formed, without control characters, and means what it was made of.
func FuzzText(f *testing.F) {
	f.Add("room 0", "alice", "[Room 0] *alice*: hello")
	f.Add("tells", "bob", "\x00\x1b\xff\"\\\u2028<>&")
	f.Fuzz(func(t *testing.T, channel, talker, text string) {
		want := gmcp.Text{Channel: channel, Talker: talker, Text: text}
		name, body, _ := bytes.Cut(want.Message(), []byte(" "))
		var got gmcp.Text
		if err := json.Unmarshal(body, &got); err != nil || string(name) != "Comm.Channel.Text" || !utf8.Valid(body) ||
			bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' }) {
			t.Fatalf("%q: %v", body, err)
		}
		if utf8.ValidString(strings.Join([]string{channel, talker, text}, " ")) && got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
