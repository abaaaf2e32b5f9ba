// Package cluster lets several nodes serve one chat: a [View] is a [chat.Desk] that all of them share.
//
// # In plain words
//
// A node is one running Parley. Each has its own users, with their connections and mailboxes. What must be there once,
// such as who is called alice or who is in room 0, stands in a ledger ([chat.Ledger]), and every node has a copy of it.
// The copies stay the same because the same is done to all of them in the same order. Package order sees to that: one
// of the nodes, the desk, numbers what is to be done, and all do it by number.
//
// Somebody says something in room 0. Her node writes that down as an operation ([chat.Op]) and hands it in. It comes
// back to every node with a number. Each does it: it looks into its ledger for who is in the room, and lets those hear
// who are its own. When her own node has done it the call returns, so her line is there before her next prompt.
// Everybody hears all lines in the order of their numbers.
//
// A seat is somebody's place at a node. When the user logs in at another node, the seat moves: that too is an
// operation, and so everything before its number is heard at the old node, and everything after it at the new one. The
// old node sends what had not been read yet. Such questions to one node are orders ([chat.Order]). They have a number
// like all else, and the answer comes back beside the order, by letter; who gets none asks again.
//
// # When something breaks
//
// A node that dies is declared gone within two seconds or so, by an operation: at one moment its users leave their
// rooms, and the rooms that they led close, on all nodes. If it was the desk, another node is the desk half a second
// later. What is submitted meanwhile either waits, or returns [chat.ErrUnsure] after two seconds.
//
// A node that cannot reach the others tells its users so, after one and a half seconds, and says [chat.ErrNoDesk] to
// whatever would change something. What can be read is read from its copy. If it can reach them again before it is
// declared gone, nothing is lost. If not, its users are no longer online, and their connections end: they log in again.
//
// A node that was slow, and missed more than the others remember, gets a copy of the ledger, and tells its users how
// many lines were lost.
//
// The network is in package wire, and what the nodes store in package stream. Nothing here is on disk. Of the
// [record.Store] that all nodes share, a node needs to start, and to become the desk.
//
// # Two versions side by side
//
// Nodes say which version of the operations they understand ([chat.OpsVersion]), and the order tells all of them when
// one comes up. An operation says which version it needs ([chat.Op.Needs]). As long as a node is up that is of an
// earlier one, all nodes refuse it with [chat.ErrOldNode], so no ledger changes. A node that was gone meanwhile, and
// finds that the others have done what it does not understand, stops with ErrOld of package order: it says nothing
// that would be wrong, and nothing is lost, for the others have it. Fields of messages that a node does not know it
// passes over.
//
// # Bounds, and goroutines
//
// One goroutine of package order does all operations of a node. Two more work off what nobody waits for: a user has
// quit while the others could not be reached (the janitor), or has to be sent away (the porter). One waits for each
// order that takes long. All end with [View.Close]. Up to 65,536 such chores wait, and the last 4,096 answers are kept
// for who asks again: one with a seat for ten seconds, since what its user has heard is in it.
package cluster
