package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.yaml.in/yaml/v3"

	"parley/chat"
	"parley/commands"
	"parley/db"
	"parley/doors"
	"parley/session"
)

// watched returns figures and health of a server that serves nobody.
func watched(t *testing.T, store *db.DB) (*metrics, *health) {
	t.Helper()
	node := chat.New(chat.Options{Store: store})
	t.Cleanup(node.Close)
	h := &health{store: store}
	h.accepting.Store(true)
	return newMetrics(node, &doors.Server{Gate: new(doors.Gate)}, &session.Server{Chat: node, Commands: commands.New()},
		store, new(outlet).total.Load), h
}

func openStore(t *testing.T, opts *db.Options) *db.DB {
	t.Helper()
	opts.Log = slog.New(slog.DiscardHandler)
	store, err := db.Open(t.TempDir(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func get(h http.Handler, path string) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestMetricsLint(t *testing.T) {
	m, _ := watched(t, openStore(t, new(db.Options)))
	m.observe("who", time.Millisecond)
	problems, err := testutil.GatherAndLint(m.registry(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// fetch returns what an HTTP server answers.
func fetch(t testing.TB, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMetrics reads the figures of a program that people use.
func TestMetrics(t *testing.T) {
	server := startProcess(t, t.TempDir(), "--admin-listen", "127.0.0.1:0", "--log-level", "info")
	monitor := server.monitorAddress()
	scrape := func(path string) string { return fetch(t, "http://"+monitor+path) }
	alice, guest, nobody := dialScript(t, server.address), dialScript(t, server.address), dialScript(t, server.address)
	alice.send("guest", "register alice quicksand", "login alice", "wrong", "login alice", "quicksand", "start tea",
		"shout hello", "tell alice hi")
	alice.expect("Told alice.")
	guest.send("guest", "who")
	guest.expect("<guest:1> ")
	nobody.expect("username: ")
	figures := scrape("/metrics")
	for _, want := range []string{
		`parley_sessions{state="login"} 1`, `parley_sessions{state="guest"} 1`, `parley_sessions{state="user"} 1`,
		`parley_rooms 1`,
		`parley_events_total{kind="shouted"} 1`, `parley_events_total{kind="told"} 1`,
		`parley_events_total{kind="opened"} 1`,
		`parley_logins_total{result="right"} 1`, `parley_logins_total{result="wrong"} 1`,
		`parley_logins_total{result="busy"} 0`,
		`parley_logins_total{result="unchecked"} 0`, `parley_connections_refused_total{reason="penalty"} 0`,
		`parley_penalties_total `,
		`parley_connections_refused_total{reason="source"} 0`, `parley_connections_refused_total{reason="crowd"} 0`,
		`parley_connections_refused_total{reason="full"} 0`, `parley_sources `,
		`parley_registrations_total 1`, `parley_log_lines_lost_total 0`, `parley_passwords_waiting 0`,
		`parley_slow_sessions_ended_total 0`,
		`parley_command_duration_seconds_count{command="who"} 1`,
		`parley_command_duration_seconds_count{command="shout"} 1`,
		`parley_build_info{commit="`, `",date="`, `version="` + version + `"} 1`,
		`go_goroutines `, `parley_store_size_bytes `,
		`parley_disk_free_bytes `,
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("no %q in the figures", want)
		}
	}
	if t.Failed() {
		t.Log(figures)
	}
	for method, path := range map[string]string{http.MethodGet: "/metrics", http.MethodOptions: "*"} {
		r := &http.Request{Method: method, URL: &url.URL{Scheme: "http", Host: monitor, Opaque: path},
			Host: "evil.example"}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s for another host: got %s", method, path, answer.Status)
		}
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n",
		"/debug/pprof/": "404 page not found\n", "/": "404 page not found\n"} {
		if got := scrape(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestMonitorPprof(t *testing.T) {
	m, h := watched(t, openStore(t, new(db.Options)))
	if status, body := get(monitorHandler(&options{AdminPprof: true}, m.registry(nil), h),
		"/debug/pprof/goroutine?debug=1"); status != 200 || !strings.Contains(body, "goroutine profile") {
		t.Errorf("got %d, %.60q", status, body)
	}
}

func TestMonitorAddress(t *testing.T) {
	for _, tt := range []struct {
		address string
		public  bool
		ok      bool
	}{
		{"", false, true}, {"127.0.0.1:9100", false, true}, {"[::1]:9100", false, true}, {"localhost:0", false, true},
		{":9100", false, false}, {"0.0.0.0:9100", false, false}, {"192.0.2.1:9100", false, false},
		{"example.org:9100", false, false},
		{":9100", true, true}, {"9100", true, false}, {"9100", false, false},
	} {
		err := (&options{AdminListen: tt.address, AdminListenPublic: tt.public}).checkMonitor()
		if (err == nil) != tt.ok {
			t.Errorf("%q, public %v: got %v, want ok to be %v", tt.address, tt.public, err, tt.ok)
		}
	}
	err := run(t.Context(), []string{"--admin-listen", ":9100", "--data", t.TempDir()}, io.Discard)
	if _, ok := errors.AsType[*usageError](err); !ok {
		t.Errorf("got %v, want a usage error", err)
	}
}

// TestMonitorHost asks at the loopback under other names, as a web page can whose name was made to lead there.
func TestMonitorHost(t *testing.T) {
	m, h := watched(t, openStore(t, new(db.Options)))
	all := monitorHandler(&options{AdminPprof: true}, m.registry(nil), h)
	loopback := &net.TCPAddr{IP: net.IPv6loopback, Port: 9100}
	public := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9100}
	ask := func(at net.Addr, host, path string) int {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = host
		guardLoopback(at, all).ServeHTTP(w, r)
		return w.Code
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/", "/debug/pprof/cmdline"} {
		for _, host := range []string{"localhost", "localhost:9100", "LocalHost.:80", "127.0.0.1:9100", "127.8.9.1",
			"[::1]:9100", "[::1]", "::1", "[::ffff:127.0.0.1]:1"} {
			if status := ask(loopback, host, path); status != http.StatusOK {
				t.Errorf("%s of %q: got %d", path, host, status)
			}
		}
		for _, host := range []string{
			"", "evil.example", "evil.example:9100", "localhost.evil.example", "127.0.0.1.evil.example:9100",
			"192.0.2.1", "10.0.0.1:9100", "0.0.0.0:9100",
			"[::]:9100", "[2001:db8::1]:9100", "evil.example@localhost", "localhost:9100:9100",
			"127.0.0.1, evil.example", "local host",
		} {
			if status := ask(loopback, host, path); status != http.StatusForbidden {
				t.Errorf("%s of %q: got %d, want 403", path, host, status)
			}
		}
		if status := ask(public, "parley.example:9100", path); status != http.StatusOK {
			t.Errorf("%s at a public address: got %d", path, status)
		}
	}
}

// TestReady asks a server whose store takes no writes, and one that does not accept.
func TestReady(t *testing.T) {
	_, good := watched(t, openStore(t, new(db.Options)))
	full := openStore(t, &db.Options{MinFree: math.MaxInt64})
	_, bad := watched(t, full)
	if status, body := get(monitorHandler(new(options), nil, good), "/readyz"); status != 200 || body != "ready\n" {
		t.Errorf("a good server: got %d, %q", status, body)
	}
	if status, body := get(monitorHandler(new(options), nil, bad), "/readyz"); status != 503 ||
		!strings.Contains(body, "the store cannot be written to: the disk is full") {
		t.Errorf("a full disk: got %d, %q", status, body)
	}
	if status, _ := get(monitorHandler(new(options), nil, bad), "/healthz"); status != 200 {
		t.Errorf("a full disk, healthz: got %d: nothing is gained by a restart", status)
	}
	good.accepting.Store(false)
	if status, body := get(monitorHandler(new(options), nil, good), "/readyz"); status != 503 ||
		!strings.Contains(body, "not accepting") {
		t.Errorf("a server that stops: got %d, %q", status, body)
	}
}

// A slowStore counts writes, and hangs or fails when told to.
type slowStore struct {
	chat.Store
	writes int
	hang   bool
}

func (s *slowStore) Put(ctx context.Context, bucket, key string, value []byte, revision uint64) (uint64, error) {
	s.writes++
	if s.hang {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.Store.Put(ctx, bucket, key, value, revision)
}

// TestReadySeldomWrites asks often: the store is written to once in five seconds at most, and waited for two.
func TestReadySeldomWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowStore{Store: chat.NewMemoryStore()}
		h := &health{store: store}
		h.accepting.Store(true)
		for range 100 { // 10 s
			if err := h.ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if store.writes != 2 {
			t.Errorf("%d writes in ten seconds, want 2", store.writes)
		}
		store.hang = true
		time.Sleep(probeEvery)
		start := time.Now()
		if err := h.ready(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != probeTime {
			t.Errorf("a store that hangs: got %v after %v", err, time.Since(start))
		}
		store.hang = false
		time.Sleep(probeAgain)
		if err := h.ready(t.Context()); err != nil {
			t.Errorf("once it goes on: %v", err)
		}
	})
}

// A cutOff is a ground that is not ready any more from that moment on.
type cutOff struct {
	ground
	at time.Time
}

var errCutOff = errors.New("the others cannot be reached")

func (c *cutOff) ready() error {
	if time.Now().Before(c.at) {
		return nil
	}
	return errCutOff
}

// TestReadyNoLonger asks a server which is cut off while it waits for its store: it says so as soon as it knows.
func TestReadyNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		h := &health{store: &slowStore{Store: chat.NewMemoryStore(), hang: true}, log: slog.New(slog.DiscardHandler),
			ground: &cutOff{at: start.Add(probeTime / 2)}}
		h.accepting.Store(true)
		if err := h.ready(t.Context()); err != errCutOff || time.Since(start) > probeTime/2+lookAgain {
			t.Errorf("got %v after %v, want %v after %v", err, time.Since(start), errCutOff, probeTime/2)
		}
	})
}

// TestDeployNames looks up every figure that the alert rules and the dashboard use.
func TestDeployNames(t *testing.T) {
	m, _ := watched(t, openStore(t, new(db.Options)))
	m.observe("who", time.Millisecond)
	m.chat.Announce(t.Context(), chat.AtConsole(), chat.Clean("hello")) // so that there is an event
	families, err := m.registry(nil).Gather()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"up": true}
	for _, f := range families {
		known[f.GetName()] = true
		if f.GetType().String() == "HISTOGRAM" {
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				known[f.GetName()+suffix] = true
			}
		}
	}
	descs := make(chan *prometheus.Desc, 100)
	new(clustered).Describe(descs) // which a server alone does not have
	descs <- certDesc              // nor one without TLS
	close(descs)
	for d := range descs {
		known[regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	readDeploy(t, "alerts.yaml", func(b []byte) error { return yaml.Unmarshal(b, &rules) })
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	readDeploy(t, "dashboard.json", func(b []byte) error { return json.Unmarshal(b, &board) })
	expressions := make(map[string]string)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			expressions[r.Alert] = r.Expr
			if r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
				t.Errorf("%s says not what happened and what to do", r.Alert)
			}
		}
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			expressions[p.Title+": "+target.Expr] = target.Expr
		}
	}
	if len(expressions) < 15 {
		t.Errorf("only %d expressions were found", len(expressions))
	}
	name := regexp.MustCompile(`\b(?:parley|go|process)_[a-z0-9_]+`)
	for where, expression := range expressions {
		found := name.FindAllString(expression, -1)
		if len(found) == 0 && !strings.HasPrefix(expression, "up{") {
			t.Errorf("%s: no figure in %q", where, expression)
		}
		for _, n := range found {
			if !known[n] {
				t.Errorf("%s: there is no figure %s", where, n)
			}
		}
	}
}

func readDeploy(t *testing.T, file string, decode func([]byte) error) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
	if err == nil {
		err = decode(b)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
