package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"parley/chat/record"
)

// What is kept of reports.
const (
	// ReportLines is how many lines a report has, the last ones.
	ReportLines = 30
	// ReportTime is for how long a report is kept.
	ReportTime = 30 * 24 * time.Hour
	// MaxReports is how many are kept in all.
	MaxReports = 200
	// MaxReportsOfOne is how many of one user may be open; guests together are one.
	MaxReportsOfOne = 5
)

// reportsBucket is where reports are kept, each under its number: see auditKey.
const reportsBucket = "reports"

// A ReportState says what has become of a report.
type ReportState string

// The states of reports. The zero value is a new one.
const (
	ReportNew    ReportState = ""
	ReportTaken  ReportState = "taken"  // an operator sees to it
	ReportClosed ReportState = "closed" // an operator has seen to it
)

// A Report is what a user lets the operators know of another, with what the user has heard of that one.
type Report struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	By     User      `json:"by"`
	// Owner is when By's account was registered: another one of the same name has made no report. Zero for a guest.
	Owner time.Time `json:"owner,omitzero"`
	On    User      `json:"on"`
	Why   Text      `json:"why,omitzero"`
	// Heard are the last lines that By had heard from On, oldest first: ReportLines at most. A letter is a Mailed, with
	// what it says.
	Heard []*Event    `json:"heard,omitempty"`
	State ReportState `json:"state,omitempty"`
	// Operator is the name of who took or closed it, and Since when that was.
	Operator string    `json:"operator,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	// Deleted says that By's account is deleted. It is not stored.
	Deleted bool `json:"-"`
}

func (r *Report) open() bool { return r.State != ReportClosed }

// sameReporter reports whether r and other count for one.
func (r *Report) sameReporter(other *Report) bool {
	return sender(r.By) == sender(other.By) && r.Owner.Equal(other.Owner)
}

// Report lets the operators read what me has heard from the user called name, and why me wants that. What others were
// told is not in it. The report is on disk when Report returns nil; operators who are online are told of it, on all
// nodes. The user may be blocked, or gone.
//
// It returns ErrNoUser, ErrReportSelf, ErrNothingToReport, ErrManyReports or ErrReportsFull.
func (n *Node) Report(ctx context.Context, me *Presence, name string, why Text) (Report, error) {
	r := Report{By: me.User, Why: why}
	if len(why.String()) > MaxLine {
		return r, ErrLineTooLong
	}
	if !me.User.Guest {
		a, err := n.account(ctx, me.User.Name)
		if err != nil {
			return r, err
		}
		r.Owner = a.Registered
	}
	if err := n.freeze(ctx, me, name, &r); err != nil {
		return r, err
	}
	switch {
	case r.On.ID == me.User.ID || r.On.ID == me.User.Origin:
		return r, ErrReportSelf
	case len(r.Heard) == 0 && why.Empty():
		return r, ErrNothingToReport.With(r.On.Name, r.On.Name)
	}
	if err := n.file(ctx, &r); err != nil {
		return r, err
	}
	n.log.Info("report", "number", r.Number, "by", r.By.Name, "on", r.On.Name)
	n.tellOperators(context.WithoutCancel(ctx), me.User,
		&Event{Kind: Reported, At: r.At, From: User{Name: r.By.Name}, Who: r.On.Name, Text: why, Count: r.Number})
	return r, nil
}

// freeze finds out whom me means by name, and what me has heard from that one: first by who spoke under that name.
func (n *Node) freeze(ctx context.Context, me *Presence, name string, r *Report) error {
	lines, err := n.heardUnder(ctx, me, name)
	if err != nil {
		return err
	}
	var u User
	if len(lines) > 0 {
		u = lines[len(lines)-1].Event.From
	} else if u, err = n.user(ctx, name); err != nil {
		return err
	}
	var since time.Time // nobody was u before
	if !u.Guest {
		a, err := n.account(ctx, u.Name)
		switch {
		case err == nil:
			since = a.Registered
		case !errors.Is(err, ErrNoUser):
			return err
		}
	}
	r.On = u
	for _, l := range lines {
		r.Heard = append(r.Heard, l.Event)
	}
	letters, err := n.lettersUnder(ctx, me, name)
	if err != nil {
		return err
	}
	r.Heard = slices.DeleteFunc(append(r.Heard, letters...), func(e *Event) bool {
		return e.From.ID != u.ID || e.At.Before(since)
	})
	slices.SortStableFunc(r.Heard, func(a, b *Event) int { return a.At.Compare(b.At) })
	r.Heard = r.Heard[max(0, len(r.Heard)-ReportLines):]
	return nil
}

// heardUnder returns the lines that me has heard since me came from those called name, whether they are blocked now or
// not.
func (n *Node) heardUnder(ctx context.Context, me *Presence, name string) ([]Line, error) {
	if err := me.wait(ctx); err != nil { // nobody comes into a room meanwhile, or blocks anybody
		return nil, err
	}
	defer me.yield()
	lines := n.desk.Heard(me.User)
	silences, floor := me.unheard()
	floor = max(floor, me.came.Load())
	lines = append(lines, me.toldLines()...)
	inOrder(lines)
	return slices.DeleteFunc(lines, func(l Line) bool {
		return FoldName(l.Event.From.Name) != FoldName(name) || me.notHeard(l, silences, floor)
	}), nil
}

// lettersUnder returns the letters to me from those called name.
func (n *Node) lettersUnder(ctx context.Context, me *Presence, name string) (letters []*Event, err error) {
	if me.User.Guest {
		return nil, nil
	}
	a, err := n.account(ctx, me.User.Name)
	if err != nil {
		return nil, err
	}
	box, err := n.letterbox(ctx, a)
	for _, l := range box.Letters {
		if FoldName(l.From.Name) == FoldName(name) {
			letters = append(letters, &Event{Kind: Mailed, At: l.At, From: l.From, Text: l.Text})
		}
	}
	return letters, err
}

// file gives r a number, and keeps it.
func (n *Node) file(ctx context.Context, r *Report) error {
	done, err := n.desk.Operate(ctx) // one at a time, on all nodes
	if err != nil {
		return err
	}
	defer done()
	all, err := n.keptReports(ctx)
	if err != nil {
		return err
	}
	own := 0
	for _, other := range all {
		r.Number = other.Number
		if other.open() && other.sameReporter(r) {
			own++
		}
	}
	if own >= MaxReportsOfOne {
		return ErrManyReports.With(MaxReportsOfOne)
	}
	if err := n.makeRoom(ctx, all); err != nil {
		return err
	}
	r.At = n.now()
	for range maxRetries {
		r.Number++
		if err = n.putReport(ctx, r, 0); !errors.Is(err, ErrConflict) { // else there is one that nobody can read
			break
		}
	}
	return err
}

// putReport writes r over the record of that revision; zero means that there is none.
func (n *Node) putReport(ctx context.Context, r *Report, revision uint64) error {
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode report %d: %w", r.Number, err)
	}
	_, err = n.store.Put(ctx, reportsBucket, auditKey(uint64(r.Number)), value, revision)
	return record.WriteError(reportsBucket, strconv.Itoa(r.Number), err)
}

// makeRoom removes those of all that are too old, and the oldest that are closed, until one more has room.
func (n *Node) makeRoom(ctx context.Context, all []Report) error {
	kept := len(all)
	for _, old := range all {
		if n.tooOld(&old) || old.State == ReportClosed && kept >= MaxReports {
			if err := n.removeReport(ctx, old.Number); err != nil {
				return err
			}
			kept--
		}
	}
	if kept >= MaxReports {
		return ErrReportsFull.With(MaxReports)
	}
	return nil
}

func (n *Node) tooOld(r *Report) bool { return n.now().Sub(r.At) >= ReportTime }

func (n *Node) removeReport(ctx context.Context, number int) error {
	return record.Remove(ctx, n.store, reportsBucket, auditKey(uint64(number)))
}

// keptReports returns all reports that are stored, by number. One that nobody can read must not keep the others away.
func (n *Node) keptReports(ctx context.Context) (all []Report, err error) {
	for rec, err := range n.store.List(ctx, reportsBucket) {
		if err != nil {
			return nil, fmt.Errorf("read reports: %w", err)
		}
		r, err := decodeReport(rec)
		if err != nil {
			n.log.Error("left out", "bucket", reportsBucket, "key", rec.Key, "err", err)
			continue
		}
		all = append(all, r)
	}
	return all, nil
}

func decodeReport(rec Record) (r Report, err error) {
	if err := json.Unmarshal(rec.Value, &r); err != nil {
		return r, fmt.Errorf("read report %q: %w", rec.Key, err)
	}
	if r.Number <= 0 || auditKey(uint64(r.Number)) != rec.Key {
		return r, fmt.Errorf("read report %q: it holds the number %d", rec.Key, r.Number)
	}
	r.Heard = slices.DeleteFunc(r.Heard, func(e *Event) bool { return e == nil })
	return r, nil
}
