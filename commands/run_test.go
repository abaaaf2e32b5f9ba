package commands

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"parley/chat"
	"parley/words"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stage is a node with people on it.
type stage struct {
	testing.TB
	node     *chat.Node
	registry *Registry
}

func newStage(t testing.TB, guests chat.GuestPolicy, extra ...Command) *stage {
	r := New(extra...)
	n := chat.New(chat.Options{Guests: guests, Reserved: r.Reserved(), Hash: chat.HashParams{Memory: 8, Time: 1}})
	t.Cleanup(n.Close)
	return &stage{t, n, r}
}

// A person is a session without a terminal.
type person struct {
	following string
	stage     *stage
	me        *chat.Presence
	answers   []string // to Ask; when there are no more the user calls it off
	asked     []string
	printed   []string
	quit      bool
	talking   *Talking
}

func (p *person) Wake(context.Context)          {}
func (p *person) End(error)                     {}
func (p *person) Quit()                         { p.quit = true }
func (p *person) Relook()                       {}
func (p *person) Refused() error                { return nil }
func (p *person) Follow(line string)            { p.following = line }
func (p *person) Following() string             { return p.following }
func (p *person) Checkup(context.Context) error { return nil }

func (p *person) FirstRoom() bool { return false }
func (p *person) Delays() bool    { return false }
func (p *person) Delay(Speech)    {}

func (p *person) Pause(bool) bool { return true }

func (p *person) InForce(string) (any, *words.Phrase) { return nil, nil }

func (p *person) Talk(t *chat.Target) {
	p.talking = nil
	if t != nil {
		p.talking = &Talking{To: *t}
	}
}

func (p *person) Guard(string)       {}
func (p *person) Encrypted() bool    { return false }
func (p *person) Picture(string)     {}
func (p *person) ServerName() string { return "Parley" }

// Source is loopback, as for all who are near.
func (p *person) Source() netip.Addr { return netip.IPv6Loopback() }

