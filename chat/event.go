package chat

import (
	"fmt"
)

// A Kind says what happened.
type Kind uint8

// The kinds of events.
const (
	Said    Kind = iota + 1 // somebody spoke in a room
	Shouted                 // somebody spoke to everyone
	Told                    // somebody spoke to one user
	Opened                  // a room was opened
	Closed                  // a room was closed
	Joined                  // somebody came into a room
	Left                    // somebody left a room
	Notice                  // the server itself has something to say
)

// String returns the kind as one word in lower case.
func (k Kind) String() string {
	words := [...]string{Said: "said", Shouted: "shouted", Told: "told", Opened: "opened", Closed: "closed", Joined: "joined", Left: "left", Notice: "notice"}
	if int(k) < len(words) && words[k] != "" {
		return words[k]
	}
	return "other"
}

// An Event is what happened, as it travels to those who should hear. It is never changed once made: all who hear share it.
type Event struct {
	Kind Kind
	// From is who caused it.
	From User
	// Room is the room it happened in, for the kinds that have one.
	Room int
	// Line is what a user reads: one line of clean text, made once for all.
	Line string
}

// size is what an event counts for in a mailbox, in bytes.
func (e *Event) size() int { return len(e.Line) + 32 }

func saidEvent(from User, room int, text Text) *Event {
	return &Event{Said, from, room, fmt.Sprintf("[Room %d] *%s*: %s", room, from.Name, text)}
}

func shoutedEvent(from User, text Text) *Event {
	return &Event{Shouted, from, 0, fmt.Sprintf("!!%s!!: %s", from.Name, text)}
}

func toldEvent(from User, text Text) *Event {
	return &Event{Told, from, 0, fmt.Sprintf("%s: %s", from.Name, text)}
}

func openedEvent(from User, r Room) *Event {
	return &Event{Opened, from, r.Number, fmt.Sprintf("!!%s!!: %s created room %d, topic: %s", System, from.Name, r.Number, r.Topic)}
}

func closedEvent(from User, r Room) *Event {
	return &Event{Closed, from, r.Number, fmt.Sprintf("!!%s!!: Room %d(topic: %s) closed", System, r.Number, r.Topic)}
}

func joinedEvent(from User, room int) *Event {
	return &Event{Joined, from, room, fmt.Sprintf("[Room %d] %s joined.", room, from.Name)}
}

func leftEvent(from User, room int) *Event {
	return &Event{Left, from, room, fmt.Sprintf("[Room %d] %s left.", room, from.Name)}
}

func noticeEvent(text string) *Event {
	return &Event{Notice, User{}, 0, fmt.Sprintf("!!%s!!: %s", System, text)}
}
