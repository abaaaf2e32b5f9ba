package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/db"
	"parley/session"
)

func TestOptionsPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.yaml")
	write(t, file, "listen: [127.0.0.1:1, '127.0.0.1:2']\nguests: chat\nlog-level: debug\ndata: from-file\n")
	t.Setenv("PARLEY_GUESTS", "off")
	t.Setenv("PARLEY_DATA", "from-environment")
	o, selected, err := parseOptions([]string{"--config", file, "--data", "from-flag"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := target(selected).(*serveCommand); !ok {
		t.Errorf("selected %s, want serve", selected.Name)
	}
	if want := []string{"127.0.0.1:1", "127.0.0.1:2"}; !slices.Equal(o.Listen, want) {
		t.Errorf("listen (from the file): got %q, want %q", o.Listen, want)
	}
	if o.Guests != "off" {
		t.Errorf("guests (environment beats file): got %q", o.Guests)
	}
	if o.Data != "from-flag" {
		t.Errorf("data (flag beats environment): got %q", o.Data)
	}
	if o.LogLevel.level() != slog.LevelDebug {
		t.Errorf("log-level (from the file): got %v", o.LogLevel)
	}
}

// TestFileAsWritten tests that a value in a file is what stands there, and not what YAML takes it for.
func TestFileAsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.yaml")
	write(t, file, "name: 2026-01-01\nmssp-hostname: 1.10\npassword-min: 010\nweb-host: [&one 1.10, 1e3, *one]\n"+
		"hold: \nguests: off\nmssp: true\nmotd: ''\n")
	o, _, err := parseOptions([]string{"--config", file}, io.Discard)
	if o == nil {
		t.Fatal(err)
	}
	if o.Name != "2026-01-01" || o.MSSPHostname != "1.10" || o.PasswordMin != 10 || o.Guests != "off" || !o.MSSP {
		t.Errorf("got %q, %q, %d, %q, %t", o.Name, o.MSSPHostname, o.PasswordMin, o.Guests, o.MSSP)
	}
	if want := []string{"1.10", "1e3", "1.10"}; !slices.Equal(o.WebHost, want) {
		t.Errorf("web-host: got %q, want %q", o.WebHost, want)
	}
	if time.Duration(o.Hold) != 2*time.Minute {
		t.Errorf("hold, which is left open: got %v", time.Duration(o.Hold))
	}
}

