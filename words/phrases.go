package words

// phrases are the parts of sentences.
var phrases = map[string]string{
	// The ends of sentences: see Terms.
	"until further notice": "until further notice%s",
	"for so long":          "for %s%s",

	// What somebody cannot do to oneself.
	"ban":    "ban",
	"kick":   "kick",
	"mute":   "mute",
	"unmute": "unmute",

	// Why a name cannot be registered.
	"name unseen":  "it holds a character that cannot be seen",
	"name letters": "letters outside a-z are refused, because many of them look alike",
	"name signs":   "it may have letters, digits, '_', '-' and '.' only",
	"name start":   "the first character must be a letter",
	"name long":    "it may have %d characters at most",

	// Why an export is not taken.
	"export long":    "it is longer than %d MiB",
	"export cut":     "its end is missing",
	"export other":   "it does not begin as one",
	"export newer":   "a newer Parley wrote it",
	"export altered": "it was altered, its checksum is another",
}