func (p *person) Ask(prompt string) (string, error) {
	p.asked = append(p.asked, prompt)
	if len(p.answers) == 0 {
		return "", chat.ErrCancelled
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer, nil
}

func (p *person) AskShown(prompt string) (string, error) {
	return p.Ask(prompt)
}

func (p *person) Login(ctx context.Context, name, password string) error {
	proof, err := p.stage.node.Authenticate(ctx, chat.Try{Name: name, Typed: password, Source: p.Source()})
	if err != nil {
		return err
	}
	me, _, err := p.stage.node.Enter(ctx, proof.User, p)
	if err != nil {
		return err
	}
	if p.me != nil && p.me != me {
		p.stage.node.Quit(ctx, p.me, p)
	}
	p.me = me
	return nil
}

func (p *person) call() *Call {
	return &Call{Chat: p.stage.node, By: chat.By(p.me), Me: p.me, Session: p, Talking: p.talking,
		Print: func(line string) { p.printed = append(p.printed, line) }}
}

// does runs line as the session would and returns what the person then reads.
func (p *person) does(line string) []string {
	p.printed = nil
	p.me.Entered()
	if err := p.stage.registry.Run(context.Background(), p.call(), line); err != nil {
		if !chat.IsRefusal(err) {
			p.stage.Errorf("%q: %v", line, err)
		}
		p.printed = append(p.printed, words.English.Sentence(err))
	}
	return append(p.printed, p.reads()...)
}

func (p *person) reads() []string {
	var lines []string
	for _, e := range p.me.Take() {
		lines = append(lines, string(words.English.AppendEvent(nil, e.Kind.String(), e)))
	}
	return lines
}

func (s *stage) guest() *person {
	p := &person{stage: s}
	var err error
	if p.me, err = s.node.Guest(context.Background(), p); err != nil {
		s.Fatal(err)
	}
	return p
}

// secretOf returns the password of who registers as name in a test.
func secretOf(name string) string { return "pw of " + name }

// user registers a user and logs in.
func (s *stage) user(name string) *person {
	p := &person{stage: s}
	err := s.node.RegisterInvited(context.Background(), chat.AtConsole(), "", name, secretOf(name))
	if err = errors.Join(err, p.Login(context.Background(), name, secretOf(name))); err != nil {
		s.Fatal(err)
	}
	return p
}

// A step is a line that somebody enters, and what is read then. Who is "" waits for a time, or just reads.
type step struct {
	who, line string
	want      []string
}

func (s *stage) play(people map[string]*person, steps []step) {
	s.Helper()
	for i, st := range steps {
		if st.who == "" {
			d, err := time.ParseDuration(st.line)
			if err != nil {
				s.Fatal(err)
			}
			time.Sleep(d)
			continue
		}
		p, reads := people[strings.TrimSuffix(st.who, "<")], strings.HasSuffix(st.who, "<")
		var got []string
		if reads {
			got = p.reads()
		} else {
			got = p.does(st.line)
		}
		if !slices.Equal(got, st.want) {
			s.Errorf("step %d: %s %q\n got %q\nwant %q", i, st.who, st.line, got, st.want)
		}
	}
}

func lines(s ...string) []string { return s }

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, chat.GuestsRegister)
		people := map[string]*person{"alice": s.user("alice"), "bob": s.user("Bob"), "guest": s.guest()}
		if err := s.node.RegisterInvited(t.Context(), chat.AtConsole(), "", "zoe", secretOf("zoe")); err != nil {
			t.Fatal(err)
		}
		s.play(people, []step{
			{"alice", "", nil},
			{"alice", "    ", nil},
			{"alice", "who", lines("3 users online:", "alice Bob guest")},
			{"alice", "who 1", lines("3 users online:", "alice Bob guest")},
			{"alice", "rooms", lines("No rooms.", "To open one, type: start <topic>")},
			{"alice", "rooms 1", lines("No rooms.", "To open one, type: start <topic>")},

			{"alice",
				"START Monday's  homework ", lines("!!system!!: alice created room 0, topic: Monday's  homework")},
			{"bob<", "", lines("!!system!!: alice created room 0, topic: Monday's  homework")},
			{"guest<", "", lines("!!system!!: alice created room 0, topic: Monday's  homework")},
			{"guest", "rooms", lines("1 room:", "", "Room 0, topic: Monday's  homework", "1 Participant(s): alice",
				"")},
			{"bob", "join 0", lines("You joined Room 0.")},
			{"alice<", "", lines("[Room 0] Bob joined.")},
			{"bob", "j 0", lines("You are already in Room 0.")},
			{"bob", "start tea", lines("!!system!!: Bob created room 1, topic: tea")},
			{"alice<", "", lines("!!system!!: Bob created room 1, topic: tea")},
			{"guest<", "", lines("!!system!!: Bob created room 1, topic: tea")},

			{"alice", "join 1", lines("You joined Room 1.")},
			{"bob<", "", lines("[Room 1] alice joined.")},
			{"alice", "rooms", lines("2 rooms:", "", "Room 0, topic: Monday's  homework",
				"2 Participant(s): alice, Bob", "",
				"Room 1, topic: tea", "2 Participant(s): Bob, alice", "")},
			{"bob", "say 0   hello,  everyone ", lines("[Room 0] *Bob*: hello,  everyone")},
			{"alice<", "", lines("[Room 0] *Bob*: hello,  everyone")},
			{"bob", "shout fire", lines("!!Bob!!: fire")},
			{"alice<", "", lines("!!Bob!!: fire")},
			{"guest<", "", lines("!!Bob!!: fire")},
			{"alice", "tell bOB are  you there?", lines("Told Bob.")},
			{"bob<", "", lines("[Private] alice: are  you there?")},
			{"", "4m59s", nil},
			{"alice", "tell bob x", lines("Told Bob.")},
			{"", "1s", nil},
			{"alice", "tell bob x", lines("Told Bob, who has been idle 5m.")},
			{"", "2h", nil},
			{"alice", "tell bob x", lines("Told Bob, who has been idle 2h5m.")},
			{"bob<", "", lines("[Private] alice: x", "[Private] alice: x", "[Private] alice: x")},
			{"alice", "tell guest hi", lines("Told guest, who has been idle 2h5m.")},
			{"guest<", "", lines("[Private] alice: hi")},

			{"alice", "info", lines("Info: -")},
			{"alice", "info  I am  Alice. ", lines("Your information has been updated")},
			{"alice", "info", lines("Info: I am  Alice.")},
			{"alice", "block bob", lines("User Bob has been blocked.")},
			{"alice", "block guest", lines("User guest has been blocked.")},
			{"alice", "block BOB", lines("User Bob is already blocked.")},
			{"alice", "block Alice", lines("You cannot block yourself.")},
			{"alice", "status", lines("User: alice", "Info: I am  Alice.", "Blocked User(s): Bob, guest", "online",
				"Rooms: 0, 1", "Idle: 0s", "Online since: 2000-01-01 00:00 UTC")},
			{"bob", "status ALICE", lines("User: alice", "Info: I am  Alice.", "online", "Rooms: 0, 1", "Idle: 0s",
				"Online since: 2000-01-01 00:00 UTC")},
			{"guest", "status bob", lines("User: Bob", "Info: -", "online", "Rooms: 0, 1", "Idle: 0s",
				"Online since: 2000-01-01 00:00 UTC")},
			{"guest", "status", lines("User: guest", "Info: -", "Blocked User(s): -", "online", "Rooms: -", "Idle: 0s",
				"Online since: 2000-01-01 00:00 UTC")},
			{"bob", "status zoe", lines("User: zoe", "Info: -", "offline", "Last seen: never")},
			{"bob", "tell alice x", lines("You have been blocked by alice.")},
			{"bob", "say 0 x", lines("[Room 0] *Bob*: x")},
			{"bob", "shout x", lines("!!Bob!!: x")},
			{"bob", "leave 0", lines("You left Room 0.")},
			{"alice<", "", nil},
			{"alice", "unblock bob", lines("User Bob has been unblocked.")},
			{"alice", "unblock bob", lines("User Bob is not blocked.")},
			{"bob", "join 0", lines("You joined Room 0.")},
			{"bob", "leave 0", lines("You left Room 0.")},
			{"alice<", "", lines("[Room 0] Bob joined.", "[Room 0] Bob left.")},
			{"bob", "leave 1", lines("You left Room 1.", "!!system!!: Room 1(topic: tea) closed")},
			{"alice<", "", lines("!!system!!: Room 1(topic: tea) closed")},
		})
	})
}

