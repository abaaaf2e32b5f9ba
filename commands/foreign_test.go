package commands

import (
	"slices"
	"strings"
	"testing"

	"parley/chat"
	"parley/words"
)

// TestForeign tests what people type who know other chat servers: what is clear is done, the rest is answered with a
// hint.
func TestForeign(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	people := map[string]*person{"alice": s.user("alice"), "bob": s.user("bob")}
	const inNoRoom = `You are not in a room. Type "rooms" to see the open rooms.`
	s.play(people, []step{
		// In no room.
		{"bob", "hi alice", lines(`Unsupported command: "hi". To speak, join a room: "rooms" lists them. To speak ` +
			`to one user, type: tell <user> <msg>`)},
		{"bob", "dance", lines(`Unsupported command: "dance". Type "help" for the list.`)},
		{"bob",
			"guest", lines(`Unsupported command: "guest". You are logged in. To become a user, type: login <user>`)},
		{"bob", "tell alice: hi", lines("Told alice.")},
		{"alice<", "", lines("[Private] bob: hi")},
		{"bob", "msg @alice, hi", lines("Told alice.")},
		{"alice<", "", lines("[Private] bob: hi")},
		{"bob", "tell @ hi", lines(`User @ does not exist. Type "who" to see who is online.`)},
		{"bob", "tell alice:", lines("Incorrect command format. Usage: tell <user> <msg>")},
		{"bob", "say hello", lines(inNoRoom)},
		{"bob", "say hello there", lines(`Room hello does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "leave", lines("Incorrect command format. Usage: leave <room number>")},
		{"bob", "join", lines("Incorrect command format. Usage: join <room number>")},
		{"bob", "join tea", lines(`Room tea does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "/who", lines("2 users online:", "alice bob")},
		{"bob", "/dance", lines(`Unsupported command: "/dance". Type "help" for the list.`)},
		{"bob", "w", lines("2 users online:", "alice bob")},
		{"bob", "w alice", lines("1 user online:", "alice")},
		{"bob", "w alice hi", lines("Told alice.")},
		{"alice<", "", lines("[Private] bob: hi")},
		{"bob", "/msg alice hi", lines("Told alice.")},
		{"alice<", "", lines("[Private] bob: hi")},
		{"bob", "msg alice", lines("Incorrect command format. Usage: tell <user> <msg>")},

		{"alice", "/start Tea  time", lines("!!system!!: alice created room 0, topic: Tea  time")},
		{"bob<", "", lines("!!system!!: alice created room 0, topic: Tea  time")},
		{"bob", "join  tea TIME", lines("You joined Room 0.")},
		{"alice<", "", lines("[Room 0] bob joined.")},
		{"bob", "join #0", lines("You are already in Room 0.")},
		{"bob", "join Room 0", lines("You are already in Room 0.")},
		{"bob", "join room #7", lines(`Room 7 does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "join room", lines(`Room room does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", `join "tea time"`, lines("You are already in Room 0.")},
		{"bob", "join tea", lines(`Room tea does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "join tea please", lines("Incorrect command format. Usage: join <room number>")},

		// In one room.
		{"bob", "say hello", lines("[Room 0] *bob*: hello")},
		{"alice<", "", lines("[Room 0] *bob*: hello")},
		{"bob", "/say  tea  is ready ", lines("[Room 0] *bob*: tea  is ready")},
		{"alice<", "", lines("[Room 0] *bob*: tea  is ready")},
		{"bob", "say #0 hello", lines("[Room 0] *bob*: hello")},
		{"alice<", "", lines("[Room 0] *bob*: hello")},
		{"bob", "say 0", lines("Incorrect command format. Usage: say <room number> <msg>")},
		{"bob", "say", lines("Incorrect command format. Usage: say <room number> <msg>")},
		{"bob", "say 7 hello", lines(`Room 7 does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "say -1 hello", lines(`Room -1 does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "hi alice", lines(`Unsupported command: "hi". To speak in Room 0, begin with "say".`)},
		{"bob", "hello", lines(`Unsupported command: "hello". To speak in Room 0, begin with "say".`)},
		{"bob", "jion 0", lines(`Unsupported command: "jion". Did you mean "join"?`)},
		{"bob", "/dance", lines(`Unsupported command: "/dance". Type "help" for the list.`)},
		{"bob", "part", lines("You left Room 0.")},
		{"alice<", "", lines("[Room 0] bob left.")},
		{"bob", "enter #tea time", lines("You joined Room 0.")},
		{"alice<", "", lines("[Room 0] bob joined.")},
		{"bob", "leave Tea time", lines("You left Room 0.")},
		{"alice<", "", lines("[Room 0] bob left.")},

		// In several rooms, two of which have one topic.
		{"bob", "open tea time", lines("!!system!!: bob created room 1, topic: tea time")},
		{"alice<", "", lines("!!system!!: bob created room 1, topic: tea time")},
		{"alice", "join tea time", lines("Rooms 0 and 1 have that topic. Use the number of one: join <room number>")},
		{"bob", "join 0", lines("You joined Room 0.")},
		{"alice<", "", lines("[Room 0] bob joined.")},
		{"bob", "say hello", lines("You are in Rooms 0 and 1. Name one of them: say <room number> <msg>")},
		{"bob", "leave", lines("You are in Rooms 0 and 1. Name one of them: leave <room number>")},
		{"bob", "leave tea time", lines("Rooms 0 and 1 have that topic. Use the number of one: leave <room number>")},
		{"bob", "leave tea", lines(`Room tea does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "yes", lines(`Unsupported command: "yes". To speak in a room, begin with "say <room number>".`)},
		{"bob", "leave room 1", lines("You left Room 1.", "!!system!!: Room 1(topic: tea time) closed")},

		{"bob", "nick robert", lines(`Unsupported command: "nick". A name stays as it is. To have another one, ` +
			`type: register <user>`)},
		{"bob", "help msg", people["bob"].does("help tell")},
		{"bob", "help nick", lines(`Unsupported command: "nick". A name stays as it is. To have another one, type: ` +
			`register <user>`)},
	})
	g := s.guest()
	if got, want := g.does("/msg bob hello"), lines(
		`Guests cannot use "tell". Register first: register <user>`); !slices.Equal(got, want) {
		t.Errorf("a guest reads %q", got)
	}
	if got, want := g.does("say hello"), lines(
		`Guests cannot use "say". Register first: register <user>`); !slices.Equal(got, want) {
		t.Errorf("a guest reads %q", got)
	}
	if got, want := g.does("hi"), lines(`Unsupported command: "hi". To speak takes an account: register <user>, `+
		`then login <user>.`); !slices.Equal(got, want) {
		t.Errorf("a guest reads %q", got)
	}
	for _, line := range []string{"bye", "/quit see you", "exit now", "logout", "quit please", ".q"} {
		if p := s.guest(); len(p.does(line)) != 0 || !p.quit {
			t.Errorf("%s: quitting %v", line, p.quit)
		}
	}
}

// TestForeignWords tests that every other word is of use: none is hidden by a command's name or by another row, and
// what a hint says to type is there.
func TestForeignWords(t *testing.T) {
	r := New()
	seen := make(map[string]string)
	note := func(word, what string) {
		t.Helper()
		if word != strings.ToLower(word) || seen[word] != "" {
			t.Errorf("%q is another word for %s, and for %s", word, seen[word], what)
		}
		seen[word] = what
	}
	for _, c := range r.commands {
		for _, word := range c.Aliases {
			note(word, c.Name)
			if found, _ := r.find(word); found != c && word != "w" { // "w" alone is who
				t.Errorf("%q finds %v, want %s", word, found, c.Name)
			}
		}
	}
	for _, f := range foreignWords {
		for _, word := range f.words {
			note(word, "a hint")
			if _, named := r.named(word); named {
				continue // somebody has added the command
			}
			if found, hint := r.find(word); found != nil || hint == nil != (f.hint == "") || hint != nil &&
				hint.Code() != f.hint {
				t.Errorf("%q finds %v, %v", word, found, hint)
			}
		}
		told := ""
		if f.hint != "" {
			told = words.English.Say(f.hint)
		}
		for _, c := range []string{"register", "login", "start", "say", "tell", "info"} {
			if i := strings.Index(told, c+" <"); i >= 0 {
				cmd, _ := r.named(c)
				if !strings.HasPrefix(told[i:], cmd.usage.before(cmd.Secret)) && c != "info" {
					t.Errorf("the hint %q does not have the usage %q", told, cmd.usage.text)
				}
			}
		}
	}
}

func TestRoomList(t *testing.T) {
	rooms := make([]chat.Room, 13)
	for i := range rooms {
		rooms[i].Number = i
	}
	for n, want := range map[int]string{
		2: "0 and 1", 3: "0, 1 and 2", 10: "0, 1, 2, 3, 4, 5, 6, 7, 8 and 9",
		13: "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 others",
	} {
		if got := words.English.Sentence(chat.ErrWhichRoom.With(roomList(rooms[:n]), "x")); !strings.Contains(got,
			"Rooms "+want+". ") {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
