package chat

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"parley/chat/budget"
)

// A savedLedger is a ledger as it is written down.
type savedLedger struct {
	Online    []*Entry                `json:"online"`
	Rooms     []Room                  `json:"rooms"`
	Tallies   map[int]tally           `json:"tallies,omitempty"`
	Spoke     map[int][]spoken        `json:"spoke,omitempty"`
	Calm      time.Duration           `json:"calm,omitempty"`
	Died      time.Duration           `json:"died,omitempty"`
	Next      int                     `json:"next"`
	Guests    map[int]string          `json:"guests"` // numbers that are taken, and by which node
	Guesses   *budget.Guesses         `json:"guesses"`
	Registers *budget.Registrations   `json:"registers"`
	Turns     []Turn                  `json:"turns"`
	Taken     map[string]takeOvers    `json:"taken,omitempty"`
	Links     map[string]userLink     `json:"links,omitempty"`
	HookPace  *budget.Buckets[string] `json:"hookPace,omitempty"`

	// Left is missing where a version before has written this.
	Left *budget.Buckets[netip.Addr] `json:"left,omitempty"`
}

// MarshalJSON writes the ledger down, as it stands at one moment.
func (l *Ledger) MarshalJSON() ([]byte, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return json.Marshal(savedLedger{
		Online: l.sorted.all(), Rooms: l.rooms, Tallies: l.tallies, Spoke: l.spoke, Calm: l.calm, Died: l.died,
		Next: l.next, Guests: l.guests.taken, Guesses: l.guesses, Registers: l.registers, Turns: l.turns,
		Taken: l.taken, Links: l.links, HookPace: l.hookPace, Left: l.sources.left,
	})
}

// UnmarshalJSON makes the ledger what was written down. When it returns an error the ledger is as it was.
func (l *Ledger) UnmarshalJSON(data []byte) error {
	saved := savedLedger{Guesses: budget.NewGuesses(), Registers: budget.NewRegistrations(), HookPace: newHookPace(),
		Left: newLeft()}
	if err := json.Unmarshal(data, &saved); err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	online, from := make(map[string]*Entry, len(saved.Online)), newSources()
	if saved.Left != nil {
		from.left = saved.Left
	}
	var sorted roll
	for _, e := range saved.Online {
		if e == nil || online[e.User.key()] != nil {
			return fmt.Errorf("read ledger: an entry is missing, or there twice")
		}
		online[e.User.key()] = e
		sorted.add(e)
		from.come(e.Source)
	}
	for number := range saved.Guests {
		if number < 1 || number > maxGuestNumber {
			return fmt.Errorf("read ledger: no guest has the number %d", number)
		}
	}
	slices.SortFunc(saved.Rooms, func(a, b Room) int { return a.Number - b.Number })
	if saved.Tallies == nil {
		saved.Tallies = make(map[int]tally)
	}
	if saved.Taken == nil {
		saved.Taken = make(map[string]takeOvers)
	}
	if saved.Links == nil {
		saved.Links = make(map[string]userLink)
	}
	if saved.Spoke == nil {
		saved.Spoke = make(map[int][]spoken)
	}
	in := make(whereabouts)
	for _, r := range saved.Rooms {
		for u := range r.Members.All() {
			in.note(u, r.Number, true)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spoke, l.calm, l.taken, l.links = saved.Spoke, saved.Calm, saved.Taken, saved.Links
	l.died = saved.Died
	l.online, l.sorted, l.sources, l.rooms, l.in, l.next = online, sorted, from, saved.Rooms, in, saved.Next
	l.tallies, l.hookPace = saved.Tallies, saved.HookPace
	l.guests.restore(saved.Guests)
	l.guesses, l.registers, l.turns = saved.Guesses, saved.Registers, saved.Turns
	return nil
}
