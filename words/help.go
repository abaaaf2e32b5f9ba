package words

// A Help is what users read of a command.
type Help struct {
	// Does says in one line what it does, for the list.
	Does string
	// More is told beside that by "help NAME". May be empty.
	More string
	// Example is a line as one would type it.
	Example string
}

// A Setting is what users read of one.
type Setting struct {
	// Does says in one line what it does.
	Does string
	// Other is what it may be set to beside its own words. Empty means nothing.
	Other string
}

// settingHelp is what users read of the settings, by their names.
var settingHelp = map[string]Setting{
	"colour": {Does: "Auto highlights your own name where others write it, if your terminal says that it has " +
		"colours. On tells kinds of lines apart by colours, too."},
	"timestamps": {Does: "The time in front of what others say and do."},
	"timezone": {
		Does:  "The clock that times are told by.",
		Other: "a place such as Europe/Berlin, or a difference from UTC such as +2 or -03:30",
	},
	"width": {
		Does:  "How wide lines may be.",
		Other: "a number of columns from 40 to 500",
	},
	"bell":     {Does: "When the bell rings: when you are told something, when somebody writes your name, or both."},
	"prompt":   {Does: "What stands before the line that you type."},
	"receipts": {Does: `Lines such as "Told bob." after you have told somebody something.`},
	"order":    {Does: "Whether a line of talk begins with the room or with the speaker."},
	"reader":   {Does: "The form for screen readers: one thing a line, and nothing drawn."},
	"input":    {Does: "Who edits the line that you type: your client, or this server, key by key."},
	"charset":  {Does: "The characters that your terminal has. Others are written in them as well as may be."},
}
