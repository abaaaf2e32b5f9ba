package session

import (
	"slices"

	"parley/chat"
	"parley/words"
)

// sayHowToEnter says what to type at the prompt for a name.
func (s *Session) sayHowToEnter() {
	code, guests := "enter", s.server.Chat.Guests()
	switch closed := s.server.Chat.Registration() == chat.RegistrationClosed; {
	case guests == chat.GuestsOff:
	case guests == chat.GuestsChat && closed:
		code = "enter or chat"
	case guests == chat.GuestsChat:
		code = "enter, chat or register"
	case closed:
		code = "enter or look"
	default:
		code = "enter, look or register"
	}
	s.say(code, s.server.texts().Name)
}

// welcomeGuest shows what a new guest reads.
func (s *Session) welcomeGuest() {
	s.printText(s.server.texts().MOTD)
	if s.server.Chat.Guests() == chat.GuestsChat {
		s.say("welcome guest who chats")
	} else {
		s.say("welcome guest")
	}
}

// welcomeUser shows what a user reads who has logged in: the list of commands the first time, and later who is there.
func (s *Session) welcomeUser(w chat.Welcome) {
	s.printText(s.server.texts().MOTD)
	if w.Failed > 0 {
		s.say("last login, failed since", w.LastLogin, w.Failed)
	} else {
		s.say("last login", w.LastLogin)
	}
	switch {
	case w.Killed:
		s.say("killed")
	case w.Held == nil:
	case w.Held.Restart:
		s.say("seat kept over restart")
	default:
		s.say("seat kept", words.Idle(w.Held.Ago()))
	}
	if w.Mail > 0 {
		s.say("unread mail", words.Count(w.Mail, "letter"))
	}
	if w.Reports > 0 {
		s.say("open reports", words.Count(w.Reports, "report"))
	}
	if !w.LastLogin.IsZero() {
		s.sayCompany()
		return
	}
	call := s.call()
	call.Print = s.print // nothing pages what is shown before the first prompt
	s.server.Commands.ShowList(call)
}

// fewNames is how long the names of those online may be, in bytes, to be told to who comes.
const fewNames = 40

// sayCompany says who else is online, and how to get help.
func (s *Session) sayCompany() {
	others := slices.DeleteFunc(s.server.Chat.Who(), func(name string) bool { return name == s.me.User.Name })
	switch names := words.List(others); {
	case len(others) == 0:
		s.say("alone")
	case len(names.String()) > fewNames:
		s.say("company", len(others))
	default:
		s.say("named company", names)
	}
}

// FirstRoom reports whether the user had joined no room before in this session.
func (s *Session) FirstRoom() (first bool) {
	first = !s.rare().roomed
	s.rare().roomed = true
	return first
}
