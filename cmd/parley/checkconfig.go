package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// checkConfigCommand says what is wrong with the configuration, all of it. It reads what a start would read, by the
// same code, and makes nothing.
type checkConfigCommand struct {
	JSON bool `name:"json" env:"-" help:"Print a list of findings in JSON."`
}

func (c *checkConfigCommand) examine(_ context.Context, _ *program, args []string, stdout io.Writer) error {
	_, faults := allFaults(args)
	found := faultsFound(faults)
	if err := found.print(stdout, c.JSON); err != nil {
		return err
	}
	switch len(faults) {
	case 0:
		return nil
	case 1:
		return &usageError{errors.New("the configuration has a fault")}
	}
	return &usageError{fmt.Errorf("the configuration has %d faults", len(faults))}
}

// faultsFound words the faults of a configuration, or that there are none.
func faultsFound(faults []error) findings {
	if len(faults) == 0 {
		return findings{{"configuration", fine, "It has no fault."}}
	}
	var found findings
	for _, fault := range faults {
		found = append(found, finding{"configuration", bad, fault.Error()})
	}
	return found
}

// faultyOption is how the grammar begins what it says about the value of an option.
var faultyOption = regexp.MustCompile(`^--([a-z-]+)\b`)

// allFaults returns the options that args select, and all that is wrong with them. The grammar stops at the first
// fault, so it is asked again without the option that it complained of, first in the environment and the file, then on
// the command line: the option then has its default.
func allFaults(args []string) (o *options, faults []error) {
	leave := make(leftOut)
	for {
		o, _, err := parseWithout(leave, args, io.Discard)
		if err == nil {
			return o, unique(append(faults, o.faults()...))
		}
		faults = append(faults, errors.Unwrap(err))
		name := ""
		if unknown, ok := errors.AsType[*unknownOption](err); ok {
			name = unknown.key
		} else if m := faultyOption.FindStringSubmatch(err.Error()); m != nil {
			name = m[1]
		}
		if fewer := withoutFlag(args, name); leave[name] && len(fewer) < len(args) {
			args = fewer
		} else if name == "" || leave[name] { // it is the command line itself
			return nil, unique(faults)
		}
		leave[name] = true
	}
}

// withoutFlag returns args without the values that they give the option called name.
func withoutFlag(args []string, name string) (fewer []string) {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--"+name:
			i++ // its value
		case !strings.HasPrefix(args[i], "--"+name+"="):
			fewer = append(fewer, args[i])
		}
	}
	return fewer
}

// unique returns errs without those that say what one before them says.
func unique(errs []error) (all []error) {
	for _, err := range errs {
		if !slices.ContainsFunc(all, func(e error) bool { return e.Error() == err.Error() }) {
			all = append(all, err)
		}
	}
	return all
}
