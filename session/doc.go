// Package session is one person at one terminal, from the greeting to the goodbye: keys, the line editor, history,
// completion, the prompt, and events turned into what the screen shows.
//
// A [Server] holds what all sessions share, and starts one for each [Terminal]. An [Editor] turns input into lines: for
// terminals that send every key it decides what a key means and lets github.com/chzyer/readline edit; for peers that
// edit their lines themselves, and for passwords, it only collects. A [Screen] says which bytes bring a terminal from
// what it shows to what it should show. A [Session] is the loop that joins them to package commands.
//
// # Turns
//
// A terminal has one owner at a time: whoever has the session's turn edits and draws. The session itself has it except
// while it waits for input or for its pace. Events that come in that time are shown by the deliverer. It works in
// passes: what is said during a pass goes out in the next, and each session gets all that is in its mailbox in one
// write. Where the terminal does not take that at once, a goroutine of the session waits for it, with the turn. If the
// turn is taken the deliverer goes on, and the session calls for it again when it gives the turn up. Events that come
// while a command runs are shown after its answer.
//
// A session makes a pass when its input is used up, before it writes its own answer: on its own goroutine if few
// sessions are to be visited, else on the deliverer's. So what others see is a function of what was said. Events from
// elsewhere (the console, a timer) start a pass at once. Nobody but the session ever waits for its terminal.
//
// Speakers wait for the end of a pass once 64 KiB were said since it began. So a session that reads never has more in
// its mailbox than was said in two passes: half of what fits, and the lines that were being said at that moment.
//
// # The loop
//
// A session finds out who is there, and then rests, attends to what has come, and rests again. Only a question (a name,
// a password) reads inline. While it rests at the command line it is no goroutine: it has no stack, no buffer and no
// timer. When there is input its terminal calls for a worker, a goroutine whose stack has grown already. See
// [TryReader].
//
// # Limits
//
// Whoever lets a visitor in decides about that, and learns by a [Pass] what becomes of it. What one session says to
// others is paced, not refused: while a command waits for its pace (see [commands.Pace]), the session reads ahead up
// to a bound, so that an interrupt calls off what has not been said. It shows what others say, and ends at once when
// told to.
package session
