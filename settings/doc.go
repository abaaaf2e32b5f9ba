// Package settings is the table of what users may set: one row for each setting, with its values and its default. What
// users read of it is in package words. It knows nobody else in the house, and says nothing about what a setting does.
//
// What a user has set is a [Values], which package chat keeps in the account. What is not in it has its default.
package settings
