package budget

import (
	"net/netip"
	"time"
)

// How many accounts may be registered without an invite code: from one source, and from all together.
const (
	RegistrationsPerSource = 3
	RegistrationPeriod     = time.Hour
	RegistrationsOfAll     = 30
	RegistrationPeriodAll  = 10 * time.Minute
)

// Registrations bound how many accounts are registered. For the times, and for concurrent use, see [Buckets].
type Registrations struct {
	Source *Buckets[netip.Addr] `json:"source"`
	All    *Buckets[string]     `json:"all"`
}

// everywhere is the key of the one bucket for all sources.
const everywhere = ""

// Waits are how long somebody has to wait who wants to register an account: because of the source, and because of what
// all have registered. Zero means not at all.
type Waits struct{ Source, All time.Duration }

// None reports whether there is nothing to wait for.
func (w Waits) None() bool { return w == Waits{} }

// NewRegistrations returns the budgets of a server at which nobody has registered yet.
func NewRegistrations() *Registrations {
	return &Registrations{
		Source: New[netip.Addr](RegistrationsPerSource, RegistrationPeriod),
		All:    New[string](RegistrationsOfAll, RegistrationPeriodAll),
	}
}

// Take takes what it costs to register an account from source. If there is something to wait for, nothing is taken.
func (r *Registrations) Take(source netip.Addr, now time.Duration) Waits {
	if wait, ok := r.Source.Take(source, now); !ok {
		return Waits{Source: wait}
	}
	if wait, ok := r.All.Take(everywhere, now); !ok {
		r.Source.Give(source, now)
		return Waits{All: wait}
	}
	return Waits{}
}

// Wait returns what Take would, and takes nothing.
func (r *Registrations) Wait(source netip.Addr, now time.Duration) Waits {
	if wait := r.Source.Wait(source, now); wait > 0 {
		return Waits{Source: wait}
	}
	return Waits{All: r.All.Wait(everywhere, now)}
}

// Give undoes a Take, for an account that came to nothing.
func (r *Registrations) Give(source netip.Addr, now time.Duration) {
	r.Source.Give(source, now)
	r.All.Give(everywhere, now)
}
