package commands

import (
	"context"

	"parley/chat"
)

// PasswordPrompt asks for a password.
const PasswordPrompt = "Enter your password: "

var accountCommands = []Command{{
	Name:    "register",
	Usage:   "register <user> [passwd]",
	Help:    "Make an account. Without passwd it is asked for.",
	More:    "A name has 1 to 16 letters, digits, '_', '-' or '.', and starts with a letter. What you type behind the name is hidden where that is possible; if you leave it out, you are asked twice.",
	Example: "register alice",
	Secret:  2,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		user, password := c.Arg("user"), c.Arg("passwd")
		if err := c.Chat.MayRegister(ctx, c.By, user); err != nil {
			return err
		}
		code, err := askInvite(ctx, c)
		if err != nil {
			return err
		}
		if password == "" {
			if password, err = askTwice(ctx, c.Session); err != nil {
				return err
			}
		}
		if err := c.Chat.RegisterInvited(ctx, c.By, code, user, password); err != nil {
			return err
		}
		c.Printf("User %s registered", user)
		return nil
	},
}, {
	Name:    "login",
	Usage:   "login <user>",
	Help:    "Become that user. The password is asked for.",
	More:    "You leave your rooms first. If the user is online elsewhere, that session moves here.",
	Example: "login alice",
	Secret:  2,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		password, err := c.Session.Ask(ctx, PasswordPrompt)
		if err != nil {
			return err
		}
		return c.Session.Login(ctx, c.Arg("user"), password)
	},
}}

// askInvite asks for an invite code, if it takes one, and returns it when it is good.
func askInvite(ctx context.Context, c *Call) (string, error) {
	if !c.Chat.NeedsInvite(c.By) {
		return "", nil
	}
	code, err := c.Session.AskShown(ctx, "Enter your invite code: ")
	if err != nil {
		return "", err
	}
	return code, c.Chat.CheckInvite(ctx, code)
}

func askTwice(ctx context.Context, s Session) (string, error) {
	password, err := s.Ask(ctx, PasswordPrompt)
	if err != nil {
		return "", err
	}
	if password == "" {
		return "", chat.ErrNoPassword
	}
	again, err := s.Ask(ctx, "Enter your password again: ")
	if err != nil {
		return "", err
	}
	if again != password {
		return "", chat.ErrPasswordMismatch
	}
	return password, nil
}

var quitCommands = []Command{{
	Name:    "quit",
	Usage:   "quit",
	Help:    "Leave the chat.",
	More:    "You leave every room; the rooms you lead close.",
	Example: "quit",
	Pace:    Unpaced,
	Run:     quit,
}, {
	Name:    "exit",
	Usage:   "exit",
	Help:    "Leave the chat, like quit.",
	More:    "You leave every room; the rooms you lead close.",
	Example: "exit",
	Pace:    Unpaced,
	Run:     quit,
}}

func quit(_ context.Context, c *Call) error {
	c.Session.Quit()
	return nil
}
