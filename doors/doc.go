// Package doors is what every listener needs, whatever is spoken through it: it accepts connections, decides who comes
// in, and ends them all when the server stops.
//
// A [Server] accepts. For each connection it asks the [Gate], which all doors share, and hands what is let in to the
// [Door] of the listener, with a [Pass]. The pass is how the gate learns what becomes of the visitor: that something
// was heard, that a password was wrong, that somebody logged in. [Recognize] finds out by the first bytes whether a
// visitor speaks a protocol that is not spoken here.
//
// # Concurrency
//
// Nothing in the loop that accepts waits for a peer: refusals are told by goroutines of their own, of which there are
// few at a time, and a connection beyond those is closed in silence. A connection needs a goroutine only while its Door
// is at work: on Linux a socket at rest has none. [Server.Shutdown] waits for all connections as long as its context
// says, [Server.Close] for ever. A panic in a Door ends its connection alone.
//
// A Gate's methods, a Pass's methods and a Server's methods are safe for concurrent use, but for [Pass.Heard], which
// belongs to whoever reads the connection. The Gate calls nobody while it holds its lock.
package doors
