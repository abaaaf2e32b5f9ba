// Package chat is the domain of Parley: users, rooms, members, leaders, blocks, who is online and who hears what. It
// has every rule and every refusal, and knows nothing of sockets, terminals or databases.
//
// A [Node] is one running Parley. It needs two things, each a small interface with an implementation in memory here: a
// [Store] for the records that outlive it, and a [Desk]. The rules of a room are pure functions of the [Room] record;
// the node reads, decides, writes and tells. An [Event] says what happened and a [Refusal] why not, as data: the
// sentences are in package words, and package session draws them.
//
// Beside it stand packages with one subject each: record keeps records, held is a table in memory that is saved, export
// is the form of exported accounts, passwd hashes and judges passwords, totp makes one-time codes, pubkey reads the
// keys of SSH, budget counts what may be done how often, and chattest has the contracts of the two interfaces.
//
// # Where to begin
//
// Who is online: user.go, entry.go, presence.go, online.go for coming and going, and hold.go for a lost connection.
// Rooms: room.go and room_govern.go, whose rules are pure; rooms.go and govern.go, by which users come to them. Who
// hears what: event.go, talk.go, desk.go, bus.go with audience.go, and at the listener mailbox.go and blocked.go. What
// all have in common: ledger.go, op.go and ledger_desk.go, then memorydesk.go, order.go and orders.go. Accounts:
// account.go, prove.go and login.go. Operators: actor.go, operator.go and sanction.go. Each other file is one story,
// which its name tells; node.go puts them together.
//
// # Nodes, the desk and seats
//
// One Parley may run on several machines at once. The users notice nothing of that: alice, who is connected to one
// machine, talks to bob at another one.
//
//	alice   bob        carol   dave
//	   \    /             \    /
//	   node a             node b        users, mailboxes, blocks
//	        \             /
//	          --- desk ---              who is online, rooms, the order of events
//	                |
//	              store                 accounts, bans, mutes
//
// A node is one of the running programs. It has the connections of its own users, and for each user a [Presence]: the
// mailbox, the blocks, the count of lines. Think of the nodes as the rooms of a large hotel.
//
// Some things there must be once, however many nodes there are: only one user is called alice, only one room has the
// number 3, and what is said in it has one order. These things are at the desk, of which there is one, as in the
// hotel's lobby. Each node has a view of it, the [Desk] in its options. What the desk knows is a [Ledger], and
// everything that changes it is an [Op], a small piece of data. Where there is one node the ledger is beside it, and
// the operations are done as they come. Where there are several, each view holds a full copy, and all copies get the
// same operations in the same order. So they stay the same, and to look something up costs no message. What gives the
// operations their order is not the business of this package.
//
// A seat is a user's place on a node: the [Entry] at the desk says which. There is never more than one for a name. When
// a user logs in on another node, the seat moves: from one point in the order on the new node hears what the old one
// has heard until then, and what was not read yet is handed over. So the user reads everything once, in order.
//
// What concerns a user's mailbox or blocks, only the user's own node can do. To ask for it there is the [Order]:
// deliver this, send that user away, this ban holds from now on. Orders have their place in the same order as
// everything else. When [Desk.All] has returned, each node that is alive has done it: so a kick, a ban, a mute, a role
// or a new password is in force everywhere when the operator reads the answer.
//
// A node that dies is gone for good; when the same machine comes again it is another node, with another name. At one
// point in the order, the same for all, its users leave their rooms as if they had quit: [OpGone]. A desk of
// several nodes may itself move from one machine to another. Each time that it does, an epoch begins: a number that
// only grows. Whoever still works in an older epoch, because it slept, is told so and changes nothing. Node and chat
// see neither epochs nor elections: a node that cannot reach the others gets [ErrNoDesk], tells the user so in one
// sentence, and has done nothing.
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
// What one session says arrives in the order said, whatever the topics. The members of a room all see one order of what
// is said in it, on all nodes; so do all who are online of what is shouted. What two users say to different topics may
// be heard in different orders by different people. To come into a room, or to leave it, and the telling of that are
// one step: a member knows at any time who else is there, nothing is missed from the first moment on, and nothing is
// heard after the last one. See [Desk].
//
// # Delivery
//
// When the call returns that caused an event, it is in the mailbox of everybody on the node that called: one's own line
// is there before the next prompt. On other nodes it may be there a little later. A tell is answered by the other one's
// node: delivered, blocked, or not online. A mailbox never makes anybody wait: it takes an event at once, or, once 256
// KiB wait in it, its session is ended with [ErrTooSlow]. Blocks are looked at when an event is put into a mailbox, and
// again when it is taken out: once [Node.BlockOn] has returned, nothing of the other one's is read any more.
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
// All exported functions are safe for concurrent use. Locks nest in one order: that which a [Desk] in memory holds
// while somebody moves to another node; the locks of topics, of several in the order of their names; then either those
// of the bus's tables and the ledger's, which are held across no call, or that of a mailbox or a presence, likewise. A
// topic's lock is held while its listeners hear. Beside these, a user's moves (coming, going, changing rooms,
// connections, blocks or role) wait for each other, and for nobody else's.
package chat
