package commands

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"parley/chat"
	"parley/words"
)

// mailCommands leave letters for users who read them later.
var mailCommands = []Command{{
	Name:     "mail",
	Usage:    "mail [user] [msg...]",
	Needs:    Login,
	Pace:     Talk,
	Extra:    true,
	Amend:    toWhom,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		user, msg := c.Arg("user"), c.Arg("msg")
		switch {
		case user == "":
			return listMail(ctx, c)
		case strings.EqualFold(user, "read") && (msg == "" || isLetterNumber(msg)):
			return readMail(ctx, c, msg)
		case strings.EqualFold(user, "delete") && (isLetterNumber(msg) || strings.EqualFold(msg, "all")):
			return deleteMail(ctx, c, msg)
		case strings.EqualFold(user, "delete") && msg == "":
			return misused(mailUsages["delete"])
		case msg == "":
			return misused("mail <user> <msg>")
		}
		to, err := c.Chat.SendMail(ctx, c.Me, user, c.Text("msg"))
		switch usage := mailUsages[strings.ToLower(user)]; {
		case err == nil:
			c.Say("mailed to", to)
		case usage != "" && errors.Is(err, chat.ErrNoUser):
			return misused(usage)
		}
		return err
	},
}}

// mailUsages are those of the words behind mail that stand for no user, as long as nobody is called so.
var mailUsages = map[string]string{"read": "mail read [k]", "delete": "mail delete <k|all>"}

// leaveMail returns what a user reads for notOnline, which is ErrNotOnline.
func leaveMail(notOnline error) error {
	if r, ok := errors.AsType[*chat.Refusal](notOnline); ok {
		return chat.ErrLeaveMail.With(r.Args()...)
	}
	return notOnline
}

func isLetterNumber(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && n > 0
}

// mailShown is how many characters of a letter the list shows.
const mailShown = 40

func listMail(ctx context.Context, c *Call) error {
	letters, err := c.Chat.Mail(ctx, c.Me)
	if err != nil {
		return err
	}
	if len(letters) == 0 {
		c.Say("no mail")
		return nil
	}
	unread := 0
	for _, l := range letters {
		if !l.Read {
			unread++
		}
	}
	c.Say("mail counted", words.Count(len(letters), "letter"), unread)
	for _, l := range letters {
		text := []rune(l.Text.String())
		if len(text) > mailShown {
			text = append(text[:mailShown:mailShown], '…')
		}
		code := "letter listed"
		if !l.Read {
			code = "new letter listed"
		}
		c.Say(code, l.Number, l.From.Name, l.At, string(text))
	}
	return nil
}

func readMail(ctx context.Context, c *Call, word string) error {
	number, _ := strconv.Atoi(word) // 0 for none
	l, err := c.Chat.ReadMail(ctx, c.Me, number)
	if err != nil {
		return err
	}
	c.sayLetter(l)
	return nil
}

func (c *Call) sayLetter(l chat.Letter) { c.Say("letter", l.Number, l.At, l.From.Name, l.Text) }

func deleteMail(ctx context.Context, c *Call, word string) error {
	number, _ := strconv.Atoi(word) // 0 for all
	deleted, err := c.Chat.DeleteMail(ctx, c.Me, number)
	if err != nil {
		return err
	}
	if number != 0 {
		c.Say("letter deleted", number)
	} else {
		c.Say("letters deleted", words.Count(deleted, "letter"))
	}
	return nil
}
