package commands

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/chat"
)

var peopleCommands = []Command{{
	Name:         "who",
	Aliases:      []string{"users", "online"},
	Usage:        "who (page)",
	Help:         "List the users who are online.",
	More:         `When more than 500 are online the list has pages: "who 2" shows the second.`,
	Example:      "who",
	Pace:         Unpaced,
	Run:          who,
	ForOperators: &operatorWho,
}, {
	Name:     "status",
	Aliases:  []string{"whois", "whoami", "finger", "profile"},
	Usage:    "status [user]",
	Help:     "Show what is known of a user, or of yourself.",
	More:     "Whom you have blocked is shown to you alone.",
	Example:  "status bob",
	Pace:     Unpaced,
	Complete: usersOnline,
	Run:      status,
}, {
	Name:    "info",
	Usage:   "info [text...]",
	Help:    "Set what others read about you, or show it.",
	Example: "info I am Alice, mostly here in the evenings.",
	Needs:   Login,
	Pace:    Unpaced,
	Run: func(ctx context.Context, c *Call) error {
		if c.Arg("text") != "" {
			if err := c.Chat.SetInfo(ctx, c.Me, c.Text("text")); err != nil {
				return err
			}
			c.Print("Your information has been updated")
			return nil
		}
		s, err := c.Chat.Status(ctx, c.Me, c.Me.User.Name)
		if err != nil {
			return err
		}
		c.Print(infoLine(s))
		return nil
	},
}}

func who(ctx context.Context, c *Call) error {
	names, err := c.Chat.Who(ctx)
	if err != nil {
		return err
	}
	return inPages(c, "who", slices.Collect(slices.Chunk(names, namesPerPage)), func(page []string) {
		c.Printf("%s online:", count(len(names), "user"))
		c.Print(strings.Join(page, " "))
	})
}

func status(ctx context.Context, c *Call) error {
	name := c.Arg("user")
	if name == "" {
		name = c.Me.User.Name
	}
	s, err := c.Chat.Status(ctx, c.Me, name)
	if err != nil {
		return err
	}
	c.Print("User: " + s.User.Name)
	c.Print(infoLine(s))
	if s.User.ID == c.Me.User.ID {
		c.Print("Blocked User(s): " + orDash(strings.Join(s.Blocked, ", ")))
	}
	if !s.Online {
		c.Print("offline")
		c.Print("Last seen: " + date(s.Since))
		return nil
	}
	rooms := make([]string, len(s.Rooms))
	for i, number := range s.Rooms {
		rooms[i] = strconv.Itoa(number)
	}
	c.Print("online")
	c.Print("Rooms: " + orDash(strings.Join(rooms, ", ")))
	c.Print("Idle: " + duration(s.Idle))
	c.Print("Online since: " + date(s.Since))
	return nil
}

// infoLine tells what a user says about oneself. What shows nothing is nothing.
func infoLine(s chat.Status) string {
	if s.Info.Empty() {
		return "Info: -"
	}
	return "Info: " + s.Info.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// count writes a number of things: "1 user", "2 users".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// date writes a moment to the minute, in UTC, since nobody knows where the reader is.
func date(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

// duration writes how long something took in its two largest units: "12m", "3h5m", "2d4h".
func duration(d time.Duration) string {
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour%24), int(d/time.Minute%60)
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%dd%dh", days, hours)
	case days > 0:
		return fmt.Sprintf("%dd", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%dh%dm", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%dh", hours)
	case minutes > 0:
		return fmt.Sprintf("%dm", minutes)
	}
	return fmt.Sprintf("%ds", int(d/time.Second))
}
