package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"parley/chat"
	"parley/cluster/stream"
	"parley/cluster/wire"
	"parley/db"
	"parley/words"
)

// clusterCommands are the commands about several servers that are one Parley.
type clusterCommands struct {
	Show  clusterShowCommand  `cmd:"" default:"1" help:"Show the nodes: which run, which is the desk, how far each is. This is the default."`
	Found clusterFoundCommand `cmd:"" help:"Make what a new cluster stores, from a backup."`
}

// clusterShowCommand shows the nodes.
type clusterShowCommand struct{}

func (*clusterShowCommand) live() bool { return true }

func (*clusterShowCommand) do(ctx context.Context, c *console) error {
	s, err := c.chat.Cluster(ctx)
	if err != nil {
		return err
	}
	t := newTable(c.out, "NODE", "STATE", "USERS", "WRITE", "BEHIND")
	for _, n := range s.Nodes {
		write, behind := "", ""
		if n.State != chat.NodeNotHeard {
			write, behind = strconv.FormatUint(n.Write, 10), strconv.FormatUint(n.Behind, 10)
		}
		t.row(n.Name, words.English.Say(string(n.State)), strconv.Itoa(n.Users), write, behind)
	}
	if err := t.end(words.Count(len(s.Nodes), "node")); err != nil {
		return err
	}
	server := s.Server
	if server == "" {
		server = "none"
	}
	if _, err := fmt.Fprintf(c.out, "Seen from %s: epoch %d, event %d, NATS server %s.\n", s.Node, s.Epoch, s.Event,
		server); err != nil {
		return err
	}
	if s.Trouble != nil {
		_, err := fmt.Fprintf(c.out, "This node does not follow what is stored: %v.\n", s.Trouble)
		return err
	}
	return nil
}

// clusterFoundCommand makes the stream of a new cluster from a backup. No node may have started yet.
type clusterFoundCommand struct {
	File string `arg:"" help:"Backup to read; - is standard input."`
}

func (f *clusterFoundCommand) run(ctx context.Context, p *program, o *options, stdout io.Writer) error {
	if err := o.reachable(); err != nil {
		return &usageError{err}
	}
	in, err := p.openInput(f.File)
	if err != nil {
		return err
	}
	defer in.Close()
	view, err := db.ReadBackup(in)
	if err != nil {
		return err
	}
	ctx, done := p.begin(ctx)
	defer done()
	w, err := o.connect(ctx, "founder")
	if err != nil {
		return err
	}
	defer w.Close()
	records, err := stream.Found(ctx, w, view)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The cluster has %d records now. Start its nodes with data folders that are new.\n",
		records)
	return err
}

// compare says whether what the data folder holds is in the cluster too.
func (c *checkCommand) compare(ctx context.Context, o *options, view *db.View, stdout io.Writer) error {
	if err := o.reachable(); err != nil {
		return &usageError{err}
	}
	w, err := o.connect(ctx, "check")
	if err != nil {
		return err
	}
	defer w.Close()
	last, err := stream.Compare(ctx, w, view)
	if errors.Is(err, stream.ErrForgot) {
		return errors.Join(err, fmt.Errorf("to bring it back: stop all nodes; of the data folder with the most writes "+
			"make a backup with \"parley backup FILE\"; delete what is left of the stream with \"nats stream rm "+
			"%s-writes\"; run \"parley cluster found FILE\"; move the data folders away, and start the nodes",
			o.ClusterPrefix))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "All of it is in the cluster, which is at write %d.\n", last)
	return err
}

// connect connects a command to NATS under that name, without a log.
func (o *clusterOptions) connect(ctx context.Context, name string) (*wire.Wire, error) {
	w, err := wire.Connect(ctx, o.wire(name, slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	return w, nil
}
