// Package gmcp speaks the Generic MUD Communication Protocol: messages beside the text of a connection, each a name
// and a value in JSON, by which the client of a MUD fills its chat tabs. Telnet carries them as option 201.
//
// [Client] is what a client has said of itself, and [Client.Receive] takes its messages. [Text], [Channel] and [Player]
// are what it is told, in the form that Iron Realms gave the package Comm.Channel, which clients' scripts know; the
// package Char.Login, by which a client logs its user in, is Mudlet's. The package does no I/O; its types are not safe
// for concurrent use.
package gmcp
