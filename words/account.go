package words

// accounts are what users read who change something of their accounts: see [join].
var accounts = map[string]string{
	// Refusals, by the code of package chat.
	"no own account": "Guests have no account. To make one, type: {/}register <user>",
	"wrong password": "That does not open your account. Nothing was done.",
	"proof gone":     "Your password was changed meanwhile. Nothing was done: log in again.",
	"needs code":     "The account takes a one-time code too.",
	"wrong code":     "That code is wrong, used or too old. Nothing was done.",
	"totp on":        "One-time codes are on already. To end them, type: {/}totp off",
	"totp off":       "One-time codes are off. To have them, type: {/}totp on",
	"no totp":        "User %s has no one-time codes.",

	"name rests": "Nobody can have the name %s before %s: it was given up, or looks like one that was.",
	"forgotten":  "Your account is deleted.",

	// The end of an account.
	"forget what": "This deletes the account %s: password, one-time codes, letters, settings, aliases, blocks, and " +
		"how far you have read. It cannot be undone.",
	"forget not": "What you have said to others, your letters to them, your reports, and what operators have on " +
		"record stay.",
	"forget name":   "Nobody can have the name for %d days.",
	"ask to forget": "Enter your password to delete the account: ",

	// A password.
	"ask present":      "Enter your present password: ",
	"ask new":          "Enter a new password: ",
	"ask new again":    "Enter the new password again: ",
	"choose new":       "That code lets you in once. Choose a new password first.",
	"password changed": "Your password has been changed.",

	// By an operator.
	"reset code": "Code for %s: %s. It opens the account once within %s, in place of the password. A new password is " +
		"asked for then.",
	"reset disabled": "The account is disabled, and stays so: the code is of no use until it is enabled.",
	"totp stopped":   "One-time codes of %s are off.",

	// One-time codes.
	"ask code":        "Enter a one-time code: ",
	"ask code to end": "Enter a one-time code or a recovery code: ",
	"ask first code":  "Enter the code that the app shows: ",
	"totp secret":     "Put this secret into the app that makes your codes:",
	"totp link":       "Or open this link on your phone:",
	"totp line":       "%s",
	"totp plain":      "This connection is not encrypted: whoever can read along has the secret too.",
	"totp try again":  "That code is wrong. Wait for the next one. The clock of your device must be right.",
	"totp started":    "One-time codes are on. Without encryption, type a code in place of your password.",
	"totp with":       "Where the connection is encrypted, type your password, and then a code.",
	"recovery codes": "Recovery codes, each good once in place of a code. Write them down: they are not shown " +
		"again.",
	"totp ended":         "One-time codes are off. Your password alone opens your account again.",
	"recovery used":      "You have used a recovery code. Left: %d.",
	"last recovery used": "You have used your last recovery code. For new ones, type {/}totp off, then {/}totp on.",
}
