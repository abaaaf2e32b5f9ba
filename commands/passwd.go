package commands

import (
	"context"

	"parley/chat"
)

var passwdCommands = []Command{{
	Name:    "passwd",
	Aliases: []string{"password", "setpass"},
	Usage:   "passwd",
	Needs:   Login,
	Pace:    Unpaced,
	Extra:   true,
	Secret:  1,
	Run: func(ctx context.Context, c *Call) error {
		if c.Me.User.Guest {
			return chat.ErrNoOwnAccount
		}
		proof, err := confirm(ctx, c, "ask present")
		if err != nil {
			return err
		}
		password, err := askNewPassword(c, c.Me.User.Name, "ask new", "ask new again")
		if err != nil {
			return err
		}
		if err := c.Chat.ChangePassword(ctx, proof, password); err != nil {
			return err
		}
		c.Session.Guard(password)
		c.Say("password changed")
		c.advise(password)
		return nil
	},
}, {
	Name:     "reset",
	Usage:    "reset <user>",
	Needs:    Operator,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		made, err := c.Chat.Reset(ctx, c.By, c.Arg("user"))
		if err != nil {
			return err
		}
		c.Say("reset code", made.User, made.Code, chat.ResetLasts)
		if made.Disabled {
			c.Say("reset disabled")
		}
		return nil
	},
}}

// ask asks for a secret by the sentence of that code. An empty answer calls it off.
func (c *Call) ask(code string) (string, error) {
	typed, err := c.Session.Ask(c.Table().Say(code))
	if err == nil && typed == "" {
		err = chat.ErrCancelled
	}
	return typed, err
}

// confirm asks for what the user logs in with, and returns the proof.
func confirm(ctx context.Context, c *Call, question string) (chat.Proof, error) {
	typed, err := c.ask(question)
	if err != nil {
		return chat.Proof{}, err
	}
	return chat.WithCode(typed, func(typed string) (chat.Proof, error) {
		return c.Chat.Confirm(ctx, c.Me, typed, c.Session.Encrypted())
	}, func() (string, error) { return c.Session.Ask(c.Table().Say("ask code")) })
}

// advise says what there is to say about a password that was taken.
func (c *Call) advise(password string) {
	if advice := chat.PasswordAdvice(password); advice != nil {
		c.Say(advice.Code(), advice.Args()...)
	}
}
