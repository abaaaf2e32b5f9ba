package chat

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"parley/chat/record"
	"parley/words"
)

// Reports returns the reports that are kept, by number.
func (n *Node) Reports(ctx context.Context) ([]Report, error) {
	all, err := n.keptReports(ctx)
	if err != nil {
		return nil, err
	}
	var kept []Report
	for _, r := range all {
		if n.tooOld(&r) {
			continue
		}
		if r.Deleted, err = n.reporterGone(ctx, &r); err != nil {
			return nil, err
		}
		kept = append(kept, r)
	}
	return kept, nil
}

// openReports returns how many reports are open.
func (n *Node) openReports(ctx context.Context) (open int) {
	all, err := n.keptReports(ctx)
	if err != nil {
		n.log.Error("open reports not counted", "err", err)
	}
	for _, r := range all {
		if r.open() && !n.tooOld(&r) {
			open++
		}
	}
	return open
}

// ReportOf returns the report of that number, or ErrNoReport.
func (n *Node) ReportOf(ctx context.Context, number int) (Report, error) {
	r, _, err := n.report(ctx, number)
	if err == nil {
		r.Deleted, err = n.reporterGone(ctx, &r)
	}
	return r, err
}

func (n *Node) report(ctx context.Context, number int) (r Report, revision uint64, err error) {
	if number <= 0 {
		return r, 0, ErrNoReport.With(number)
	}
	rec, err := n.store.Get(ctx, reportsBucket, auditKey(uint64(number)))
	if err == nil {
		r, err = decodeReport(rec)
	}
	if errors.Is(err, ErrNotFound) || err == nil && n.tooOld(&r) {
		return r, 0, ErrNoReport.With(number)
	}
	return r, rec.Revision, err
}

// reporterGone reports whether the account is deleted of who made r.
func (n *Node) reporterGone(ctx context.Context, r *Report) (bool, error) {
	if r.By.Guest {
		return false, nil
	}
	a, err := n.account(ctx, r.By.Name)
	switch {
	case errors.Is(err, ErrNoUser):
		return true, nil
	case err != nil:
		return false, err
	}
	return !a.Registered.Equal(r.Owner), nil
}

// TakeReport says that the operator by sees to the report of that number. It returns ErrNoReport, ErrReportTaken or
// ErrReportClosed.
func (n *Node) TakeReport(ctx context.Context, by Actor, number int) (Report, error) {
	return n.setReport(ctx, by, number, "take report", ReportTaken, func(r *Report) error {
		switch r.State {
		case ReportTaken:
			return ErrReportTaken.With(r.Number, r.Operator)
		case ReportClosed:
			return ErrReportClosed.With(r.Number, r.Operator)
		}
		return nil
	})
}

// CloseReport says that by has seen to it, whoever took it. It returns ErrNoReport or ErrReportClosed.
func (n *Node) CloseReport(ctx context.Context, by Actor, number int) (Report, error) {
	return n.setReport(ctx, by, number, "close report", ReportClosed, func(r *Report) error {
		if !r.open() {
			return ErrReportClosed.With(r.Number, r.Operator)
		}
		return nil
	})
}

func (n *Node) setReport(ctx context.Context, by Actor, number int, action string, state ReportState,
	may func(*Report) error) (r Report, err error) {
	err = n.operate(ctx, by, Deed{Action: action, Target: strconv.Itoa(number)}, func(d *Deed) error {
		var revision uint64
		if r, revision, err = n.report(ctx, number); err != nil {
			return err
		}
		if err := may(&r); err != nil {
			return err
		}
		r.State, r.Operator, r.Since = state, d.By, n.now()
		d.Target = fmt.Sprintf("%d: %s on %s", r.Number, r.By.Name, r.On.Name)
		return n.putReport(ctx, &r, revision)
	})
	return r, err
}

// tellOperators tells e to all operators who are online, but not to except. Those who are not told will see the report
// in the list.
func (n *Node) tellOperators(ctx context.Context, except User, e *Event) {
	for there := range n.desk.Online() {
		if !there.Operator || there.User.ID == except.ID {
			continue
		}
		if err := n.publish(ctx, UserTopic(there.User), e); err != nil {
			n.log.Warn("operators not told of a report", "number", e.Count, "err", err)
			return
		}
	}
}

// sweepReportsEvery is how often reports that are too old are looked for.
const sweepReportsEvery = 24 * time.Hour

// SweepReports removes the reports that are too old, now and then once a day, until the node closes.
func (n *Node) SweepReports() {
	start(&n.background, n.log, "old reports", func() {
		for {
			if err := n.sweepReports(context.Background()); err != nil {
				n.log.Warn("old reports are kept for another day", "err", err)
			}
			if !waitUntil(n.alive, time.Now().Add(sweepReportsEvery)) {
				return
			}
		}
	})
}

// sweepReports removes them. One that nobody can read does not say how old it is: it is older than the next one.
func (n *Node) sweepReports(ctx context.Context) error {
	var keys []string // of what is stored, in the order of coming
	old := 0          // how many of these are too old
	for rec, err := range n.store.List(ctx, reportsBucket) {
		if err != nil {
			return fmt.Errorf("read reports: %w", err)
		}
		keys = append(keys, rec.Key)
		if r, err := decodeReport(rec); err == nil && n.tooOld(&r) {
			old = len(keys)
		}
	}
	for _, key := range keys[:old] {
		if err := record.Remove(ctx, n.store, reportsBucket, key); err != nil {
			return err
		}
	}
	return nil
}

// datum returns what its author reads of r.
func (r *Report) datum() Datum {
	state := words.Say("report new")
	switch r.State {
	case ReportTaken:
		state = words.Say("report in hand")
	case ReportClosed:
		state = words.Say("report done")
	}
	name := words.Say("datum report number", r.Number)
	if r.Why.Empty() {
		return Datum{name, words.Say("datum report", r.On.Name, r.At, state)}
	}
	return Datum{name, words.Say("datum report why", r.On.Name, r.At, state, r.Why)}
}
