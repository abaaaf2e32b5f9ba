package words

// shell are what operators read in the shell.
var shell = map[string]string{
	"user added":    "User %s registered.",
	"user passwd":   "User %s has a new password.",
	"user promoted": "User %s is an operator now.",
	"user demoted":  "User %s is no longer an operator.",
	"user disabled": "User %s can no longer log in.",
	"user enabled":  "User %s can log in again.",
	"user deleted":  "User %s is deleted.",
	"listed":        "%s.",
	"before login":  "Before the login: %d.",
	"left out":      "%s: left out. %s",
	"more left out": "Not listed here: %d more that were left out.",
	"imported":      "Accounts added: %d, there already: %d, left out: %d.",
}
