// Package web is the door for browsers: one page, and a WebSocket (RFC 6455) that carries a session.
//
// [Site.Open] serves a connection as HTTP until it asks for a WebSocket, which is then a [Conn]: bytes of telnet in
// messages, for package telnet to speak over, whatever subprotocol was chosen (see [Subprotocols]). So whoever comes by
// the page has the same session, negotiated in the same way, as whoever comes by telnet.
//
// A Conn is a [rawconn.Conn]: one at rest has neither a goroutine nor a buffer, and writing to it can be tried without
// waiting. That is why frames are read and written here, and not by github.com/coder/websocket, which needs a goroutine
// for each connection and ends one whose write was given up. Tests have that package as the independent peer.
//
// # Concurrency
//
// A Site's methods are safe for concurrent use. Of a Conn, one goroutine reads and one writes at a time; [Conn.Ping],
// [Conn.EndsBy], Close and the deadline methods may be called from any.
package web
