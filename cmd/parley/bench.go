package main

import (
	"context"
	"io"

	"parley/cmd/parley/internal/bench"
)

// benchCommand loads a server with users, and measures.
type benchCommand struct{ bench.Bench }

func (c *benchCommand) run(ctx context.Context, p *program, _ *options, stdout io.Writer) error {
	return c.Run(ctx, stdout, p.errorWriter())
}

// baselineCommand is the server that bench compares with.
type baselineCommand struct{}

func (*baselineCommand) run(ctx context.Context, _ *program, _ *options, stdout io.Writer) error {
	return bench.ServeBaseline(ctx, stdout)
}
