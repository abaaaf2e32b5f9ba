// Package words has the sentences that users read, as one [Table]. It knows nobody else in the house.
//
// Package chat says what happened, as data; whoever draws it looks up the sentence here. Another language is another Table.
package words
