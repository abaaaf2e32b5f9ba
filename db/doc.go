// Package db is Badger behind [chat.Store]: a bucket is a key prefix, a revision is Badger's own version of the item.
//
// [Open] opens a folder, [DB] is the store in it. [OpenView] reads a folder's journal into memory, and [Check] looks at
// all of a folder; neither leaves a trace in it. A write that was acknowledged survives kill -9 and power failure, and
// never gets lost or altered in silence: either all acknowledged records are there, or Open says why not.
//
// # The folder
//
//	journal   every acknowledged write, in order
//	badger/   the records, for reading
//	seal      what both must look like; only there while the store is closed
//	mark      the number of the last acknowledged write
//	ballast   room on the disk, kept for closing
//	lock      locked while a process has the folder open
//	*.damaged-N  what Open could not use and has replaced
//
// # Why a journal
//
// Badger cannot be asked whether it still has everything. A flipped bit in a memory table's log ends the replay of that
// log, a table with a wrong checksum is left out, and Badger opens without an error; other flipped bits make it panic
// in a goroutine of its own or call log.Fatal, which nobody can catch. So Badger only ever gets to read files that are
// known to be, byte for byte, as it left them, and what it holds is a copy of what the journal holds.
//
// An entry of the journal has its length with a CRC, the operation, the number, bucket, key and value, and the SHA-256
// over all that and over the hash of the entry before. The number is the revision, and Badger is opened in its managed
// mode so that it is Badger's version too, also when Badger is made anew. The journal begins with a snapshot: the
// records of some moment, and an entry that counts them. When it has grown to four times its snapshot, and 1 MiB, it is
// rewritten as a snapshot alone, entry by entry from itself, not from Badger.
//
// A store that is a replica of another ([DB.Follow]) takes the numbers of that one. Where the other has dropped writes
// that later ones made pointless, an entry says that their numbers are skipped.
//
// # The order of a write
//
// One goroutine, the writer, takes all writes that have queued up, compares their revisions, appends them to the
// journal, syncs it once, writes them to Badger, sets the mark and answers. A kill between the journal and Badger
// leaves writes in the journal that nobody was told of: they count, as a write without an answer may. There is no order
// of events in which Badger or the mark knows of a write that the journal does not, and if Badger fails between the two
// nothing more is written before it has caught up. Readers ask Badger, so they see a write only when it is on disk.
//
// # What Open does
//
// Open reads the whole journal, the seal, the mark and, if there is a seal, the checksums of all Badger's files.
//
//   - Journal and Badger are as sealed: both are opened, after the seal has been removed. Should Badger, all the same,
//     not have the records of the journal, at the revisions of the journal, it is made anew, as below.
//   - There is no seal, so the process was killed: Badger is made anew from the journal, since nothing proves its
//     files. The accounts of a chat server are few, and this takes about as long as reading them.
//   - Badger's files are not as sealed, or the seal is unreadable: they are kept aside and made anew from the journal.
//   - The journal is damaged or has lost its end, but Badger's files are as sealed, and sealed after the last
//     acknowledged write: so Badger is provably complete. The journal is kept aside and made anew from Badger.
//   - In any other case acknowledged records might be missing: ErrDamaged, and nothing is touched. So also if the
//     journal itself is missing.
//
// All mending is logged as a warning. After a clean close, therefore, damage to any one file is mended; after a kill,
// damage to the journal is refused and all other damage does no harm.
//
// # A torn end, or a damaged one
//
// A kill can leave the beginning of an entry at the journal's end, which was never acknowledged and is cut off. Damage
// must not look like that. A torn entry is one of which only the beginning is there: a changed byte in an entry that is
// there in full does not shorten the file, and breaks the hash; a length changed so that the entry would reach beyond
// the end breaks the CRC of the length. A power failure may also leave later sectors of an entry without earlier ones:
// a sector of zeros behind the last whole entry counts as torn too. If the end is really gone, the mark tells: it is
// overwritten in place, unsynced, after the sync of the journal, so after a kill it is exact and after a power failure
// at most behind. Ending before the mark, or before the seal, means that something acknowledged has been lost.
//
// # A full disk
//
// Badger writes through memory maps of sparse files; where the disk has no page for one, the process dies of SIGBUS. So
// every mapped file that lives on is allocated in full before it is written to, and a group of writes is taken only
// while Options.MinFree bytes are free, which is more than Badger can ask for until the next group is looked at. (Its
// tables it creates and fills in one go, so that for them there is only the free space. Someone else would have to eat
// all of MinFree within milliseconds.) The journal is an ordinary file, comes first, and gets the error that a full
// disk ought to give: [chat.ErrDiskFull]. The ballast is let go when the store closes, so that Badger can write its
// last table.
//
// A folder on a disk that takes nothing when it is opened, because it is full or read-only, stays as it is found. Its
// records are read from the journal into a Badger in memory, and writes are refused. Before each refusal the store
// looks whether the disk takes something by now, and if so it opens the folder as usual.
//
// # Badger's options
//
// Memory tables of 1 MiB, no caches and no compression keep a process with an open store at some 15 MiB. Values stay
// below the threshold of the value log, which so remains empty and needs no collection. Badger's compactors would wake
// up 40 times a second; there are none, and the writer compacts when level 0 has four tables. It is the only goroutine
// of this package; Close waits for it.
package db
