//go:build linux

package bench

import (
	"bytes"

	"parley/telnet"
	"parley/words"
)

// await makes u call then, with what came before it, once text has come.
func (u *user) await(text string, then func(u *user, before string)) {
	u.awaited, u.then, u.hear = text, then, (*user).converse
	u.refusal, u.refused = "", nil
	u.find()
}

// unless makes u call refused instead, with what came before it, if text comes first. It is for the await just before.
func (u *user) unless(text string, refused func(u *user, before string)) {
	u.refusal, u.refused = text, refused
	u.find()
}

// converse reads what came as text and Telnet commands, until what is awaited has come.
func (u *user) converse(data []byte) {
	if u.telnet == nil {
		u.telnet = new(telnet.Decoder)
	}
	for len(data) > 0 {
		n, used, cmd, err := u.telnet.Decode(data, data)
		if err != nil {
			u.lost(err)
			return
		}
		u.seen = append(u.seen, data[:n]...)
		data = data[used:]
		if u.mode != modeLine {
			u.answer(cmd)
		}
	}
	u.find()
}

func (u *user) find() {
	if u.then == nil {
		return
	}
	text, then := u.awaited, u.then
	i := bytes.Index(u.seen, []byte(text))
	if u.refused != nil {
		if j := bytes.Index(u.seen, []byte(u.refusal)); j >= 0 && (i < 0 || j < i) {
			i, text, then = j, u.refusal, u.refused
		}
	}
	if i < 0 {
		return
	}
	before := string(u.seen[:i])
	u.then, u.refused, u.seen = nil, nil, append([]byte(nil), u.seen[i+len(text):]...)
	then(u, before)
}

// answer answers a command as an xterm's telnet does.
func (u *user) answer(cmd telnet.Command) {
	var p []byte
	say := func(code byte, option byte, data ...byte) {
		p = telnet.Command{Code: code, Option: option, Data: data}.Append(p)
	}
	switch {
	case cmd.Code == telnet.DO && cmd.Option == telnet.OptTTYPE:
		say(telnet.WILL, telnet.OptTTYPE)
	case cmd.Code == telnet.DO && cmd.Option == telnet.OptNAWS:
		say(telnet.WILL, telnet.OptNAWS)
		say(telnet.SB, telnet.OptNAWS, 0, 80, 0, 24)
	case cmd.Code == telnet.SB && cmd.Option == telnet.OptTTYPE:
		say(telnet.SB, telnet.OptTTYPE, append([]byte{0}, "XTERM-256COLOR"...)...)
	case cmd.Code == telnet.WILL && (cmd.Option == telnet.OptEcho || cmd.Option == telnet.OptSGA):
		say(telnet.DO, cmd.Option)
	case cmd.Code == telnet.DO:
		say(telnet.WONT, cmd.Option)
	case cmd.Code == telnet.WILL:
		say(telnet.DONT, cmd.Option)
	}
	if p != nil {
		u.write(p)
	}
}

// usernamePrompt is what a server asks first, and again after a refusal.
var usernamePrompt = words.English.Say("ask user")

// login makes u a guest, and calls then when the prompt stands. Who sends lines does not wait to be asked, as scripts
// do: a server holds its question back until it knows what it talks to.
func (u *user) login(then func(u *user)) {
	if u.mode == modeLine {
		u.send("guest\n")
	}
	u.await(usernamePrompt, func(u *user, _ string) {
		if u.mode != modeLine {
			u.send("guest\n")
		}
		u.await("<guest", func(u *user, _ string) {
			u.await(":0> ", func(u *user, number string) {
				u.name = "guest" + number
				then(u)
			})
		})
	})
}

// loginAs logs u, who sends lines, in to an account, and calls then when the prompt stands, or refused with what the
// server said to it.
func (u *user) loginAs(name string, then func(u *user), refused func(u *user, said string)) {
	u.send(name + "\n")
	u.await(words.English.Say("ask password"), func(u *user, _ string) {
		u.send(password + "\n")
		u.await("<"+name+":0> ", func(u *user, _ string) { then(u) })
		u.unless(usernamePrompt, refused)
	})
}

// settled lets go of what the dialogue needed, and makes hear hear what comes from now on.
func (u *user) settled(hear func(u *user, data []byte)) {
	u.seen, u.telnet, u.hear = nil, nil, hear
	if u.mode == modeTyping {
		u.send("say 0 half a li")
	}
}