func TestRefusals(t *testing.T) {
	s := newStage(t, chat.GuestsRegister)
	people := map[string]*person{"alice": s.user("alice"), "bob": s.user("bob"), "guest": s.guest()}
	if err := s.node.RegisterInvited(t.Context(), chat.AtConsole(), "", "zoe", secretOf("zoe")); err != nil {
		t.Fatal(err)
	}
	s.play(people, []step{
		{"alice", "start tea", lines("!!system!!: alice created room 0, topic: tea")},
		{"bob<", "", lines("!!system!!: alice created room 0, topic: tea")},
		{"alice", "dance", lines(`Unsupported command: "dance". To speak in Room 0, begin with "say".`)},
		{"alice", "\x1b[2J\u202ex", lines(`Unsupported command: "�[2J�x". To speak in Room 0, begin with "say".`)},
		{"alice", "s", lines(`Unsupported command: "s". It could be say, shout, start or status.`)},
		{"alice", "jion 0", lines(`Unsupported command: "jion". Did you mean "join"?`)},
		{"alice", "who bob now", lines("Incorrect command format. Usage: who")},
		{"alice", "who 1 2", lines("Incorrect command format. Usage: who")},
		{"alice", "who 0", lines("Incorrect command format. Usage: who")},
		{"alice", "who 2", lines("There is no page 2. The last is 1.")},
		{"alice", "who 99999999999999999999", lines("There is no page 99999999999999999999. The last is 1.")},
		{"alice", "rooms x", lines("Incorrect command format. Usage: rooms")},
		{"alice", "rooms 2", lines("There is no page 2. The last is 1.")},
		{"alice", "join", lines("Incorrect command format. Usage: join <room number>")},
		{"alice", "join 0 1", lines("Incorrect command format. Usage: join <room number>")},
		{"alice", "say", lines("Incorrect command format. Usage: say <room number> <msg>")},
		{"alice", "say 0", lines("Incorrect command format. Usage: say <room number> <msg>")},
		{"alice", "shout", lines("Incorrect command format. Usage: shout <msg>")},
		{"alice", "tell bob", lines("Incorrect command format. Usage: tell <user> <msg>")},
		{"alice", "start", lines("Incorrect command format. Usage: start <topic>")},
		{"alice", "block", lines("Incorrect command format. Usage: block <user>")},
		{"alice", "unblock a b", lines("Incorrect command format. Usage: unblock <user>")},
		{"alice", "register", lines("Incorrect command format. Usage: register <user>")},
		{"alice", "register a b c", lines("Incorrect command format. Usage: register <user>")},
		{"alice", "login", lines("Incorrect command format. Usage: login <user>")},
		{"alice", "login bob bob", lines("Incorrect command format. Usage: login <user>")},
		{"alice", "status a b", lines("Incorrect command format. Usage: status [user]")},
		{"alice", "help a b", lines("Incorrect command format. Usage: help [command]")},
		{"alice", "help dance", lines(`Unsupported command: "dance". Type "help" for the list.`)},
		{"alice", "join coffee", lines(`Room coffee does not exist. Type "rooms" to see the open rooms.`)},
		{"alice", "join 1", lines(`Room 1 does not exist. Type "rooms" to see the open rooms.`)},
		{"alice", "say 1 x", lines(`Room 1 does not exist. Type "rooms" to see the open rooms.`)},
		{"alice", "leave -1", lines(`Room -1 does not exist. Type "rooms" to see the open rooms.`)},
		{"bob", "say 0 x", lines(`You are not in Room 0. Type "join 0" to join it.`)},
		{"bob", "leave 0", lines(`You are not in Room 0. Type "join 0" to join it.`)},
		{"alice", "tell carol x", lines(`User carol does not exist. Type "who" to see who is online.`)},
		{"alice", "tell ZOE x", lines("User zoe is not online. To leave a letter, type: mail zoe <msg>")},
		{"alice", "status carol\u009b", lines(`User carol� does not exist. Type "who" to see who is online.`)},
		{"alice", "block carol", lines(`User carol does not exist. Type "who" to see who is online.`)},
		{"alice", "unblock carol", lines(`User carol does not exist. Type "who" to see who is online.`)},
		{"alice", "unblock zoe", lines("User zoe is not blocked.")},
		{"alice", "register Bob x", lines("User bob already exists.")},
		{"alice", "register b0b x", lines("The name b0b looks too much like that of user bob. Please choose another.")},
		{"alice", "register shout x", lines("The name shout is reserved. Please choose another.")},
		{"alice", "register 9lives x", lines("That name cannot be registered: the first character must be a letter.")},
	})
	for line, name := range map[string]string{
		"start x": "start", "join 0": "join", "leave 0": "leave", "say 0 x": "say", "SH x": "shout",
		"tell bob x": "tell",
		"block bob":  "block", "unblock bob": "unblock", "info x": "info", "info": "info", "say": "say",
	} {
		want := lines(fmt.Sprintf(`Guests cannot use %q. Register first: register <user>`, name))
		people["guest"].reads()
		if got := people["guest"].does(line); !slices.Equal(got, want) {
			t.Errorf("a guest's %q: %q, want %q", line, got, want)
		}
	}
}

