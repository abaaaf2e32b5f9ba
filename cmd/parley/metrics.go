package main

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"parley/certs"
	"parley/chat"
	"parley/doors"
	"parley/internal/build"
	"parley/internal/crash"
	"parley/session"
)

// metrics are the figures of a server in Prometheus' form: they read the Stats of the packages when somebody asks, and
// keep none of their own but how long commands took.
type metrics struct {
	chat     *chat.Node
	server   *doors.Server
	sessions *session.Server
	store    records
	lost     func() uint64 // lines of the log
	commands *prometheus.HistogramVec
	certs    atomic.Pointer[certs.Source] // nil where nobody speaks TLS
}

func figure(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("parley_"+name, help, labels, nil)
}

var (
	sessionsDesc = figure("sessions", "Open sessions by state: before the login, of a guest, of a registered user.",
		"state")
	roomsDesc  = figure("rooms", "Open rooms.")
	eventsDesc = figure("events_total",
		"Events published, by what happened: said, shouted, told, opened, closed, joined, left.", "kind")
	loginsDesc = figure("logins_total",
		"Passwords given, by result: right, wrong, unchecked because of too many guesses before, or busy because "+
			"too many waited to be checked.", "result")
	registeredDesc = figure("registrations_total", "Accounts registered, by users and by operators.")
	hashingDesc    = figure("passwords_waiting", "Passwords that are being checked, or wait for it.")
	refusedDesc    = figure("connections_refused_total",
		"Connections refused before the login, by reason: penalty of their source, source with too many, crowd "+
			"when too many in all were not logged in, or full when there were as many as there may be.", "reason")
	endedDesc = figure("connections_ended_total",
		"Connections that ended, those that were refused included, by reason.", "reason")
	madeRoomDesc = figure("connections_made_room_total",
		"Connections that had sent nothing and were closed when all places for those who are not logged in were taken.")
	penaltiesDesc = figure("penalties_total", "Penalties imposed on sources, such as for a wrong password.")
	sourcesDesc   = figure("sources", "Sources that have a connection or a penalty.")
	overflowsDesc = figure("slow_sessions_ended_total",
		"Sessions ended because their connection did not take what was sent to it.")
	storeBytesDesc = figure("store_size_bytes", "Size of the files in the data folder.")
	freeBytesDesc  = figure("disk_free_bytes", "What is left on the disk of the data folder.")
	writesDesc     = figure("store_writes_total", "Writes to the store since it was made; goes on over restarts.")
	lostLinesDesc  = figure("log_lines_lost_total",
		"Lines of the log that were lost because it was not read in time, or could not be written.")
	certDesc = figure("certificate_end_timestamp_seconds",
		"When the certificate for TLS that is in force is no longer valid, in seconds since 1970.")
	buildDesc = figure("build_info",
		"Always 1; the labels say which version runs, and which commit of which day it was built from.",
		"version", "commit", "date", "modified")
)

func newMetrics(node *chat.Node, server *doors.Server, sessions *session.Server, store records,
	lost func() uint64) *metrics {
	return &metrics{
		chat: node, server: server, sessions: sessions, store: store, lost: lost,
		commands: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "parley_command_duration_seconds",
			Help:    "How long commands took, waiting for the disk and for a typed password included.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"command"}),
	}
}

// registry returns the figures with those of the Go runtime, of the process, and of more, which may be nil.
func (m *metrics) registry(more prometheus.Collector) *prometheus.Registry {
	r := prometheus.NewRegistry()
	if more != nil {
		r.MustRegister(more)
	}
	r.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// observe counts a command that was run.
func (m *metrics) observe(command string, took time.Duration) {
	m.commands.WithLabelValues(command).Observe(took.Seconds())
}

// Describe implements [prometheus.Collector].
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		sessionsDesc, roomsDesc, eventsDesc, loginsDesc, registeredDesc, hashingDesc, overflowsDesc, refusedDesc,
		penaltiesDesc, sourcesDesc, endedDesc, madeRoomDesc,
		storeBytesDesc, freeBytesDesc, writesDesc, lostLinesDesc, certDesc, buildDesc,
	} {
		out <- d
	}
	m.commands.Describe(out)
}

// Collect implements [prometheus.Collector].
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	// The goroutine is the registry's, which would not survive.
	defer func() {
		if v := recover(); v != nil {
			out <- prometheus.NewInvalidMetric(buildDesc, fmt.Errorf("panic: %s", crash.About(v)))
		}
	}()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	s := m.chat.Stats(context.Background())
	// The two counts are of two moments: somebody may have come or gone in between.
	gauge(sessionsDesc, float64(max(0, m.sessions.Stats().Open-s.Online)), "login")
	gauge(sessionsDesc, float64(s.Guests), "guest")
	gauge(sessionsDesc, float64(s.Online-s.Guests), "user")
	gauge(roomsDesc, float64(s.Rooms))
	events := make(map[string]uint64)
	for kind, n := range s.Events {
		events[kind.String()] += n
	}
	for kind, n := range events {
		count(eventsDesc, n, kind)
	}
	count(loginsDesc, s.Logins, "right")
	count(loginsDesc, s.Refused-min(s.Refused, s.Unchecked), "wrong")
	count(loginsDesc, s.Unchecked, "unchecked")
	count(loginsDesc, s.Busy, "busy")
	count(registeredDesc, s.Registered)
	gauge(hashingDesc, float64(s.Hashing))
	count(overflowsDesc, m.sessions.Stats().Slow)
	for reason, n := range m.server.Stats().Ended {
		count(endedDesc, n, reason)
	}
	if gate := m.server.Gate; gate != nil {
		g := gate.Stats()
		count(refusedDesc, g.RefusedFull, "full")
		count(madeRoomDesc, g.MadeRoom)
		count(refusedDesc, g.RefusedPenalty, "penalty")
		count(refusedDesc, g.RefusedSource, "source")
		count(refusedDesc, g.RefusedDrop, "crowd")
		count(penaltiesDesc, g.Penalties)
		gauge(sourcesDesc, float64(g.Sources))
	}
	count(lostLinesDesc, m.lost())
	if source := m.certs.Load(); source != nil {
		gauge(certDesc, float64(source.Certificate().Leaf.NotAfter.Unix()))
	}
	built := build.Read()
	gauge(buildDesc, 1, version, built.Commit, built.Date(), strconv.FormatBool(built.Modified))
	m.commands.Collect(out)

	stored, err := m.store.Stats()
	if err != nil {
		out <- prometheus.NewInvalidMetric(storeBytesDesc, err)
		return
	}
	gauge(storeBytesDesc, float64(stored.Bytes))
	if stored.Free >= 0 {
		gauge(freeBytesDesc, float64(stored.Free))
	}
	count(writesDesc, stored.Writes)
}
