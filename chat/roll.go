package chat

import "slices"

// A roll is entries sorted by name without regard to letter case. They stand in runs: whoever comes or goes moves those
// of one run alone. In one slice it would be half of all who are online, and the collector, while it is at work, is
// told of each that moves. The zero roll is nobody. Not safe for concurrent use.
type roll struct {
	runs [][]*Entry // none of them empty or longer than maxRun
	n    int
}

// find returns the run in which the entry of the user called name is, or would be, and the place there.
func (r *roll) find(name string) (run, i int) {
	run, i, _ = findInRuns(r.runs, name, func(e *Entry, name string) int { return compareNames(e.User.Name, name) })
	return run, i
}

// add adds e, whose user has no entry there.
func (r *roll) add(e *Entry) {
	at, i := r.find(e.User.Name)
	if r.n++; r.n == 1 {
		r.runs = [][]*Entry{{e}}
		return
	}
	run := slices.Insert(r.runs[at], i, e)
	if half := len(run) / 2; len(run) > maxRun {
		r.runs = slices.Insert(r.runs, at+1, slices.Clone(run[half:]))
		run = slices.Delete(run, half, len(run))
	}
	r.runs[at] = run
}

// replace puts e in the place of the entry that its user has there.
func (r *roll) replace(e *Entry) {
	at, i := r.find(e.User.Name)
	r.runs[at][i] = e
}

// remove removes the entry of the user called name, who has one there.
func (r *roll) remove(name string) {
	at, i := r.find(name)
	r.n--
	if r.runs[at] = slices.Delete(r.runs[at], i, i+1); len(r.runs[at]) == 0 {
		r.runs = slices.Delete(r.runs, at, at+1)
	}
}

// all returns the entries in order. The slice is the caller's.
func (r *roll) all() []*Entry {
	all := make([]*Entry, 0, r.n)
	for _, run := range r.runs {
		all = append(all, run...)
	}
	return all
}
