package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"parley/cluster/wire"
)

// slowNATS is from when on the way to a NATS server is too long: what users do waits for several.
const slowNATS = 20 * time.Millisecond

// cluster asks each NATS server whether it lets this node in, and whether it can store something.
func (d *doctor) cluster(ctx context.Context) {
	if !d.options.clustered() || d.options.clusterOptions.check() != nil { // as the configuration's fault says
		return
	}
	var silent []string
	for _, address := range d.options.Cluster {
		if trouble := d.askNATS(ctx, address); trouble != "" {
			silent = append(silent, trouble)
		}
	}
	g := warn // the others do
	if len(silent) == len(d.options.Cluster) {
		g = bad
	}
	for _, trouble := range silent {
		d.find("NATS", g, "%s.", trouble)
	}
}

// askNATS returns what keeps this node from using a NATS server; "" if nothing does, or if that was said.
func (d *doctor) askNATS(ctx context.Context, address string) (trouble string) {
	ctx, cancel := context.WithTimeout(ctx, quickTime)
	defer cancel()
	o := d.options.wire("doctor", slog.New(slog.DiscardHandler))
	o.Servers = []string{address}
	w, err := wire.Connect(ctx, o)
	if err != nil {
		return strings.ToUpper(err.Error()[:1]) + err.Error()[1:]
	}
	defer w.Close()
	js, err := jetstream.New(w.Conn())
	if err == nil {
		_, err = js.AccountInfo(ctx)
	}
	if err != nil {
		d.find("NATS", bad, "%s keeps nothing for this node: %v. Switch JetStream on for its account.", w.Server(), err)
		return ""
	}
	switch took, err := w.Conn().RTT(); {
	case err != nil:
		return w.Server() + " has gone away: " + err.Error() + ". Look at its log"
	case took > slowNATS:
		d.find("NATS", warn, "%s answers in %v. What users do waits for several answers: bring the machines nearer.",
			w.Server(), took.Round(time.Millisecond))
	default:
		d.find("NATS", fine, "%s answers in %v, and stores what it is given.", w.Server(),
			took.Round(10*time.Microsecond))
	}
	return ""
}
