package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"parley/words"
)

// TestManual compares the manual pages and the reference of the configuration with the options and commands that they
// are made of.
func TestManual(t *testing.T) {
	parser, err := newParser(new(commandLine), io.Discard, nil, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"docs/man/parley.1":      manual(parser.Model),
		"docs/man/parley.yaml.5": configManual(parser.Model),
		"docs/configuration.md":  configReference(parser.Model),
	} {
		path := filepath.Join("..", "..", filepath.FromSlash(name))
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what the options say: go test ./cmd/parley -run TestManual -update", name)
		}
	}
}

// TestManualLint lets mandoc read the manual pages.
func TestManualLint(t *testing.T) {
	mandoc := need(t, "mandoc", "mandoc")
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "man", "*.[15]"))
	if err != nil || len(pages) != 2 {
		t.Fatalf("%q, %v", pages, err)
	}
	if out, err := exec.Command(mandoc, append([]string{"-T", "lint", "-W", "style"}, pages...)...).
		CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// fileOptions returns the options that a configuration file can set.
func fileOptions(app *kong.Application) (all []*kong.Flag) {
	for _, f := range app.Flags {
		if f.Name != "help" && f.Name != "version" && f.Name != "config" {
			all = append(all, f)
		}
	}
	return all
}

// meaning is the help of an option without its default, which stands elsewhere.
func meaning(f *kong.Flag) string {
	return strings.TrimSpace(strings.TrimSuffix(f.Help, "("+f.Default+")"))
}

func byDefault(f *kong.Flag) string {
	switch {
	case f.Default != "":
		return f.Default
	case f.IsBool():
		return "false"
	}
	return "none"
}

