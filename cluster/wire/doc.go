// Package wire is the network between the nodes of a Parley: core NATS, by which each node reaches all others through
// whichever NATS server it is connected to.
//
// [Connect] makes the connection of a node, a [Wire]. Its [Wire.Link] carries the messages of package order. What gets
// lost on the way (a server that dies, a node that is slow) is lost: the order heals that by itself, and much sooner
// than a queue that fills while nobody listens. So nothing is kept for a server that cannot be reached, and nothing is
// sent twice.
//
// # Subjects
//
// With the prefix "parley" and the nodes a, b and c:
//
//	parley.order.a.b     messages of the order to a from b
//	parley.inbox.a.>     answers to what a asks NATS
//
// # Bounds, and goroutines
//
// Two goroutines belong to a Wire beside those of the NATS client, one that sends and one that NATS calls with what
// arrives. Up to 4,096 messages or 64 MiB wait to be sent, and as many that have arrived wait for the order; what does
// not fit is lost. A message that is longer than NATS takes at once travels in parts, and up to 16 such messages, of 64
// MiB in all, may be on their way to a node. All ends with [Wire.Close].
package wire
