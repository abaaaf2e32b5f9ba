package commands

import (
	"math"
	"strconv"

	"parley/chat"
)

// How much of a list is shown at once: a few screens. Lists that are no longer have no pages.
const (
	namesPerPage   = 500 // of who, and in the rooms of a page, unless it is one room alone
	entriesPerPage = 100 // lines of who -a, and rooms
)

// heardPerPage is how much of a list is told at once to somebody who hears it.
const heardPerPage = 20

// perPage returns how many entries of a list with so many entries a page are shown at once: all at the console, where
// they go to a pipe or a pager.
func (c *Call) perPage(seen int) int {
	switch {
	case c.By == chat.AtConsole():
		return math.MaxInt
	case c.Reader:
		return heardPerPage
	}
	return seen
}

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
	c.sayPage(number, last, command)
	return nil
}

// follow notes the line that shows what comes next of a list, "" for nothing.
func (c *Call) follow(line string) {
	if c.Session != nil {
		c.Session.Follow(line)
	}
}

// sayPage says which page it was, if there are several, and how the command is typed that shows the next. What is
// shorter is better to hear.
func (c *Call) sayPage(number, last int, command string) {
	switch {
	case number < last:
		next := command + " " + strconv.Itoa(number+1)
		c.follow(next)
		if c.Reader {
			next = "next"
		}
		c.Say("page", number, last, next)
	case last > 1:
		c.Say("last page", number, last)
	}
}
