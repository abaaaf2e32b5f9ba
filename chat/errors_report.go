package chat

// These errors are returned when a user is reported, and when an operator sees to that.
var (
	// ErrReportSelf is returned to users who report themselves.
	ErrReportSelf = refusal("report self")
	// ErrNothingToReport is returned when nothing was heard of a user, and no reason is given.
	ErrNothingToReport = refusal("nothing to report")
	// ErrManyReports is returned when a user has as many open reports as one may have.
	ErrManyReports = refusal("many reports")
	// ErrReportsFull is returned when there are as many open reports as there may be.
	ErrReportsFull = refusal("reports full")
	// ErrNoReport is returned for a number that no report has.
	ErrNoReport = refusal("no report")
	// ErrReportTaken is returned when an operator has taken the report already.
	ErrReportTaken = refusal("report taken")
	// ErrReportClosed is returned when a report is closed already.
	ErrReportClosed = refusal("report closed")
)