func TestGuestsMayChat(t *testing.T) {
	s := newStage(t, chat.GuestsChat)
	people := map[string]*person{"g": s.guest(), "alice": s.user("alice")}
	s.play(people, []step{
		{"g", "start tea", lines("!!system!!: guest created room 0, topic: tea")},
		{"g", "say 0 hi", lines("[Room 0] *guest*: hi")},
		{"g", "info passing by", lines("Your information has been updated")},
		{"g", "block alice", lines("User alice has been blocked.")},
		{"g", "info", lines("Info: passing by")},
	})
}

func TestHelp(t *testing.T) {
	p := newStage(t, chat.GuestsRegister).guest()
	want := lines(
		"Commands supported ([] optional field, <> required field):",
		"  help [command]           # List the commands, or explain one.",
		"  register <user> [passwd] # Make an account. Without passwd it is asked for.",
		"  login <user>             # Become that user. The password is asked for.",
		"  who                      # List the users who are online.",
		"  status [user]            # Show what is known of a user, or of yourself.",
		"* info [text]              # Set what others read about you, or show it.",
		"* start <topic>            # Open a room, which you lead.",
		"  rooms                    # List the open rooms and who is in them.",
		"* join <room number>       # Come into a room and hear what is said in it.",
		"* leave <room number>      # Leave a room. If you lead it, it closes.",
		"* say <room number> <msg>  # Speak to the members of a room that you are in.",
		"* shout <msg>              # Speak to everyone who is online.",
		"* tell <user> <msg>        # Speak to one user alone.",
		"* block <user>             # Hear nothing more of a user.",
		"* unblock <user>           # Hear a user again.",
		"  quit                     # Leave the chat.",
		"  exit                     # Leave the chat, like quit.",
		"* needs an account: register <user>, then login <user>.",
	)
	got := p.does("help")
	for _, line := range want { // there may be more
		if !slices.Contains(got, line) {
			t.Errorf("help:\n%s\nlacks\n%s", strings.Join(got, "\n"), line)
		}
	}
	for _, line := range got {
		if strings.Index(line, " # ") > len("* ")+usageColumns {
			t.Errorf("help: %q breaks the column", line)
		}
	}
	for line, want := range map[string][]string{
		"help SAY": {"Usage: say <room number> <msg>", "Speak to the members of a room that you are in.",
			"If you are in one room only, you may leave its number out.",
			"Other words for it: speak", "It needs an account: register <user>, then login <user>.",
			"Example: say 0 hello, everyone"},
		"help unb": {"Usage: unblock <user>", "Hear a user again.", "Other words for it: unignore, ungag",
			"It needs an account: register <user>, then login <user>.", "Example: unblock mallory"},
		"help /who": {"Usage: who", "List the users who are online.",
			words.English.Help["who"].More,
			"Other words for it: users, online", "Example: who"},
	} {
		if got := p.does(line); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for _, name := range p.stage.registry.Names() {
		got := p.does("help " + name)
		if len(got) < 3 || !strings.HasPrefix(got[0], "Usage: "+name) ||
			!strings.HasPrefix(got[len(got)-1], "Example: "+name) {
			t.Errorf("help %s: %q", name, got)
		}
	}
}

func FuzzRun(f *testing.F) {
	for _, line := range []string{
		"", "who", "help", "help say", "say 0 hi", "say 0 \x1b[2J\u202e", "start \x00\x1b", "tell bob\x7f hi",
		"register a\x9b b", "block \u2028", "status \x1b",
		"join 99999999999999999999", "info \x07", "s\x1b", "leave 0", "login alice", "unblock x", "quit", "\xff\xfe",
		"registeR bob \x1b",
	} {
		f.Add(line, true)
		f.Add(line, false)
	}
	f.Fuzz(func(t *testing.T, line string, guest bool) {
		s := newStage(t, chat.GuestsRegister)
		p := s.user("alice")
		if guest {
			p = s.guest()
		}
		p.does("start tea")
		p.answers = []string{"secret", "secret", "secret"}
		out := p.does(line)
		out = append(out, p.does("status")...)
		for _, text := range append(out, p.asked...) {
			if chat.Clean(text).String() != text {
				t.Fatalf("%q prints %q", line, text)
			}
		}
		if from := s.registry.SecretFrom(line); from < 0 || from > len(line) {
			t.Fatalf("SecretFrom(%q) = %d", line, from)
		}
		from, words := s.registry.Complete(t.Context(), p.call(), line)
		if from < 0 || from > len(line) {
			t.Fatalf("Complete(%q) = %d, %q", line, from, words)
		}
		for _, word := range words {
			if len(word) < len(line)-from || !strings.EqualFold(word[:len(line)-from], line[from:]) {
				t.Fatalf("Complete(%q) = %d, %q", line, from, words)
			}
		}
	})
}
