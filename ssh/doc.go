// Package ssh is the server's side of SSH for who wants to talk: terminals, and single commands, and nothing else that
// SSH can do.
//
// [Accept] shakes hands with a peer whom a [Guard] lets in, and returns a [Conn]. [Conn.Start] gives the one session
// that the peer may have to a [Handler]: a [Terminal] where a shell is asked for, or a command to run. Forwarding,
// agents, X11 and subsystems are refused. It offers the algorithms of config.go alone, never the defaults of the
// library below.
//
// # Bounds
//
// All of a handshake, up to the request for a shell, happens by the deadline that is set for the network connection. Of
// what a peer sends a terminal, [MaxAhead] bytes are kept before they are read; then nothing more is read from the
// network until they are. What is no input has a pace, and nothing is read while the peer does not take what is written
// to it; but where a write waits for the peer's window, some megabytes are read on, of as many peers as Options.Relief
// says, because a peer that reads says so behind what it has sent. A peer is left that asks for new keys more often
// than that is ever of use, sends longer packets than anybody has to take, or what only a server may send, or takes
// nothing for ten seconds, or for a minute while it sends.
//
// # Concurrency
//
// Two goroutines of ours wait for each connection: for what happens to it, and for input. Both end when the network
// connection is closed. The library has three more. A Terminal keeps the contract of
// [parley/session.Terminal]: one goroutine reads, and Write and the deadline methods may be called from others.
package ssh
