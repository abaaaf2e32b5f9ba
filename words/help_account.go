package words

// accountHelp is what users read of what a user does with the account and at the door.
var accountHelp = map[string]Help{
	"register": {
		Does: "Make an account. Without passwd it is asked for.",
		More: "A name has 1 to 16 letters, digits, '_', '-' or '.', and starts with a letter. Leave passwd out: you " +
			"are then asked for it twice, and nobody sees it. If you type it after the name, your client may show " +
			"it.",
		Example: "register alice",
	},
	"login": {
		Does:    "Become that user. The password is asked for.",
		More:    "You leave your rooms first. If the user is online elsewhere, that session moves here.",
		Example: "login alice",
	},
	"quit": {
		Does:    "Leave the chat.",
		More:    "You leave every room; the rooms you lead close.",
		Example: "quit",
	},
	"exit": {
		Does:    "Leave the chat, like quit.",
		More:    "You leave every room; the rooms you lead close.",
		Example: "exit",
	},
	"passwd": {
		Does: "Change your password.",
		More: "The present one is asked for, and then the new one twice. Nobody sees them. With one-time codes on, " +
			"type what you log in with for the present one.",
		Example: "passwd",
	},
	"totp": {
		Does: "Log in with one-time codes.",
		More: "An app on your phone makes a code every 30 seconds. Without encryption a code takes the place of " +
			"your password, so that nobody who reads along can log in. Where the connection is encrypted, you type " +
			"both. Ten recovery codes help when the phone is lost.",
		Example: "totp on",
	},
	"keys": {
		Does: "List, add or remove your keys for SSH.",
		More: `With a key you log in by SSH without a password. Add one by "keys add" and the line in the file ` +
			`id_ed25519.pub, and remove one by "keys remove" and its number in the list. You may have 10.`,
		Example: "keys add ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq",
	},
	"link": {
		Does: "Show a code that moves this session elsewhere.",
		More: "Connect there, and type the code in place of your user name: everything you have here goes on there, " +
			"with what you have half typed, and no password is asked for. A code works once, for a minute, and for " +
			"three in the form for screen readers. A new one ends the one before.",
		Example: "link",
	},
	"forget-me": {
		Does: "Delete your account.",
		More: "You read first what goes, and then your password is asked for. It cannot be undone. For 30 days " +
			"nobody can have the name.",
		Example: "forget-me",
	},
	"privacy": {
		Does:    "Read what the server keeps, and for how long.",
		Example: "privacy",
	},
	"my-data": {
		Does: "Show everything that the server has of you.",
		More: "The hash of your password and the secret of your one-time codes are left out: nobody should see " +
			"them.",
		Example: "my-data",
	},
}
