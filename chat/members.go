package chat

import (
	"encoding/json"
	"iter"
	"slices"
)

// Members are who is in a room, sorted by name without regard to letter case. They are a value that is never changed in
// place: what a change makes shares most of its memory with what was before, so that one who comes into a room of ten
// thousand costs no copy of them all. The zero Members are nobody.
type Members struct {
	runs [][]User // none of them empty or longer than maxRun
	n    int
}

const maxRun = 128

// MembersOf returns users as members.
func MembersOf(users ...User) (m Members) {
	for _, u := range users {
		m, _ = m.with(u)
	}
	return m
}

// MarshalJSON writes down the users.
func (m Members) MarshalJSON() ([]byte, error) { return json.Marshal(slices.Collect(m.All())) }

// UnmarshalJSON replaces m by the users that MarshalJSON wrote down.
func (m *Members) UnmarshalJSON(data []byte) error {
	var users []User
	if err := json.Unmarshal(data, &users); err != nil {
		return err
	}
	*m = MembersOf(users...)
	return nil
}

// Len returns how many there are.
func (m Members) Len() int { return m.n }

// All returns them in order.
func (m Members) All() iter.Seq[User] {
	return func(yield func(User) bool) {
		for _, run := range m.runs {
			for _, u := range run {
				if !yield(u) {
					return
				}
			}
		}
	}
}

// has reports whether u is one of them.
func (m Members) has(u User) bool {
	_, _, found := m.find(u)
	return found
}

// called returns the member of that name, in any letter case.
func (m Members) called(name string) (User, bool) {
	run, i, found := m.find(User{Name: name})
	if !found {
		return User{}, false
	}
	return m.runs[run][i], true
}

// had reports whether u was one of them. u may have gone since; somebody else who is called so by now does not count.
func (m Members) had(u User) bool {
	run, i, found := m.find(u)
	return found && m.runs[run][i].ID == u.ID
}

// notIn returns the first of them who was none of others; the zero User if there is none.
func (m Members) notIn(others Members) User {
	for u := range m.All() {
		if !others.had(u) {
			return u
		}
	}
	return User{}
}

// find returns the run in which u is or would be, and the place there.
func (m Members) find(u User) (run, i int, found bool) {
	return findInRuns(m.runs, u.Name, func(u User, name string) int { return compareNames(u.Name, name) })
}

// findInRuns returns where something of that name is, or would be, in what is sorted by compare and stands in runs.
func findInRuns[E any](runs [][]E, name string, compare func(E, string) int) (run, i int, found bool) {
	if len(runs) == 0 {
		return 0, 0, false
	}
	run, _ = slices.BinarySearchFunc(runs, name, func(run []E, name string) int {
		return compare(run[len(run)-1], name)
	})
	run = min(run, len(runs)-1)
	i, found = slices.BinarySearchFunc(runs[run], name, compare)
	return run, i, found
}

// with returns the members and u, and whether u was none before.
func (m Members) with(u User) (_ Members, added bool) {
	at, i, found := m.find(u)
	switch {
	case found:
		return m, false
	case m.n == 0:
		return Members{[][]User{{u}}, 1}, true
	}
	run := slices.Insert(slices.Clone(m.runs[at]), i, u)
	runs := slices.Clone(m.runs)
	if half := len(run) / 2; len(run) > maxRun {
		runs[at] = run[half:]
		runs = slices.Insert(runs, at, run[:half:half])
	} else {
		runs[at] = run
	}
	return Members{runs, m.n + 1}, true
}

// without returns the members but u, and whether u was one before.
func (m Members) without(u User) (_ Members, removed bool) {
	at, i, found := m.find(u)
	if !found {
		return m, false
	}
	runs := slices.Clone(m.runs)
	if runs[at] = slices.Delete(slices.Clone(runs[at]), i, i+1); len(runs[at]) == 0 {
		runs = slices.Delete(runs, at, at+1)
	}
	return Members{runs, m.n - 1}, true
}
