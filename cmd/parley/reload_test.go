package main

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/chat"
	"parley/session"
)

// TestReloadSettings reads a configuration file again, whole or not at all.
func TestReloadSettings(t *testing.T) {
	file, banner := filepath.Join(t.TempDir(), "parley.yaml"), filepath.Join(t.TempDir(), "banner.txt")
	write(t, banner, "one")
	write(t, file, "guests: chat\nlog-level: warn\nbanner: "+banner+"\n")
	args := []string{"--config", file}
	o, _, err := parseOptions(args, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	log := new(strings.Builder)
	level := new(slog.LevelVar)
	level.Set(o.LogLevel.level())
	node := chat.New(chat.Options{Guests: o.Guests})
	defer node.Close()
	s := &settings{args: args, options: o, log: slog.New(slog.NewTextHandler(log, nil)), level: level,
		texts: new(textFiles), node: node}
	if err := s.texts.read(o); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file, banner string
		guests             chat.GuestPolicy
		level              slog.Level
		shown              string
		logged             []string
	}{
		{"all three", "guests: off\nlog-level: debug\nbanner: " + banner, "two", chat.GuestsOff, slog.LevelDebug, "two",
			[]string{"level=INFO", `changed="guests log-level texts"`}},
		{"unknown option", "guests: chat\nbaner: x", "three", chat.GuestsOff, slog.LevelDebug, "two",
			[]string{"level=ERROR", "baner"}},
		{"wrong value", "guests: sometimes", "three", chat.GuestsOff, slog.LevelDebug, "two",
			[]string{"level=ERROR", "--guests"}},
		{"no such text", "guests: chat\nbanner: /nowhere/banner.txt", "three", chat.GuestsOff, slog.LevelDebug, "two",
			[]string{"level=ERROR", "/nowhere"}},
		{"no YAML", "guests: [", "three", chat.GuestsOff, slog.LevelDebug, "two", []string{"level=ERROR", "YAML"}},
		{"restart", "guests: chat\nlisten: :1\nlog-format: json\ndata: elsewhere", "three", chat.GuestsChat,
			slog.LevelInfo, session.DefaultTexts(session.DefaultName).Banner,
			[]string{"option=listen", "option=log-format", "option=data", "level=INFO"}},
		{"text alone", "guests: chat\nbanner: " + banner, "four", chat.GuestsChat, slog.LevelInfo, "four",
			[]string{`changed="banner texts"`}},
	} {
		log.Reset()
		write(t, file, tt.file+"\n")
		write(t, banner, tt.banner)
		s.reload()
		if node.Guests() != tt.guests || level.Level() != tt.level || s.texts.current().Banner != tt.shown {
			t.Errorf("%s: guests %s, level %v, banner %q; want %s, %v, %q", tt.name, node.Guests(), level.Level(),
				s.texts.current().Banner, tt.guests, tt.level, tt.shown)
		}
		for _, want := range tt.logged {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: no %q in the log:\n%s", tt.name, want, log)
			}
		}
	}
}

// TestOptionNames compares the names that the log gives to options with those that kong does.
func TestOptionNames(t *testing.T) {
	var line commandLine
	parser, err := newParser(&line, t.Output(), nil, func() {})
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, f := range parser.Model.Flags {
		flags = append(flags, f.Name)
	}
	var fields []string
	for _, field := range optionFields() {
		fields = append(fields, optionName(field))
	}
	if len(fields) < 8 {
		t.Errorf("only %q", fields)
	}
	for _, name := range fields {
		if !slices.Contains(flags, name) {
			t.Errorf("kong knows no option %q: %q", name, flags)
		}
	}
}

// TestSIGHUP sends the signal to the program.
func TestSIGHUP(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.yaml")
	write(t, file, "guests: register\n")
	server := startProcess(t, t.TempDir(), "--config", file)
	guest := dialScript(t, server.address)
	guest.send("guest")
	guest.expect("<guest:0> ")
	hup := func(content, logged string) {
		t.Helper()
		write(t, file, content)
		if err := server.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(patience); !strings.Contains(server.log.String(),
			logged); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("no %q in the log:\n%s", logged, server.log)
			}
		}
	}
	hup("guests: perhaps\n", "configuration not read again, all stays as it was")
	guest.send("shout hello")
	guest.expect("Guests cannot use")
	hup("guests: chat\n", "changed=guests")
	guest.send("shout hello")
	guest.expect("!!guest!!: hello")
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}
