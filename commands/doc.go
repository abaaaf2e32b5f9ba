// Package commands says what a line of input means: a table of commands, the parsing of their arguments, help and
// completion.
//
// Everything comes from the one table that [New] joins from the families (talk, rooms, people, …): dispatch,
// abbreviations, help, TAB completion, the check of arguments, and which words of a line are secret. A [Command] is a
// few lines: the words are checked by its usage, it calls chat, and says something back.
//
// A [Registry] is immutable and safe for concurrent use. A [Call] belongs to the goroutine that runs the command.
package commands