func TestOptionsRefused(t *testing.T) {
	dir := t.TempDir()
	file := func(text string) string {
		f, err := os.CreateTemp(dir, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		write(t, f.Name(), text)
		return f.Name()
	}
	long := filepath.Join(dir, "long.txt")
	write(t, long, strings.Repeat("x", maxText+1))
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"--liste", ":1"}, "unknown flag --liste"},
		{"no name", []string{"--name", " "}, "--name: the name is empty"},
		{"long name", []string{"--name", strings.Repeat("x", session.MaxName+1)},
			"--name: the name is longer than 60 columns"},
		{"long wide name", []string{"--name", strings.Repeat("茶", session.MaxName/2+1)},
			"--name: the name is longer than 60 columns"},
		{"name that controls", []string{"--name", "a\x1b[2Jb"}, "--name: the name has characters that cannot be shown"},
		{"name of two lines", []string{"--name", "a\nb"}, "--name: the name has characters that cannot be shown"},
		{"version in a file", []string{"--config", file("version: true")}, `there is no option "version"`},
		{"unknown command", []string{"sevre"}, "sevre"},
		{"no address", []string{"--listen", "4000"}, `"4000" is not an address`},
		{"unknown policy", []string{"--guests", "maybe"}, "--guests must be one of"},
		{"no port", []string{"--listen", "127.0.0.1:99999"}, `"127.0.0.1:99999" is not an address`},
		{"nowhere", []string{"--listen", ""}, "there is no address to listen on"},
		{"unknown level", []string{"--log-level", "loud"}, "--log-level must be one of"},
		{"no such banner", []string{"--banner", filepath.Join(dir, "none.txt")}, "--banner: open"},
		{"long banner", []string{"--motd", long}, "longer than 65536 bytes"},
		{"no name of a node", []string{"--cluster", "nats://192.0.2.1", "--cluster-node", "A", "--cluster-nodes", "a"},
			`--cluster-node: "A" is no name of a node`},
		{"no value", []string{"--config"}, "--config: its value is missing"},
		{"no such file", []string{"--config", filepath.Join(dir, "none.yaml")}, "--config: open"},
		{"no YAML", []string{"--config", file("listen: [")}, "not a YAML file of options"},
		{"unknown key", []string{"--config", file("listne: 127.0.0.1:0")}, `there is no option "listne"`},
		{"host with blanks", []string{"--mssp-hostname", "a b"}, `--mssp-hostname: "a b" is not the name of a host`},
		{"host that controls", []string{"--mssp-hostname", "a\x02b"}, "is not the name of a host"},
		{"long host", []string{"--mssp-hostname", strings.Repeat("a", 254)}, "is not the name of a host"},
		{"wrong value", []string{"--config", file("guests: maybe")}, "guests"},
		{"table", []string{"--config", file("guests: {a: b}")}, "--guests: the configuration file has a table here"},
		{"table with numbers", []string{"--config", file("name: {1: 2}")}, "the configuration file has a table here"},
		{"list of lists", []string{"--config", file("listen: [[a, b]]")}, "the configuration file has a list of lists"},
		{"no command", []string{"usr"}, `"parley --help" shows what there is`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t.Context(), tt.args, io.Discard)
			if _, ok := errors.AsType[*usageError](err); !ok {
				t.Fatalf("got %v, want a usage error", err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one sentence with %q", err, tt.want)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, want := range map[string]string{"--help": "--listen", "version": "parley " + version, "help": "--listen",
		"help user add": "Usage: parley user add <user>"} {
		var out strings.Builder
		if err := run(t.Context(), strings.Fields(args), &out); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: no %q in %q", args, want, out.String())
		}
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = run(t.Context(), []string{"--listen", l.Addr().String(), "--data", t.TempDir()}, io.Discard)
	if want := "the address " + l.Addr().String() + " is in use by another program: stop that, or " +
		"choose another address"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestDataInUse(t *testing.T) {
	dir := t.TempDir()
	store, err := db.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = run(t.Context(), []string{"--listen", "127.0.0.1:0", "--data", dir}, io.Discard)
	if !errors.Is(err, db.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want a sentence that says that %s is in use", err, dir)
	}
}

// TestReload reads the text files again; when one of them is gone, all stay.
func TestReload(t *testing.T) {
	banner := filepath.Join(t.TempDir(), "banner.txt")
	write(t, banner, "one\n")
	o := &options{Name: session.DefaultName, Banner: banner}
	texts := new(textFiles)
	if err := texts.read(o); err != nil {
		t.Fatal(err)
	}
	write(t, banner, "two\r\nlines\r\n")
	if err := texts.read(o); err != nil {
		t.Fatal(err)
	}
	if got := texts.current().Banner; got != "two\nlines" {
		t.Errorf("got %q", got)
	}
	if err := os.Remove(banner); err != nil {
		t.Fatal(err)
	}
	if err := texts.read(o); err == nil {
		t.Error("no error for a file that is gone")
	}
	if got := texts.current().Banner; got != "two\nlines" {
		t.Errorf("after a failed read: got %q", got)
	}
}

// TestStopBeforeStart covers a signal that comes while the program is opening things.
func TestStopBeforeStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"--listen", "127.0.0.1:0", "--data", t.TempDir()}, io.Discard); err != nil &&
		!errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVersion asks for the version in both ways, also where the rest of the line, the environment or the configuration
// would not do.
func TestVersion(t *testing.T) {
	t.Setenv("PARLEY_VERSION", "1.2.3")
	for _, args := range [][]string{
		{"version"},
		{"--version"},
		{"--version", "--config", filepath.Join(t.TempDir(), "none.yaml")},
		{"serve", "--version"},
		{"--version", "--guests", "maybe"},
	} {
		var out strings.Builder
		if err := run(t.Context(), args, &out); err != nil || out.String() != versionLine()+"\n" {
			t.Errorf("%q: %q, %v", args, out.String(), err)
		}
	}
}
