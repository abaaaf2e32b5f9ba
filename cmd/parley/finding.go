package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// A grade says how much a finding matters.
type grade string

const (
	fine grade = "ok"
	warn grade = "warn" // it works, but not for long, or not for everybody
	bad  grade = "bad"  // it does not work
)

// A finding is what was found at one place, and what to do about it.
type finding struct {
	Name  string `json:"name"`
	Grade grade  `json:"grade"`
	Text  string `json:"text"`
}

type findings []finding

// print writes each finding on a line, or all as one list in JSON.
func (all findings) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	for _, f := range all {
		if _, err := fmt.Fprintf(w, "%-4s  %s: %s\n", f.Grade, f.Name, f.Text); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many findings have that grade.
func (all findings) count(g grade) (n int) {
	for _, f := range all {
		if f.Grade == g {
			n++
		}
	}
	return n
}
