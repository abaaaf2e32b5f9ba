// Package words has the sentences that users read, as one [Table]. It knows nobody else in the house.
//
// Package chat says what happened, and why not, as data: a kind or a code, and what belongs into the sentence. Whoever
// draws it looks up the sentence here. Another language is another Table.
//
// Each command that a sentence tells somebody to type has {/} in front: who talks without commands reads "/quiet off"
// there, and an operator in the shell "parley bans". The texts of help show commands without it.
package words
