package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"parley/chat"
	"parley/cluster"
	"parley/cluster/order"
	"parley/cluster/stream"
	"parley/cluster/wire"
	"parley/db"
	"parley/internal/crash"
)

// clustered is the ground of a server that is one of several.
type clustered struct {
	options *options
	nodes   []string

	wire    *wire.Wire
	replica *db.DB
	store   *stream.Store
	view    *cluster.View
	ended   chan error
	waiting sync.WaitGroup
}

func (c *clustered) open(ctx context.Context, dir string, log *slog.Logger) (r records, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close(false))
		}
	}()
	name := c.options.ClusterNode
	if c.wire, err = wire.Connect(ctx, c.options.wire(name, log)); err != nil {
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	roll, err := stream.Call(ctx, c.wire)
	if err != nil {
		return nil, err
	}
	if err := c.agree(&roll); err != nil {
		return nil, err
	}
	if c.replica, err = db.Open(dir, &db.Options{Log: log}); err != nil {
		return nil, err
	}
	c.store, err = stream.Open(ctx, stream.Options{Wire: c.wire, Replica: c.replica, Log: log})
	if err != nil {
		return nil, err
	}
	if err := c.store.SetNodes(ctx, c.nodes); err != nil {
		return nil, err
	}
	c.view, err = cluster.Open(ctx, cluster.Options{Name: name, Nodes: c.nodes, Link: c.wire.Link(),
		Store: c.store.Quick(), Log: log})
	if err != nil {
		return nil, err
	}
	c.ended = make(chan error, 1)
	c.waiting.Go(func() { // until the view is closed
		defer crash.Survive(log, "cluster")
		err := c.view.Wait()
		switch {
		case errors.Is(err, order.ErrSuperseded):
			err = fmt.Errorf("--cluster-node: another server has started under the name %s, so this one stops", name)
		case errors.Is(err, order.ErrOld):
			err = fmt.Errorf("--cluster: the other nodes use what only a later version of Parley knows, so this one "+
				"stops; nothing is lost: install that version here too, and start it (%w)", err)
		}
		c.ended <- err
	})
	return c.store, nil
}

// agree refuses to start where one of this name runs, or others run that count other nodes.
func (c *clustered) agree(roll *stream.Roll) error {
	switch {
	case slices.Contains(roll.Live, c.options.ClusterNode):
		return fmt.Errorf("--cluster-node: a server of the name %s is running already", c.options.ClusterNode)
	case len(roll.Live) > 0 && roll.Nodes != nil && !slices.Equal(roll.Nodes, c.nodes):
		return fmt.Errorf("--cluster-nodes: the cluster is %s, of which %s run, and not %s; stop all nodes before you "+
			"change that", strings.Join(roll.Nodes, ", "), strings.Join(roll.Live, ", "), strings.Join(c.nodes, ", "))
	}
	return nil
}

func (c *clustered) desk() chat.Desk { return c.view }

func (c *clustered) cluster() func() chat.ClusterStatus { return c.status }

// status says how the nodes stand: see [chat.ClusterStatus].
func (c *clustered) status() chat.ClusterStatus {
	s := statusOf(c.view, c.nodes)
	places := c.store.Places()
	for i := range s.Nodes {
		n := &s.Nodes[i]
		p, known := places[n.Name]
		if n.Write, n.Behind = p.At, p.Lag; known && p.Behind && n.State != chat.NodeApart {
			n.State = chat.NodeLags
		}
	}
	s.Server, s.Trouble = c.wire.Server(), c.store.Trouble()
	return s
}

// statusOf says how those nodes stand as far as the order of what happens is concerned.
func statusOf(view *cluster.View, nodes []string) chat.ClusterStatus {
	at := view.Status()
	s := chat.ClusterStatus{Node: view.Node(), Epoch: at.Epoch, Event: at.Applied}
	up := view.Nodes()
	for _, name := range nodes {
		n := chat.ClusterNode{Name: name, State: chat.NodeNotHeard}
		switch {
		case name == s.Node && !at.InTouch:
			n.State = chat.NodeApart
		case slices.Contains(up, name) && name == at.Desk:
			n.State = chat.NodeIsDesk
		case slices.Contains(up, name):
			n.State = chat.NodeRuns
		}
		s.Nodes = append(s.Nodes, n)
	}
	return s
}

func (c *clustered) failed() <-chan error { return c.ended }

func (c *clustered) ready() error {
	if err := c.store.Trouble(); err != nil {
		return fmt.Errorf("the replica does not follow: %w", err)
	}
	if !c.view.Status().InTouch {
		return errors.New("the other nodes cannot be reached")
	}
	return nil
}

// close closes what is open. The desk comes first, so that the others hear at once that this node is gone.
func (c *clustered) close(started bool) error {
	if c.view != nil {
		c.view.Close()
		c.waiting.Wait()
	}
	if c.store != nil {
		c.store.Close()
	}
	if c.wire != nil {
		c.wire.Close()
	}
	switch {
	case c.replica == nil:
		return nil
	case started:
		return c.replica.Close()
	}
	return c.replica.Undo()
}

var (
	inTouchDesc = figure("cluster_in_touch", "1 if this node is in touch with a majority of the others, 0 if not.")
	isDeskDesc  = figure("cluster_desk", "1 if this node is the desk, which numbers what happens, 0 if not.")
	epochDesc   = figure("cluster_epoch", "Epoch of the desk that this node followed last.")
	appliedDesc = figure("cluster_events_total", "Number of the last event that this node has applied.")
	lostDesc    = figure("cluster_messages_lost_total",
		"Messages between nodes for which there was no room. They are sent again.")
	writeDesc = figure("cluster_write", "Number of the last write that the replica of this node has.")
	lagDesc   = figure("cluster_write_lag", "Writes that the replica of this node lacks.")
	okDesc    = figure("cluster_replica_follows", "1 if the replica follows the stream, 0 if not: see the log.")
)

// Describe implements [prometheus.Collector].
func (c *clustered) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inTouchDesc, isDeskDesc, epochDesc, appliedDesc, lostDesc, writeDesc, lagDesc,
		okDesc} {
		out <- d
	}
}

// Collect implements [prometheus.Collector].
func (c *clustered) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	truth := map[bool]float64{true: 1}
	s := c.view.Status()
	gauge(inTouchDesc, truth[s.InTouch])
	gauge(isDeskDesc, truth[s.Desk == c.options.ClusterNode])
	gauge(epochDesc, float64(s.Epoch))
	out <- prometheus.MustNewConstMetric(appliedDesc, prometheus.CounterValue, float64(s.Applied))
	out <- prometheus.MustNewConstMetric(lostDesc, prometheus.CounterValue, float64(c.wire.Link().Lost()))
	gauge(writeDesc, float64(c.store.Number()))
	gauge(lagDesc, float64(c.store.Lag()))
	gauge(okDesc, truth[c.store.Trouble() == nil])
}

func (c *clustered) collector() prometheus.Collector { return c }
