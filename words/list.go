package words

import "strings"

// Several things in a sentence.
type (
	List []string // "0, 1, 2"; "-" for none
	All  []string // "0, 1 and 2"
	One  []string // "0, 1 or 2"
)

// String returns the list as users read it in any language.
func (l List) String() string {
	if len(l) == 0 {
		return "-"
	}
	return strings.Join(l, ", ")
}

// join writes all with the phrase of that code before the last of them.
func (t *Table) join(all []string, code string) string {
	last := len(all) - 1
	if last < 1 {
		return List(all).String()
	}
	return t.Say(code, List(all[:last]), all[last])
}

// Count returns a number of things, such as "1 user" or "2 users". The things have two codes: "one user" and "several
// users".
func Count(n int, thing string) *Phrase {
	if n == 1 {
		return Say("one "+thing, n)
	}
	return Say("several "+thing+"s", n)
}
