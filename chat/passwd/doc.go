// Package passwd is about passwords: the one form in which they are compared, which new ones are taken, and their
// hashes.
//
// It knows neither users nor sessions, and says nothing to anybody: its errors and advice are for package chat to word.
// All of it is safe for concurrent use.
package passwd
