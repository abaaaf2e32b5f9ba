package commands

import (
	"context"
	"errors"
	"strings"

	"parley/chat"
)

// tries is how often something is asked for that was not answered well.
const tries = 3

var accountCommands = []Command{{
	Name:     "register",
	Aliases:  []string{"signup", "newuser"},
	Usage:    "register <user> [passwd]",
	Secret:   2,
	Pace:     Unpaced,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		return register(ctx, c, c.Arg("user"), c.Arg("passwd"))
	},
}, {
	Name:     "login",
	Aliases:  []string{"signin", "logon"},
	Usage:    "login <user>",
	Secret:   2,
	Pace:     Unpaced,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		password, err := c.Session.Ask(c.Table().Say("ask password"))
		if err != nil {
			return err
		}
		return c.Session.Login(ctx, c.Arg("user"), password)
	},
}}

// register makes an account, and asks for what is missing.
func register(ctx context.Context, c *Call, user, password string) error {
	if err := c.Chat.MayRegister(ctx, c.By, user); err != nil {
		return err
	}
	if password != "" {
		if err := c.Chat.CheckPassword(user, password); err != nil {
			return err
		}
	}
	code, err := askInvite(ctx, c)
	if err != nil {
		return err
	}
	if password == "" {
		if password, err = askNewPassword(c, user, "ask password", "ask again"); err != nil {
			return err
		}
	}
	if err := c.Chat.RegisterInvited(ctx, c.By, code, user, password); err != nil {
		return err
	}
	if c.Me.User.Guest {
		c.Session.Guard(password)
	}
	c.Say("registered", user)
	c.advise(password)
	if c.Me.User.Guest {
		c.Say("still a guest", user)
	}
	return nil
}

// Register registers an account as the command does, for somebody who has typed it where no other command can be used:
// line is what followed its name. The name of the account is asked for too if it is missing.
func (r *Registry) Register(ctx context.Context, c *Call, line string) error {
	cmd, _ := r.named("register")
	if strings.TrimSpace(line) != "" {
		return r.Run(ctx, c, cmd.Name+" "+line)
	}
	// A user who may not register at all is not asked for a name first.
	if err := c.Chat.MayRegister(ctx, c.By, ""); err != nil && !aboutName(err) {
		return err
	}
	for try := 1; ; try++ {
		user, err := c.Session.AskShown(c.Table().Say("ask name"))
		if user = strings.TrimSpace(user); err == nil && user == "" {
			err = chat.ErrCancelled
		}
		if err == nil {
			err = c.Chat.MayRegister(ctx, c.By, user)
		}
		switch {
		case err == nil:
			return register(ctx, c, user, "")
		case try == tries || !aboutName(err):
			return err
		}
		c.refuse(err)
	}
}

// aboutName reports whether err is a refusal that another name may avoid.
func aboutName(err error) bool {
	return errors.Is(err, chat.ErrBadName) || errors.Is(err, chat.ErrReservedName) || errors.Is(err,
		chat.ErrNameTaken) || errors.Is(err, chat.ErrLookAlike)
}

// askInvite asks for an invite code, if it takes one, and returns it when it is good.
func askInvite(ctx context.Context, c *Call) (string, error) {
	if !c.Chat.NeedsInvite(c.By) {
		return "", nil
	}
	code, err := c.Session.AskShown(c.Table().Say("ask invite"))
	if err != nil {
		return "", err
	}
	return code, c.Chat.CheckInvite(ctx, code)
}

// NewPassword asks for a password that user may have, who has one already, twice.
func (r *Registry) NewPassword(c *Call, user string) (string, error) {
	return askNewPassword(c, user, "ask new", "ask new again")
}

// askNewPassword asks for a password that user may have, twice, by the sentences of these codes, and again if it is
// refused or the two differ.
func askNewPassword(c *Call, user, first, second string) (string, error) {
	for try := 1; ; try++ {
		password, err := askTwice(c, user, first, second)
		switch {
		case errors.Is(err, chat.ErrNoPassword), errors.Is(err, chat.ErrCancelled), !chat.IsRefusal(err), try == tries:
			return password, err
		case errors.Is(err, chat.ErrPasswordMismatch):
			c.Say("passwords differ")
		default:
			c.refuse(err)
		}
	}
}

func askTwice(c *Call, user, first, second string) (string, error) {
	password, err := c.Session.Ask(c.Table().Say(first))
	if err != nil {
		return "", err
	}
	if err := c.Chat.CheckPassword(user, password); err != nil {
		return "", err
	}
	again, err := c.Session.Ask(c.Table().Say(second))
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
	Aliases: []string{"bye", "goodbye", "logout", "logoff", "disconnect"},
	Usage:   "quit",
	Pace:    Unpaced,
	Amend:   nothing,
	Run:     quit,
}, {
	Name:  "exit",
	Usage: "exit",
	Pace:  Unpaced,
	Amend: nothing,
	Run:   quit,
}}

func quit(_ context.Context, c *Call) error {
	c.Session.Quit()
	return nil
}
