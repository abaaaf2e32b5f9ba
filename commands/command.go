package commands

import (
	"cmp"
	"context"
	"fmt"

	"parley/chat"
	"parley/chat/passwd"
	"parley/words"
)

// A Need says who may use a command.
type Need uint8

// What a command may need.
const (
	Nothing  Need = iota // everybody may, guests too
	Login                // it takes an account, or a server where guests may chat
	Operator             // it takes an operator; nobody else learns that there is such a command
)

// A Pace says how often a command may be used, so that nobody floods the others.
type Pace uint8

// The paces. A command of one pace does not count for the other. The zero value is Talk: whoever forgets the pace of a
// new command gets one that floods nobody.
const (
	Talk    Pace = iota // some hear it
	Shout               // everyone online hears it
	Unpaced             // nobody else hears it, or it is an operator's: there it goes without saying
)

// A Command is one row of the table. What users read of it is in [words.Table], under its name.
type Command struct {
	// Name is what users type, or a unique prefix of it, in any letter case.
	Name string
	// Aliases are other words for it, from other chat servers: whole ones, in any letter case. They are not completed.
	Aliases []string
	// Usage is the grammar of the arguments. It stands here, since Run asks for them by the names in it, and users read
	// it as a [words.Usage]. In "say <room number> <msg...>" are the name, <arguments>, [arguments that may be absent],
	// and ... where the last one takes the rest of the line. <on|off> must be one of these words, [-a] is this word or
	// nothing, [for <time>] is an argument with a word before it, or nothing, and (page) is a number from 1 or nothing,
	// of which users are told by the help and the output alone. {x} is [x] of which users are told by the help alone.
	// Of [for <time>] the for may be left out. [-a] may stand anywhere before what takes the rest.
	Usage string
	// Needs says who may use it.
	Needs Need
	// Pace says how often it may be used. Zero means Talk.
	Pace Pace
	// Secret is the number of the word from which on the line holds a password: it is never shown, and not kept in the
	// history. Zero means that there is none. The name is word 0.
	Secret int
	// Line is the number of the word from which on the line holds another one, which may hold a password. Zero means
	// that there is none.
	Line int
	// Live says that it is of no use where no server runs.
	Live bool
	// Extra says that one can do without it: it stands in the list of "help more", and what also begins the name of
	// another command means that one.
	Extra bool
	// ReadOnly says that it changes nothing that is stored.
	ReadOnly bool
	// ForOperators is what operators have instead of it, by the same words: its Name, Aliases and Needs go without
	// saying. Nil means the command itself.
	ForOperators *Command
	// Everybody, of a command in ForOperators, reports whether line, which follows the name, means what the command is
	// for everybody. Nil means that none does.
	Everybody func(ctx context.Context, c *Call, line string) bool
	// Amend, if not nil, fills in what goes without saying: it is given what follows the name, and returns what is
	// meant, which is then matched with the usage. A refusal it returns is told to the user. Of an operator's command
	// it must get along without Chat and Me, which the console does not have yet when it is asked.
	Amend func(ctx context.Context, c *Call, line string) (string, error)
	// Complete, if not nil, returns what the first argument may be, in the order in which the user is to see it: for
	// TAB. Words of the usage itself, such as -a, are completed anyway. It is called while the user types: it must only
	// look.
	Complete func(ctx context.Context, c *Call) []string
	// Run does it. A refusal it returns is told to the user; any other error is logged, and the user reads an apology.
	Run func(ctx context.Context, c *Call) error

	usage usage
	help  string // what its help is called in package words
}

