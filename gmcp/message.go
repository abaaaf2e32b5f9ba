package gmcp

import (
	"bytes"
	"encoding/json"
)

// A Channel is where people hear each other.
type Channel struct {
	// Name is by what messages name the channel.
	Name string `json:"name"`
	// Caption is what its users call it.
	Caption string `json:"caption"`
	// Command is what stands before that which is to be said in it.
	Command string `json:"command"`
}

// A Player is somebody who is there.
type Player struct {
	Name string `json:"name"`
	// Channels are the names of the channels that the player shares with whoever reads this.
	Channels []string `json:"channels,omitempty"`
}

// A Text is something said in a channel.
type Text struct {
	// Channel is the name of the channel.
	Channel string `json:"channel"`
	// Talker is who says it.
	Talker string `json:"talker"`
	// Text is the whole line, as its reader sees it.
	Text string `json:"text"`
}

// Message returns the message Comm.Channel.Text.
func (t Text) Message() []byte { return message("Comm.Channel.Text", t) }

// List returns the message Comm.Channel.List.
func List(channels []Channel) []byte { return message("Comm.Channel.List", listOf(channels)) }

// Players returns the message Comm.Channel.Players.
func Players(players []Player) []byte { return message("Comm.Channel.Players", listOf(players)) }

// OfferLogin returns the message Char.Login.Default: the client may send an account and a password.
func OfferLogin() []byte {
	return message("Char.Login.Default", struct {
		Type []string `json:"type"`
	}{[]string{"password-credentials"}})
}

// LoggedIn returns the message Char.Login.Result: the credentials have opened the account, or else why not, for users
// to read.
func LoggedIn(success bool, why string) []byte {
	return message("Char.Login.Result", struct {
		Success bool   `json:"success"`
		Message string `json:"message,omitempty"`
	}{success, why})
}

// Goodbye returns the message Core.Goodbye: why the connection ends, for users to read.
func Goodbye(text string) []byte { return message("Core.Goodbye", text) }

// listOf makes a list of none an empty list, and no null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// message returns the message of that name. What is no UTF-8 in its strings becomes U+FFFD.
func message(name string, value any) []byte {
	var b bytes.Buffer
	b.WriteString(name)
	b.WriteByte(' ')
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // which some clients do not undo
	if err := e.Encode(value); err != nil {
		panic(err) // there is nothing in these types that has no form in JSON
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
