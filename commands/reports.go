package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/chat"
	"parley/words"
)

// reportCommands let users report others, and operators see to that.
var reportCommands = []Command{{
	Name:     "report",
	Usage:    "report <user> [why...]",
	Needs:    Login,
	Extra:    true,
	Complete: usersOnline,
	Run: func(ctx context.Context, c *Call) error {
		r, err := c.Chat.Report(ctx, c.Me, c.Arg("user"), c.Text("why"))
		switch {
		case err != nil:
			return err
		case len(r.Heard) == 0:
			c.Say("reported alone", r.Number, days(chat.ReportTime), r.On.Name)
		default:
			c.Say("reported", r.Number, days(chat.ReportTime), words.Count(len(r.Heard), "heard line"), r.On.Name)
		}
		return nil
	},
}, {
	Name:  "reports",
	Usage: "reports [k] [take|close]",
	Needs: Operator,
	Extra: true,
	Run: func(ctx context.Context, c *Call) error {
		word, do := strings.ToLower(c.Arg("k")), c.Arg("take|close")
		if (word == "" || word == "closed") && do == "" {
			return c.listReports(ctx, word == "closed")
		}
		number, err := strconv.Atoi(strings.TrimPrefix(word, "#"))
		if err != nil {
			return chat.ErrUsage.With(words.Say("where a number", words.Usage(c.command.usage.text), "k", 3))
		}
		switch do {
		case "take":
			r, err := c.Chat.TakeReport(ctx, c.By, number)
			if err == nil {
				c.Say("report is taken", r.Number)
			}
			return err
		case "close":
			r, err := c.Chat.CloseReport(ctx, c.By, number)
			if err == nil {
				c.Say("report is closed", r.Number)
			}
			return err
		}
		r, err := c.Chat.ReportOf(ctx, number)
		if err == nil {
			c.showReport(r)
		}
		return err
	},
}}

func days(d time.Duration) int { return int(d.Hours() / 24) }

// listReports shows those that are open, or those that are closed.
func (c *Call) listReports(ctx context.Context, closed bool) error {
	all, err := c.Chat.Reports(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r chat.Report) bool { return (r.State == chat.ReportClosed) != closed })
	switch {
	case len(all) == 0 && closed:
		c.Say("no closed reports")
	case len(all) == 0:
		c.Say("no reports")
	default:
		c.Say("counted", words.Count(len(all), "report"))
	}
	for _, r := range all {
		c.sayReport(r)
	}
	return nil
}

func (c *Call) sayReport(r chat.Report) {
	c.Say("report listed", r.Number, reportState(r), r.At, reporter(r), r.On.Name, words.Reason(r.Why.String()))
}

// reportState returns what has become of r, as a part of a sentence.
func reportState(r chat.Report) *words.Phrase {
	switch r.State {
	case chat.ReportTaken:
		return words.Say("report taken by", r.Operator)
	case chat.ReportClosed:
		return words.Say("report closed by", r.Operator)
	}
	return words.Say("report new")
}

// reporter returns who made r.
func reporter(r chat.Report) any {
	if r.Deleted {
		return words.Say("reporter deleted", r.By.Name)
	}
	return r.By.Name
}

// showReport shows all of r.
func (c *Call) showReport(r chat.Report) {
	c.sayReport(r)
	if len(r.Heard) == 0 {
		c.Say("report heard none", r.By.Name, r.On.Name)
	} else {
		c.Say("report heard", r.By.Name, r.On.Name)
	}
	for _, e := range r.Heard {
		line := string(c.Table().Stamp(nil, e.At, true))
		if e.Kind == chat.Mailed {
			c.Say("report letter", line, e.From.Name, e.Text)
		} else {
			c.Print(line + string(c.Table().AppendEvent(nil, e.Kind.String(), e)))
		}
	}
	take, done := "reports "+strconv.Itoa(r.Number)+" take", "reports "+strconv.Itoa(r.Number)+" close"
	switch r.State {
	case chat.ReportNew:
		c.Say("report next", take, done)
	case chat.ReportTaken:
		c.Say("report done next", done)
	}
}
