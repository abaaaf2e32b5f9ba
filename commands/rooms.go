package commands

import (
	"context"
	"strconv"

	"parley/chat"
	"parley/words"
)

var roomCommands = []Command{{
	Name:    "start",
	Aliases: []string{"open"},
	Usage:   "start <topic...>",
	Needs:   Login,
	Pace:    Shout,
	Run: func(ctx context.Context, c *Call) error {
		_, err := c.Chat.Start(ctx, c.Me, c.Text("topic"))
		return err
	},
}, {
	Name:    "rooms",
	Aliases: []string{"channels", "chans"},
	Usage:   "rooms (page)",
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		rooms := c.Chat.Rooms(ctx)
		return inPages(c, "rooms", roomPages(rooms, c.perPage(entriesPerPage)), func(page []chat.Room) {
			if len(page) == 0 {
				c.Say("no rooms")
				if start, _ := c.registry.named("start"); allowed(c, start) {
					c.Say("open one")
				}
				return
			}
			c.Say("counted", words.Count(len(rooms), "room"))
			c.separate()
			for _, r := range page {
				c.sayRoom(r)
				c.separate()
			}
		})
	},
}, {
	Name:     "join",
	Aliases:  []string{"enter"},
	Usage:    "join <room number>",
	Needs:    Login,
	Pace:     Talk,
	Amend:    anyRoom,
	Complete: roomsToJoin,
	Run: func(ctx context.Context, c *Call) error {
		number, err := c.room("room number")
		if err != nil {
			return err
		}
		r, err := c.Chat.Join(ctx, c.Me, number)
		if err != nil {
			return err
		}
		c.sayJoined(r)
		if c.Session.FirstRoom() {
			c.Say("kept here", chat.MaxLines)
		}
		return nil
	},
}, {
	Name:     "leave",
	Aliases:  []string{"part"},
	Usage:    "leave <room number>",
	Needs:    Login,
	Pace:     Talk,
	Amend:    theRoom,
	Complete: roomsJoined,
	Run: func(ctx context.Context, c *Call) error {
		number, err := c.room("room number")
		if err != nil {
			return err
		}
		r, err := c.Chat.Leave(ctx, c.Me, number)
		if err != nil {
			return err
		}
		c.Say("left", r.Called())
		return nil
	},
}}

// room returns the number that the argument of that name is. Of what is no number it returns ErrNoRoom: no room is
// called so.
func (c *Call) room(argument string) (int, error) {
	return roomOf(c.Arg(argument))
}

// roomOf returns the number that word is.
func roomOf(word string) (int, error) {
	number, err := strconv.ParseUint(word, 10, 31)
	if err != nil {
		return 0, chat.ErrNoRoom.With(word)
	}
	return int(number), nil
}

// sayRoom shows what is known of a room.
func (c *Call) sayRoom(r chat.Room) {
	topic := r.Topic
	if topic.Empty() {
		topic = chat.HiddenTopic
	}
	if r.Standing() {
		c.Say("standing", r.Name, r.Number, topic)
	} else {
		c.Say("room", r.Number, topic)
	}
	c.Say("participants", r.Members.Len(), words.List(r.Names()))
	if r.Locked {
		c.Say("room locked now")
	}
	if len(r.Deputies) > 0 {
		names := make(words.List, len(r.Deputies))
		for i, d := range r.Deputies {
			names[i] = d.Name
		}
		c.Say("room deputies", names)
	}
}

// sayJoined says where the user has come in, what it is about, and what holds there. The topic that it was opened with
// was told to everyone.
func (c *Call) sayJoined(r chat.Room) {
	c.Say("joined", r.Called())
	if r.Standing() || r.TopicBy != (chat.User{}) {
		c.sayTopic(r)
	}
	if r.Slow.Every > 0 {
		c.Say("joined slow", r.Slow.Every)
	}
	if r.Calm.Until > 0 {
		c.Say("joined calm")
	}
}

// separate shows an empty line, to those who see it.
func (c *Call) separate() {
	if !c.Reader {
		c.Print("")
	}
}

// roomPages cuts rooms into pages: on each as many, from one to most, as have no more than namesPerPage participants
// together.
func roomPages(rooms []chat.Room, most int) [][]chat.Room {
	var pages [][]chat.Room
	from, participants := 0, 0
	for i, r := range rooms {
		participants += r.Members.Len()
		if i > from && (i-from == most || participants > namesPerPage) {
			pages = append(pages, rooms[from:i])
			from, participants = i, r.Members.Len()
		}
	}
	if len(rooms) > 0 {
		pages = append(pages, rooms[from:])
	}
	return pages
}
