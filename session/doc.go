// Package session is one person at one terminal, from the greeting to the goodbye: keys, the line editor, history, completion, the
// prompt, and events turned into what the screen shows.
//
// A [Server] holds what all sessions share and serves one [Terminal] per call. An [Editor] turns input into lines: for terminals that send
// every key it is github.com/chzyer/readline behind a decoder of our own; for peers that edit their lines themselves it only collects; a third
// one takes passwords. A [Screen] says which bytes bring a terminal from what it shows to what it should show. A [Session] is the loop that
// joins them to package commands.
//
// # Turns
//
// A terminal has one owner at a time: who has the session's turn edits and draws. The session itself has it always but while it
// waits for input or for its pace. An event that comes in that time calls a courier: one of few goroutines that visit the sessions called for, one after the
// other. The courier takes the turn and shows all that is in the mailbox in one write; where the terminal does not take that at once, a goroutine of the
// session's own waits for it, with the turn. A courier who finds the turn taken goes on, and is called again when it is given up. What comes
// while a command runs is shown after the command's answer. Nobody but the session ever waits for its terminal: who has an event for it
// puts it into the mailbox, which never blocks.
//
// A session at which nobody types is one goroutine with a small stack, no buffer and no timer. What goes deeper, commands above all, is done in a
// goroutine that lives only as long as that takes.
//
// # Limits
//
// A [Gate] refuses connections before anything is shown to them: by chance when many are not logged in, and because of their source when that has too many,
// or too many that came to nothing. What one session says to others is paced, not refused: while a command waits for its pace (see
// [commands.Pace]), the session reads nothing, shows what others say, and ends at once when told to.
package session
