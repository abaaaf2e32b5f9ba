// Package words has the sentences that users read, as one [Table]. It knows nobody else in the house.
//
// Package chat says what happened, and why not, as data: a kind or a code, and what belongs into the sentence. Whoever
// draws it looks up the sentence here. Another language is another Table.
package words
