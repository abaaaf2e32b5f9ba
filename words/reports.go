package words

// reports are what users read who report others, and operators who see to that.
var reports = map[string]string{
	// Refusals, by the code of package chat.
	"report self":       "You cannot report yourself.",
	"nothing to report": "You have heard nothing from %s that is kept. Say what it is about: {/}report %s <why>",
	"many reports":      "You have %d open reports, which is the limit. The operators have to close one first.",
	"reports full":      "There are %d open reports, which is the limit. Please tell an operator.",
	"no report":         "There is no report %d.",
	"report taken":      "Report %d is taken already, by %s.",
	"report closed":     "Report %d is closed already, by %s.",

	// Who reports.
	"reported": "Your report has the number %d. For %d days operators can read it, with %s that you heard from " +
		"%s last.",
	"reported alone": "Your report has the number %d. For %d days operators can read it. You heard nothing from " +
		"%s that is kept.",
	"one heard line": "%d line", "several heard lines": "%d lines",

	// Operators.
	"no reports":        "No reports are open.",
	"no closed reports": "No reports are closed.",
	"open reports":      "Open: %s. To read them, type: {/}reports",
	"report listed":     "%d, %s, %s: %s reports %s%s",
	"report new":        "new",
	"report taken by":   "taken by %s",
	"report closed by":  "closed by %s",
	"reporter deleted":  "%s (account deleted)",
	"report heard":      "What %s heard from %s:",
	"report heard none": "%s heard nothing from %s that was kept.",
	"report letter":     "%sLetter from %s: %s",
	"report next":       "To say that you see to it: {/}%s. When that is done: {/}%s",
	"report done next":  "When that is done: {/}%s",
	"report is taken":   "You have taken report %d.",
	"report is closed":  "Report %d is closed.",
	"one report":        "%d report", "several reports": "%d reports",

	// What the server has of a user.
	"report in hand":      "taken",
	"report done":         "closed",
	"datum report number": "report %d",
	"datum report":        "of %s, %s, %s",
	"datum report why":    "of %s, %s, %s: %s",
}
