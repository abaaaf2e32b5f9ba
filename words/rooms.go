package words

import "strings"

// roomEvents are what members read of what becomes of their room, and of who is in it.
var roomEvents = map[string]string{
	"joined": "[Room {room}] {from} joined.",
	"left":   "[Room {room}] {from} left.",

	// Of two or more, who are not told of by name.
	"joined many": "[Room {room}] {users} others joined.",
	"left many":   "[Room {room}] {users} others left.",

	// Of a leader whose connection was lost.
	"dropped":  "[Room {room}] {from}'s connection was lost; the room closes in {clock}.",
	"returned": "[Room {room}] {from} is back.",

	"retitled":  "[Room {room}] {from} made this the topic: {text}",
	"untitled":  "[Room {room}] {from} took the topic away.",
	"locked":    "[Room {room}] {from} locked the room. Only those who are invited may come in now.",
	"unlocked":  "[Room {room}] {from} unlocked the room. Everybody may come in now.",
	"removed":   "[Room {room}] {from} removed {who}{why}",
	"led":       "[Room {room}] {who} leads the room now.",
	"deputed":   "[Room {room}] {from} made {who} a deputy.",
	"undeputed": "[Room {room}] {who} is no longer a deputy.",
	"slowed":    "[Room {room}] {from} slowed the room: each may speak once in {every}, {terms}",
	"slow off":  "[Room {room}] {from} ended the slow pace. Everybody may speak at any time again.",
	"calmed":    "[Room {room}] {from} calmed the room: only the leader and the deputies speak, {terms}",
	"calm off":  "[Room {room}] {from} ended the calm. Everybody may speak again.",
	"kept":      "[Room {room}] This is a standing room now: it stays open when its leader leaves.",
	"hooked":    "[Room {room}] {from} made a hook: programs can speak here now, as ci.",
	"unhooked":  "[Room {room}] {from} ended {hooks}, by which programs could speak here.",
	"unkept":    "[Room {room}] This is no longer a standing room: it closes when its leader leaves.",
}

// roomNotices are what one user, or everybody, reads of rooms.
var roomNotices = map[string]string{
	"invited":     "!!system!!: {from} invites you to room {room}, topic: {text}. To come in, type: {/}join {room}",
	"removed you": "!!system!!: {from} removed you from room {room}{why}",
	"all calm": "!!system!!: The server is calm {terms} Only operators shout and open rooms, and in a room only its " +
		"leader and deputies speak.",
	"all calm off": "!!system!!: The calm is over. Everybody may speak again.",
}

// speakerFirst returns events of rooms as they are told with the speaker first.
func speakerFirst(events map[string]string) map[string]string {
	all := make(map[string]string, len(events))
	for kind, sentence := range events {
		all[kind] = strings.TrimPrefix(sentence, "[Room {room}] ") + " (room {room})"
	}
	return all
}

// roomAnswers are what commands say of governing a room.
var roomAnswers = map[string]string{
	"standing":         "Room %s, number %d, topic: %s",
	"room locked now":  "Locked: only those who are invited may come in.",
	"room deputies":    "Deputies: %s",
	"topic is":         "Topic: %s",
	"topic by":         "Topic: %s, set by %s.",
	"no topic":         "Room %s has no topic.",
	"has topic":        "Room %s has that topic already.",
	"topic cleared":    "The topic of Room %s is gone. It was: %s",
	"invited them":     "User %s is invited to Room %s, and was told.",
	"invited later":    "User %s is invited to Room %s, but is not online.",
	"kept them out":    "User %s is kept out of Room %s until somebody invites the user, or the room closes.",
	"joined slow":      "The room is slow: each may speak once in %s.",
	"joined calm":      "The room is calm: only its leader and its deputies speak.",
	"kept as":          "Room %d is now the standing room %s.",
	"unkept":           "Room %s is no longer a standing room.",
	"unkept closed":    "Room %s is no longer a standing room. It had no leader, and was closed.",
	"done in the room": "That is done in Room %s.",
	"calm all":         "The server is calm for %s.",
	"calm all off":     "The server is no longer calm.",
	"nobody now":       "nobody at the moment",
}

// roomRefusals are what users read who may not do something in a room, or with one.
var roomRefusals = map[string]string{
	"room locked":       `Room %s is locked, and you are not invited. "{/}rooms" shows whom to ask.`,
	"kept out":          "You were removed from Room %s, and are kept out. Only an invitation ends that.",
	"room calm":         "Room %s is calm for %s more: only its leader and its deputies speak.",
	"room slow":         "Room %s is slow: each may speak once in %s. Wait %s. Nothing was sent.",
	"server calm":       "The server is calm for %s more: only operators shout and open rooms.",
	"not governing":     "Only the leader and the deputies of Room %s can do that: %s.",
	"not leading":       "Only the leader of Room %s can do that: %s.",
	"not there":         "User %s is not in Room %s.",
	"member there":      "User %s is in Room %s already.",
	"over you":          "A deputy cannot remove user %s, who governs Room %s too.",
	"is out":            "User %s is kept out of Room %s already.",
	"too many invited":  "Room %s has %d invited users, which is the limit.",
	"too many out":      "%[2]d users are kept out of Room %[1]s, which is the limit. To let one in again: {/}invite",
	"too many deputies": "Room %s has %d deputies, which is the limit.",
	"is locked":         "Room %s is locked already.",
	"not locked":        "Room %s is not locked.",
	"leads already":     "User %s leads Room %s already.",
	"leads many":        "User %s already leads %d rooms, which is the limit.",
	"is deputy":         "User %s is a deputy of Room %s already.",
	"not deputy":        "User %s is not a deputy of Room %s.",
	"bad slow":          "One can be made to wait from a second to %s between two lines.",
	"not slow":          "Room %s is not slow.",
	"not calm":          "Room %s is not calm.",
	"server not calm":   "The server is not calm.",
	"room unsaved": "That is in force, but the disk did not take it: after a restart the room is as it was " +
		"before.",
	"room name taken":   "There is a standing room called %s already.",
	"is standing":       "Room %d is a standing room already, called %s.",
	"not standing":      `There is no standing room called "%s".`,
	"too many standing": "There are already %d standing rooms, which is the limit.",
}