func configReference(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("# Configuration\n\nThis is made of the options in package `main`: `go test ./cmd/parley -run " +
		"TestManual -update` writes it.\n\nFlags beat the environment, and the environment beats the file that " +
		"`--config` names. A key of the file has the name of its option without the dashes. `parley check-config` " +
		"says all that is wrong.\n\nOptions marked *live* change on SIGHUP (`systemctl reload parley`). The others " +
		"want a restart.\n")
	for _, f := range fileOptions(app) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nDefault: `%s`. Environment: `%s`.", f.Name, meaning(f), byDefault(f),
			strings.Join(f.Envs, "`, `"))
		if f.IsSlice() {
			b.WriteString(
				" May be given more than once; in the file it is a list, in the environment commas divide it.")
		}
		if f.Tag.Has(liveTag) {
			b.WriteString(" *live*")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// roff writes text so that troff shows it as it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, ". ", ".\n").Replace(text)
	var lines []string
	for line := range strings.Lines(text) { // a new sentence begins a new one
		row := ""
		for word := range strings.FieldsSeq(line) {
			if row != "" && len(row)+len(word) >= 79 {
				lines, row = append(lines, row), ""
			}
			row = strings.TrimSpace(row + " " + word)
		}
		lines = append(lines, row)
	}
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// manualDate is when the manual pages were last looked through.
const manualDate = "2026-11-27"

// valueOf says what may stand behind an option.
func valueOf(f *kong.Flag) string {
	switch {
	case f.Enum != "":
		return strings.ReplaceAll(f.Enum, ",", "|")
	case f.PlaceHolder == "":
		return "TEXT"
	}
	return f.PlaceHolder
}

func manual(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(".\\\" Made by: go test ./cmd/parley -run TestManual -update\n" +
		".TH PARLEY 1 " + manualDate + " \"Parley " + version + "\" \"User Commands\"\n" +
		".SH NAME\nparley \\- chat server that people reach with telnet\n" +
		".SH SYNOPSIS\n.B parley\n[\\fIoption\\fR ...]\n[\\fIcommand\\fR [\\fIargument\\fR ...]]\n" +
		".SH DESCRIPTION\n" + roff(app.Help) + "\n.PP\nWithout a command it serves.\n.SH OPTIONS\n")
	for _, f := range app.Flags {
		b.WriteString(".TP\n" + flagLine(f) + "\n" + roff(f.Help) + "\n")
	}
	b.WriteString(".SH COMMANDS\n")
	for _, n := range app.Leaves(true) {
		b.WriteString(".SS " + roff(commandPath(n)) + "\n")
		usage := []string{`\fB` + roff(commandPath(n)) + `\fR`}
		for _, f := range n.Flags {
			usage = append(usage, `[\fB\-\-`+roff(f.Name)+`\fR]`)
		}
		if row := rowOf(n); row != nil {
			usage = []string{`\fB` + roff(row.UsageText()) + `\fR`}
		} else {
			for _, p := range n.Positional {
				usage = append(usage, `\fI`+roff(p.Summary())+`\fR`)
			}
		}
		b.WriteString(strings.Join(usage, " ") + "\n.PP\n" + roff(n.Help) + "\n")
		if row := rowOf(n); row != nil && row.Help(words.English).More != "" {
			b.WriteString(roff(strings.TrimSpace(row.Help(words.English).More)) + "\n")
		}
		for _, f := range n.Flags {
			b.WriteString(".TP\n" + flagLine(f) + "\n" + roff(f.Help) + "\n")
		}
		for _, p := range n.Positional {
			if p.Help != "" && rowOf(n) == nil {
				b.WriteString(".TP\n\\fI" + roff(p.Summary()) + "\\fR\n" + roff(p.Help) + "\n")
			}
		}
	}
	b.WriteString(`.SH ENVIRONMENT
Each option has a variable: PARLEY_LOG_LEVEL sets \-\-log\-level.
.SH EXIT STATUS
.TP
0
All went well.
.TP
1
It could not be done: a port in use, a data folder that cannot be read, or a
refusal.
.TP
2
The command line, the environment or the configuration file is wrong.
.SH SIGNALS
SIGTERM and SIGINT end the server in good order.
SIGHUP makes it read the configuration and the text files again.
.SH FILES
.TP
.I /etc/parley/parley.yaml
The configuration that the packaged service reads.
.TP
.I /var/lib/parley/data
The accounts of the packaged service.
.SH SEE ALSO
.BR parley.yaml (5),
.BR telnet (1)
`)
	return b.String()
}

func flagLine(f *kong.Flag) string {
	line := `\fB\-\-` + roff(f.Name) + `\fR`
	if f.Short != 0 {
		line = `\fB\-` + string(f.Short) + `\fR, ` + line
	}
	if !f.IsBool() {
		line += `=\fI` + roff(valueOf(f)) + `\fR`
	}
	return line
}

func configManual(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(".\\\" Made by: go test ./cmd/parley -run TestManual -update\n" +
		".TH PARLEY.YAML 5 " + manualDate + " \"Parley " + version + "\" \"File Formats\"\n" +
		".SH NAME\nparley.yaml \\- configuration of the chat server parley\n" +
		".SH DESCRIPTION\nA file in YAML that \\fBparley\\fR \\fB\\-\\-config\\fR names.\n" +
		"Each key is the name of an option.\nFlags and the environment beat what it says.\n" +
		"\\fBparley check\\-config\\fR says all that is wrong with it.\n" +
		".SH KEYS\n")
	for _, f := range fileOptions(app) {
		value := valueOf(f)
		if f.IsBool() {
			value = "true|false"
		}
		fmt.Fprintf(&b, ".TP\n\\fB%s\\fR: \\fI%s\\fR\n%s\nDefault: %s.\n", roff(f.Name), roff(value), roff(meaning(f)),
			roff(byDefault(f)))
		if f.IsSlice() {
			b.WriteString("May be a list.\n")
		}
		if f.Tag.Has(liveTag) {
			b.WriteString("SIGHUP puts a change in force.\n")
		}
	}
	b.WriteString(".SH EXAMPLE\n.nf\nlisten: [\"127.0.0.1:4000\"]\nguests: chat\nlog\\-level: info\n.fi\n" +
		".SH SEE ALSO\n.BR parley (1)\n")
	return b.String()
}
