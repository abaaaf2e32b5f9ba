// Package order lets a few processes on different machines do the same things in the same order. It knows nothing of a
// chat: what is done is a handful of bytes to it, an operation ([Op]), and a [Machine] does it.
//
// # What it is
//
// Think of some people in different houses who all keep the same diary, and who can only send each other letters. If
// everybody just wrote, the diaries would soon differ. So one of them, the desk, gives every entry its number, and
// everybody writes the entries down by number. Whoever has something to write sends it to the desk ([Replica.Submit])
// and waits until it comes back with a number.
//
// Each of these people is a [Replica]. That is all there is to it, as long as the desk lives and all letters arrive.
// What remains are the rules for when they do not.
//
// # What is applied is never taken back
//
// An operation is applied only where it is known that a majority of the replicas has it: two of three. With three
// replicas a follower may apply what the desk sends at once, because the desk and itself are two; the desk waits for
// the first answer. Two majorities always share a replica. So whoever asks a majority learns of everything that was
// ever applied anywhere, and those who are cut off from a majority apply nothing at all: there is one order, and never
// two.
//
// # When the desk is gone
//
// Time is cut into epochs, and each has one desk. To become the desk, a replica that has heard nothing for two seconds
// asks the others whether they hear nothing either. If a majority does not, it takes the next epoch: the [record.Store]
// that all share gives each epoch to one replica, for ever. Then it asks the others to promise that they follow nobody
// of a lower epoch, and to say what they have. With a majority of promises it knows all that was ever applied; it
// brings the others to where it is, and begins. A replica that comes late is brought up in the same way, with the
// operations that it missed or with a snapshot of the state.
//
// Nothing is on disk but the number of the epoch and how often each replica has started. A replica that has started
// again remembers nothing, and so it is not counted among those that know everything until it has been brought up. When
// a majority has lost its memory within moments, nobody can know whether something is missing: then the order goes on
// with what is left, after ten seconds, and says so ([Op.Lost]).
//
// # In touch, gone, fenced
//
// The desk speaks every half second, and everybody answers. Each message carries the clock of its sender, which the
// answer repeats, so that a replica knows how old its last touch with the other one is, even if it had been stopped and
// finds old letters. A replica that was not in touch for a second and a half is fenced: it applies nothing, and it
// refuses what is submitted ([ErrFenced]). After two seconds the desk says that it is gone. That is an operation too
// ([Gone]), so it has a number, and everybody lets go of the other one's people at the same moment. If it comes back,
// it has another life.
//
// # What Submit promises
//
// When it returns without an error, the operation has been applied here. [ErrFenced] and [ErrBusy] mean that it never
// will be. [ErrUnknown] means that nobody knows; the package never submits anything twice, and what the network
// delivers twice is numbered once. An operation that was submitted after another one had returned, wherever, has a
// higher number.
//
// # Bounds
//
// One goroutine owns the state of a replica, and ends with [Replica.Close]. Nothing waits for a slow replica: it gets
// up to 1,024 operations or 256 KiB ahead of what it has acknowledged, and if it misses more than the last 4,096
// operations or 8 MiB, a snapshot. Up to 4,096 submissions wait at a replica, and up to 2,048 numbered operations for a
// majority.
package order
