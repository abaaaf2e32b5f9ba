package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/internal/crash"
)

// A monitor serves figures and health over HTTP to whoever watches the server, as --admin-listen asks.
type monitor struct {
	entrances entrances
	servers   []*http.Server
	serving   sync.WaitGroup
}

// listenMonitor listens with the sockets given, or on the address that the options name; the monitor does nothing if
// they name none. Close it.
func (p *program) listenMonitor(ctx context.Context, o *options, given []net.Listener) (*monitor, error) {
	if len(given) > 0 {
		return &monitor{entrances: entrances{{door: adminDoor, listeners: given}}}, nil
	}
	if o.AdminListen == "" {
		return new(monitor), nil
	}
	all, err := p.listenAll(ctx, []string{o.AdminListen})
	if err != nil {
		return nil, fmt.Errorf("--admin-listen: %w", err)
	}
	return &monitor{entrances: all}, nil
}

// serve answers until close.
func (m *monitor) serve(o *options, figures prometheus.Gatherer, h *health, log *slog.Logger) {
	all := monitorHandler(o, figures, h)
	for _, l := range m.entrances.listeners() {
		server := &http.Server{
			Handler: guardLoopback(l.Addr(), all),
			// a CPU profile takes 30 s
			ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute,
			MaxHeaderBytes:               16 << 10,
			DisableGeneralOptionsHandler: true, // it answers whoever asks
			ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		}
		m.servers = append(m.servers, server)
		log.Info("metrics and health", "address", l.Addr().String())
		m.serving.Go(func() { // until close
			defer crash.Survive(log, "metrics and health")
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				log.Error("metrics and health are no longer served", "err", err)
			}
		})
	}
}

func monitorHandler(o *options, figures prometheus.Gatherer, h *health) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(figures, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, Timeout: 10 * time.Second, ErrorHandling: promhttp.ContinueOnError,
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.ready(r.Context()); err != nil {
			http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if o.AdminPprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

// guardLoopback lets through to h, at an address of the loopback, only requests that name the loopback as their host. A
// web page can make its own name lead to 127.0.0.1, and would then read what h answers in the browser of who sits at
// this machine.
func guardLoopback(at net.Addr, h http.Handler) http.Handler {
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !namesLoopback(r.Host) {
			http.Error(w, "only requests to localhost, 127.0.0.1 or [::1] are answered here, as the field Host tells",
				http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// namesLoopback reports whether host, as in the field Host of a request, is localhost or an address of the loopback,
// with any port or none.
func namesLoopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if strings.EqualFold(strings.TrimSuffix(name, "."), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// close ends all requests and waits.
func (m *monitor) close() {
	for _, server := range m.servers {
		server.Close()
	}
	m.entrances.close()
	m.serving.Wait()
}

// checkMonitor finds what is wrong with the options of the monitor.
func (o *options) checkMonitor() error {
	if o.AdminListen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(o.AdminListen)
	if err != nil {
		return fmt.Errorf("--admin-listen: %q is not an address such as 127.0.0.1:9100", o.AdminListen)
	}
	if ip := net.ParseIP(host); !o.AdminListenPublic && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--admin-listen: %s lets other machines read figures of this server without a password; "+
			"use 127.0.0.1, or add --admin-listen-public if that is meant", o.AdminListen)
	}
	return nil
}
