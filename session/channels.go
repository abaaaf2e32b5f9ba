package session

import (
	"fmt"
	"slices"
	"strings"

	"parley/chat"
	"parley/gmcp"
)

// The client of a MUD that fills its tabs by GMCP is told what its user is shown of talk, once more, and which channels
// there are: the rooms that the user is in, shouts and tells. It is told of no room that is not on the list.

// channels are what such a client was told last.
type channels struct {
	told  bool
	rooms []int
}

// maxPlayers is how many of those online a client is told at once.
const maxPlayers = 1000

const (
	shoutsChannel = "shouts"
	tellsChannel  = "tells"
)

func roomChannel(number int) string { return fmt.Sprintf("room %d", number) }

// message returns what was said as a message: nil where there are none, or nothing was said. name is that of a reader
// who is mentioned in it, or empty.
func (v View) message(e *chat.Event, name string) []byte {
	if !v.Messages {
		return nil
	}
	t := gmcp.Text{Talker: e.From.Name}
	switch e.Kind.Spoken() {
	case chat.InRoom:
		t.Channel = roomChannel(e.Room)
	case chat.Shouts:
		t.Channel = shoutsChannel
	case chat.Tells:
		t.Channel = tellsChannel
	default:
		return nil
	}
	var line []byte
	if name != "" {
		line = append(line, v.Words.Mention...)
	}
	t.Text = printable(string(v.Words.AppendEvent(line, e.Kind.String(), e)))
	return t.Message()
}

// send sends a message with the next write.
func (s *Session) send(message []byte) {
	if t, ok := s.term.(Messenger); ok && t.TakesMessages() {
		t.SendMessage(message)
		s.beside = true
	}
}

// tellMessage sends the message about e, if there is one.
func (s *Session) tellMessage(e *chat.Event, message []byte) {
	if message == nil {
		return
	}
	if c := &s.rare().channels; e.Kind.Spoken() == chat.InRoom && !slices.Contains(c.rooms, e.Room) {
		s.list(append(slices.Clone(c.rooms), e.Room))
	}
	s.send(message)
}

// list sends the list of channels with these rooms, unless that is what was told last.
func (s *Session) list(rooms []int) {
	slices.Sort(rooms)
	c := &s.rare().channels
	if c.told && slices.Equal(c.rooms, rooms) {
		return
	}
	c.told, c.rooms = true, rooms
	all := make([]gmcp.Channel, 0, len(rooms)+2)
	for _, r := range rooms {
		all = append(all, gmcp.Channel{Name: roomChannel(r), Caption: s.words().Say("the room", r),
			Command: fmt.Sprintf("say %d", r)})
	}
	all = append(all, gmcp.Channel{Name: shoutsChannel, Caption: s.words().Say("the shouts"), Command: "shout"},
		gmcp.Channel{Name: tellsChannel, Caption: s.words().Say("the tells"), Command: "tell"})
	s.send(gmcp.List(all))
}

// listWithout takes a room that is closed from the list.
func (s *Session) listWithout(room int) {
	if s.look.Messages && s.rarely != nil && slices.Contains(s.rarely.channels.rooms, room) {
		s.list(slices.DeleteFunc(slices.Clone(s.rarely.channels.rooms), func(r int) bool { return r == room }))
	}
}

// tellChannels sends the list of channels, if it has changed, and what the client has asked for. Before the login there
// is nothing to tell.
func (s *Session) tellChannels() {
	t, ok := s.term.(Messenger)
	if !ok || !s.look.Messages || s.me == nil {
		return
	}
	rooms := s.server.Chat.RoomsOf(s.me)
	numbers := make([]int, len(rooms))
	for i, r := range rooms {
		numbers[i] = r.Number
	}
	asks := t.Asks()
	if asks&gmcp.AsksChannels != 0 {
		s.rare().channels.told = false
	}
	s.list(numbers)
	if asks&gmcp.AsksPlayers != 0 {
		s.tellPlayers(rooms)
	}
}

// heed takes notice of what the terminal says beside its text, and tells what it asks for.
func (s *Session) heed() error {
	news := s.meet()
	s.changed.Store(true) // its name, perhaps
	s.tellChannels()
	if !news && !s.beside {
		return nil
	}
	return s.catchUp()
}

// tellPlayers sends who is online, and in which of the user's rooms, which are given.
func (s *Session) tellPlayers(rooms []chat.Room) {
	names := s.server.Chat.Who()
	shared := make(map[string][]string)
	for _, r := range rooms {
		for _, name := range r.Names() {
			shared[name] = append(shared[name], roomChannel(r.Number))
		}
	}
	var players []gmcp.Player
	for _, name := range names[:min(len(names), maxPlayers)] {
		players = append(players, gmcp.Player{Name: name, Channels: shared[name]})
	}
	s.send(gmcp.Players(players))
}

// tellGoodbye says why the session ends.
func (s *Session) tellGoodbye() {
	if t, ok := s.term.(Messenger); !ok || !t.TakesMessages() {
		return
	}
	if reason := s.ended(); reason != nil {
		s.send(gmcp.Goodbye(s.words().Sentence(reason)))
		return
	}
	var lines []string
	var p painter
	for line := range strings.SplitSeq(s.server.texts().Goodbye, "\n") {
		plain, _ := p.line(line)
		lines = append(lines, plain)
	}
	s.send(gmcp.Goodbye(spoken(strings.Join(lines, "\n"))))
}
