package doors

import (
	"fmt"
	"time"
)

// A Reason is why a connection is not let in, or has to go before anybody has logged in.
type Reason uint8

// These are the reasons.
const (
	Full      Reason = iota + 1 // as many connections as there may be
	Crowded                     // too many are connecting
	ManyOpen                    // the source has as many connections as one may have
	ManyNew                     // the source has as many as one may have that are not logged in
	Penalty                     // too many connections of the source came to nothing
	MadeRoom                    // it had sent nothing, and others wait for its place
	NotSpoken                   // it speaks a protocol that is not spoken here
)

var reasons = [...]string{
	Full:      "refused: the server is full",
	Crowded:   "refused: too many are connecting",
	ManyOpen:  "refused: too many connections of its source",
	ManyNew:   "refused: too many of its source are not logged in",
	Penalty:   "refused: its source has penalties",
	MadeRoom:  "silent, and made room for others",
	NotSpoken: "another protocol",
}

// String says it in the words of the log.
func (r Reason) String() string {
	if r == 0 || int(r) >= len(reasons) {
		return fmt.Sprintf("reason %d", r)
	}
	return reasons[r]
}

// A Refusal is the error of a connection that is not let in, or has to go. Who speaks with the peer finds the words.
type Refusal struct {
	Reason   Reason
	Limit    int           // of ManyOpen and ManyNew: how many one source may have
	Wait     time.Duration // of Penalty: until it is over, in whole seconds
	Protocol string        // of NotSpoken: what it seems to be
}

// Error says it for the log.
func (r Refusal) Error() string { return r.Reason.String() }
