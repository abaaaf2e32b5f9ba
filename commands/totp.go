package commands

import (
	"context"
	"errors"

	"parley/chat"
	"parley/chat/totp"
)

var totpCommands = []Command{{
	Name:    "totp",
	Aliases: []string{"2fa", "otp"},
	Usage:   "totp <on|off>",
	Needs:   Login,
	Pace:    Unpaced,
	Extra:   true,
	Run: func(ctx context.Context, c *Call) error {
		if c.Arg("on|off") == "on" {
			return totpOn(ctx, c)
		}
		return totpOff(ctx, c)
	},
	ForOperators: &operatorTOTP,
}}

var operatorTOTP = Command{
	Usage:    "totp <on|off> [user]",
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		on, user := c.Arg("on|off") == "on", c.Arg("user")
		switch {
		case user != "" && on, user == "" && c.Me == nil:
			return misused("totp off <user>")
		case on:
			return totpOn(ctx, c)
		case user == "":
			return totpOff(ctx, c)
		}
		name, err := c.Chat.StopTOTP(ctx, c.By, user)
		if err == nil {
			c.Say("totp stopped", name)
		}
		return err
	},
}

// totpOn shows a new secret, and puts one-time codes in force once a code of it was typed.
func totpOn(ctx context.Context, c *Call) error {
	secret, err := c.Chat.BeginTOTP(ctx, c.Me)
	if err != nil {
		return err
	}
	link := totp.URL(c.Session.ServerName(), c.Me.User.Name, secret)
	c.Say("totp secret")
	c.Say("totp line", totp.Grouped(secret))
	c.Say("totp link")
	c.Say("totp line", link)
	if !c.Session.Encrypted() {
		c.Say("totp plain")
	}
	c.Session.Picture(link)
	recovery, err := startTOTP(ctx, c, secret)
	if err != nil {
		return err
	}
	c.Say("totp started")
	c.Say("totp with")
	c.Say("recovery codes")
	for _, code := range recovery {
		c.Say("totp line", code)
	}
	return nil
}

// startTOTP asks for a code of secret, and again if it is wrong. An empty answer calls it off.
func startTOTP(ctx context.Context, c *Call, secret string) (recovery []string, err error) {
	for try := 1; ; try++ {
		code, err := c.ask("ask first code")
		if err != nil {
			return nil, err
		}
		recovery, err := c.Chat.StartTOTP(ctx, c.Me, secret, code)
		if !errors.Is(err, chat.ErrWrongCode) || try == tries {
			return recovery, err
		}
		c.Say("totp try again")
	}
}

// totpOff ends the user's own one-time codes, for a code.
func totpOff(ctx context.Context, c *Call) error {
	if err := c.Chat.HasTOTP(ctx, c.Me); err != nil {
		return err
	}
	code, err := c.ask("ask code to end")
	if err != nil {
		return err
	}
	if err := c.Chat.EndTOTP(ctx, c.Me, code); err != nil {
		return err
	}
	c.Say("totp ended")
	return nil
}
