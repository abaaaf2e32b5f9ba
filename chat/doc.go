// Package chat is the domain of Parley: users, rooms, members, leaders, blocks, who is online and who hears what. It
// has every rule and every refusal, and knows nothing of sockets, terminals or databases.
//
// A [Node] is one running Parley. It needs two things, each a small interface with an implementation in memory here: a
// [Store] for the records that outlive it, and a [Desk], which has what there is once on however many nodes: who is
// online, which rooms are open, and who hears what in which order. The rules of a room are pure functions of the [Room]
// record; the node reads, decides, writes and tells. An [Event] says what happened and a [Refusal] why not, as data: the
// sentences are in package words, and package session draws them.
//
// A [Presence] is a user who is online on this node: the mailbox, the blocks and the count of lines. The connection the
// user sits at is a [Receiver], and when the user logs in from elsewhere only that is replaced. What others may know of
// a user who is online is an [Entry], a value, which the node hands to the desk whenever it changes. What only the
// user's own node can do it is asked for by an [Order].
//
// Beside it stand packages with one subject each: record keeps records, held is a table in memory that is saved, export
// is the form of exported accounts, passwd hashes and judges passwords, budget counts what may be done how often, and
// chattest has the contracts of the two interfaces.
//
// # Operators
//
// Operators are users whose account says so, and the console. What they do are methods of the node that take an
// [Actor]: the node checks that this is an operator, lets one act at a time, and keeps a [Deed] in the audit log. Bans
// and mutes are a [Sanction] each: in the store, and in a table in memory that logins and speakers look at. When one
// ends is stored by the clock on the wall and resumed by that when the server starts; while it runs, only the monotonic
// clock counts, so that to set the clock changes nothing. Whom an operator sends away is offline, out of all rooms,
// when the call returns, and reads nothing more but why.
//
// # Order
//
// What one session says arrives in the order said. The members of a room all see one order of what is said in it; so do
// all who are online of what is shouted. What two users say to different topics may be heard in different orders by
// different people. A user is a listener before being a member, and no longer a member before the others are told.
//
// # Delivery
//
// An event is put into each mailbox before the call that caused it returns. A mailbox never makes anybody wait: it
// takes an event at once, or, once 256 KiB wait in it, its session is ended with [ErrTooSlow]. Blocks are looked at
// when an event is put into a mailbox, and again when it is taken out: once [Node.Block] has returned, nothing of the
// other one's is read any more.
//
// # Limits
//
// Guesses at passwords are bounded by source, by account and by both; a source that an account's owner has used before
// has a bound of its own for that account, which nobody elsewhere can use up. A guess over the bound gets the answer of
// a wrong password, after the same time, and no hash is computed. Registrations are bounded by source. What is
// remembered for that is bounded too: 65,536 keys of each kind, and nobody is remembered for longer than an hour. Times
// are differences of the monotonic clock.
//
// # Concurrency
//
// All exported functions are safe for concurrent use. Locks nest in one order: a topic's
// own, then the bus's tables, the ledger's and the mailbox's; a topic's lock is held while its listeners hear, and they take their mailbox's and their presence's
// lock, which are never held across a call to anything else. Beside these, a user's moves (coming, going, changing
// rooms, connections, blocks or role) wait for each other, and for nobody else's.
package chat
