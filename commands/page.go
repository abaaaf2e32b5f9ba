package commands

import (
	"strconv"

	"parley/chat"
)

// How much of a list is shown at once: a few screens. Lists that are no longer have no pages.
const (
	namesPerPage   = 500 // of who, and in the rooms of a page, unless it is one room alone
	entriesPerPage = 100 // lines of who -a, and rooms
)

// inPages shows the page that the argument page names, the first if it is absent. Where there are several, a line below
// says so, and how the command is typed that shows the next. It returns ErrNoPage, and shows nothing, if there is no
// such page; a list without entries has one page, which is nil.
func inPages[T any](c *Call, command string, pages [][]T, show func(page []T)) error {
	number, last := 1, max(1, len(pages))
	if word := c.Arg("page"); word != "" {
		var err error
		if number, err = strconv.Atoi(word); err != nil || number > last {
			return chat.ErrNoPage.With(word, last)
		}
	}
	var page []T
	if len(pages) > 0 {
		page = pages[number-1]
	}
	show(page)
	switch {
	case number < last:
		c.Say("page", number, last, command+" "+strconv.Itoa(number+1))
	case last > 1:
		c.Say("last page", number, last)
	}
	return nil
}
