package session

import (
	"context"
	"fmt"
	"strings"

	"parley/chat"
)

// howToEnter says what to type at the prompt for a name.
func (s *Session) howToEnter() string {
	guest, register := `, "guest" to look around`, `, or "register"`
	if s.server.Chat.Guests() == chat.GuestsChat {
		guest = `, "guest" to chat without an account`
	}
	switch {
	case s.server.Chat.Guests() == chat.GuestsOff:
		guest, register = "", ""
	case s.server.Chat.Registration() == chat.RegistrationClosed:
		guest, register = strings.Replace(guest, ",", ", or", 1), ""
	}
	return s.server.texts().Name + ": type your name" + guest + register + "."
}

// welcomeGuest shows what a new guest reads.
func (s *Session) welcomeGuest() {
	s.printText(s.server.texts().MOTD)
	if s.server.Chat.Guests() == chat.GuestsChat {
		s.print("You are logged in as a guest. You can use all commands, until you leave.")
	} else {
		s.print("You are logged in as a guest. You can use: register, login, who, rooms, status, help, quit, exit.")
	}
}

// welcomeUser shows what a user reads who has logged in: the list of commands the first time, and later who is there.
func (s *Session) welcomeUser(ctx context.Context, w chat.Welcome) {
	s.printText(s.server.texts().MOTD)
	last := "never"
	if !w.LastLogin.IsZero() {
		last = w.LastLogin.UTC().Format("2006-01-02 15:04 MST")
	}
	line := "Last login: " + last + "."
	if w.Failed > 0 {
		line += fmt.Sprintf(" Failed attempts since: %d.", w.Failed)
	}
	s.print(line)
	if !w.LastLogin.IsZero() {
		s.print(s.company(ctx))
		return
	}
	for _, line := range s.server.Commands.List(s.call("")) {
		s.print(line)
	}
}

// fewNames is how long the names of those online may be, in bytes, to be told to who comes.
const fewNames = 40

// company says who else is online, and how to get help.
func (s *Session) company(ctx context.Context) string {
	const help = `Type "help" for the commands.`
	online, err := s.server.Chat.Who(ctx)
	if err != nil {
		s.server.log().Error("nobody told who is online", "user", s.name(), "err", err)
		return help
	}
	names := ""
	for _, name := range online {
		if name != s.me.User.Name {
			names += ", " + name
		}
		if len(names) > len(", ")+fewNames {
			return fmt.Sprintf(`%d others are online: type "who" for their names. %s`, len(online)-1, help)
		}
	}
	if names == "" {
		return "Nobody else is online. " + help
	}
	return "Also online: " + strings.TrimPrefix(names, ", ") + ". " + help
}
