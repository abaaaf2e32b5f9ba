// Package telnet speaks the Telnet protocol with whoever connects: bytes of the wire on one side; clean text, window
// size and terminal name on the other.
//
// [Decoder] takes the protocol out of a stream of bytes and [Negotiator] keeps the state of every option (RFC 1143);
// both are pure, they do no I/O. [Conn] joins them to a [net.Conn]: it finds out what kind of program is at the other
// end, hides passwords and marks prompts in the way that kind understands. [Handle] hands the connections of a
// [doors.Door] to a handler of github.com/reiver/go-telnet's kind. [Bare] makes a Conn of what that package's own
// server hands to a handler.
//
// # Kinds of peers
//
// A peer either edits its own lines and sends them whole (netcat, a MUD client) or sends every key at once and shows
// only what it is sent (telnet, PuTTY); see [Conn.EditsLines]. Conn opens with the single question DO TERMINAL-TYPE and
// lets the answer decide: silence and refusals mean lines, a MUD client's name means lines for good, any other name
// means that Conn offers ECHO and SUPPRESS-GO-AHEAD, and that both being accepted means keys. The offer is made only in
// [Conn.Settle], because clients mangle a line that is being typed while they switch. A peer that negotiates nothing
// never sees a second command.
//
// # Order
//
// Every call of Write or WritePrompt reaches the wire in one piece, in the order of the calls. An answer to a command
// of the peer follows everything that was written before the command was read: this is what a client relies on that
// sends DO TIMING-MARK to learn when old output has ended (RFC 860). Text is read in the order sent; what a command
// stands for in the text (Interrupt Process, Erase Character) keeps its place in it.
//
// # Concurrency
//
// Read, TryRead, AwaitInput, Settle with a wait, and HideInput belong to one goroutine at a time, the reader. All other
// methods may be called from any goroutine at any time. A Conn starts no goroutine, but for AwaitInput over a
// connection that can only be read, or has a deadline. A Conn takes its turn to write before its lock and holds neither
// while it calls back.
package telnet