// A Session is what a command may ask of the session that runs it.
type Session interface {
	// Ask asks for a secret, which is not shown while it is typed. It returns ErrCancelled if the user calls it off.
	Ask(prompt string) (string, error)
	// AskShown is Ask for what may be seen.
	AskShown(prompt string) (string, error)
	// Login turns the session into that of the user called name.
	Login(ctx context.Context, name, password string) error
	// Talk makes lines that are no commands go to t from now on, and shows that. Nil ends it.
	Talk(t *chat.Target)
	// InForce returns what a setting that the user has left open means at this terminal, and why: nil if it means the
	// same at all.
	InForce(setting string) (value any, why *words.Phrase)
	// Relook makes what was set take effect.
	Relook()
	// Encrypted reports whether nobody can read along between here and the user.
	Encrypted() bool
	// Picture shows text as a QR code, if the user has a screen for that.
	Picture(text string)
	// ServerName is what the server is called.
	ServerName() string
	// Guard keeps a password that the user has just chosen from being said.
	Guard(password string)
	// Delays reports whether what the user says is to wait, so that it can be taken back; Delay makes it wait, after
	// which it is sent by [Call.Send].
	Delays() bool
	Delay(s Speech)
	// Refused returns what was refused last, or nil.
	Refused() error
	// FirstRoom reports whether it is called for the first time since the user came: a user who joins a room reads then
	// what is kept of it.
	FirstRoom() bool
	// Follow notes the line that shows what comes next of a list that was cut; Following returns it, "" if there is
	// none.
	Follow(line string)
	Following() string
	// Pause makes what others say wait, until it is told to go on. It returns false if it was so already.
	Pause(on bool) bool
	// Checkup asks what the terminal sends, and keeps that.
	Checkup(ctx context.Context) error
	// Quit ends the session after the command.
	Quit()
}

// Talking is where plain lines go: see [Session.Talk].
type Talking struct {
	To chat.Target
	// Over says that it has ended by itself, and that what is entered next may still have been meant for it.
	Over bool
}

// A Call is one use of a command.
type Call struct {
	Chat    *chat.Node
	By      chat.Actor     // who uses it
	Me      *chat.Presence // the same, who has a session; nil at the console
	Session Session        // nil at the console, and for a command beside a session: see [Registry.RunBeside]
	// Talking says where plain lines go; nil means nowhere.
	Talking *Talking
	// Mark recognises the user's own password; nil where it was not typed.
	Mark *passwd.Mark
	// Print shows a line of text to the user.
	Print func(line string)
	// Words has the sentences that the user reads. Nil means English.
	Words *words.Table
	// Reader says that the user hears what others see: see [words.Form].
	Reader bool
	// Width is how many columns a line has; zero means that there is no limit.
	Width int
	// Wait waits until a command of that pace may be used again, and so many bytes may be said; nil means that there is
	// no need to. What it returns is the error of Run.
	Wait func(ctx context.Context, p Pace, bytes int) error

	registry *Registry
	command  *Command // the one that runs
	args     []string // as they stand in its usage; empty where absent
	expanded bool     // what runs is the line of an alias
}

// Arg returns the argument of that name in the usage, or "" if it is absent. It panics if the usage has no such
// argument: a slip of the pen must not pass for a user who left it out.
func (c *Call) Arg(name string) string {
	i := c.command.usage.index(name)
	if i < 0 {
		panic(fmt.Sprintf("the usage %q has no argument %q", c.command.Usage, name))
	}
	return c.args[i]
}

// Text returns the argument of that name, as [Call.Arg] does, as text for others to read.
func (c *Call) Text(name string) chat.Text { return chat.Clean(c.Arg(name)) }

// sayUnheard is Say to a user who has no session in which everybody is told that.
func (c *Call) sayUnheard(code string, args ...any) {
	if c.By == chat.AtConsole() {
		c.Say(code, args...)
	}
}

// Say shows the sentence of that code to the user: see [words.Table.Say].
func (c *Call) Say(code string, args ...any) { c.Print(c.Table().Say(code, args...)) }

// Table returns the sentences that the user reads.
func (c *Call) Table() *words.Table { return cmp.Or(c.Words, words.English) }

// explain shows a text that explains something: see [words.Unsung].
func (c *Call) explain(text string) {
	if c.Reader {
		text = words.Unsung(text)
	}
	c.Print(text)
}

// refuse shows why not.
func (c *Call) refuse(err error) { c.Print(c.Table().Sentence(err)) }
