// Package stream keeps what several nodes store: a [chat.Store] whose writes have one order for all nodes, and which
// each node can read on its own.
//
// # In plain words
//
// All writes stand in one stream in NATS JetStream, one behind the other. The place in the stream is the number of the
// write, and also the revision of the record. Whoever writes says which revision of the record was read; JetStream
// takes the write only if that still is the last. So of two who change the same record at the same moment one is told
// that the other was first.
//
// Each node has a replica, a [db.DB] in its data folder, and does there what the stream says, number by number. It
// reads from there alone: reading is as quick as on a single machine, and goes on when no NATS server can be reached.
// All replicas are the same at the same number, so a backup of any of them is a backup of all.
//
// # What a write promises
//
// Put and Delete return when a majority of the NATS servers has the write on disk, this node's replica has it, and
// every other node that lives has it too: so whatever a node does later sees it. A node that does not keep up (its
// disk is full) does not hold up the others: it notices by itself, and refuses to read after two seconds, so that
// nobody logs in there with an old password.
//
// What has no answer from JetStream is sent again under the same number of the call, which JetStream takes once. If
// there is none for three seconds, it is [record.ErrMaybeSaved]: nobody knows. If the servers were never reached it is
// [record.ErrUnreachable]: nothing was written.
//
// # What NATS forgets
//
// JetStream has lost streams that it had acknowledged. So the replica is a witness too: a node does not start, and a
// node that runs writes nothing more, when the stream knows less than its replica ([ErrForgot]), or is another one
// ([ErrOther]). Found makes a new stream from a backup.
//
// The stream keeps the last write of each record, and of a deleted one that it is deleted: 100 bytes or so. Each node
// looks at all of that when it starts.
package stream
