//go:build !linux

package bench

import (
	"context"
	"errors"
	"io"
)

// A Bench is for Linux alone: it reads the server's CPU time and memory from /proc.
type Bench struct {
	Scenario       string `arg:"" optional:""`
	Program, Rival string `kong:"-"`
}

var errLinuxOnly = errors.New("parley-bench runs on Linux only")

// Run returns an error.
func (b *Bench) Run(context.Context, io.Writer, io.Writer) error { return errLinuxOnly }

// ServeBaseline returns an error.
func ServeBaseline(context.Context, io.Writer) error { return errLinuxOnly }
