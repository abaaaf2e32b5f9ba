// Package telnettest has what tests of a telnet server need in place of a network, a terminal and a person.
//
// [Pipe] and [Listen] give connections in memory that behave like TCP and work in the bubbles of testing/synctest. A
// [Screen] is what a terminal shows. A [Client] is a person at a terminal who runs a certain program, such as telnet or
// netcat: it negotiates, echoes and sends keys as that program was measured to do. [Words] and [Bytes] spell the wire.
//
// The package imports nothing of the server it tests, so that the two know the protocol independently.
package telnettest
