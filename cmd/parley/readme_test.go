//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"parley/internal/testenv"
)

// TestREADME compares the conversation that README shows with the transcript it is taken from, which is known to be
// true.
func TestREADME(t *testing.T) {
	root := filepath.Join("..", "..")
	transcript, err := os.ReadFile(filepath.Join(root, "testdata", "transcripts", "readme.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(transcript), "\n# README begins\n")
	want, _, marked := strings.Cut(want, "# README ends\n")
	if !marked || want == "" {
		t.Fatal("the transcript does not mark what README shows")
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut("\n"+string(readme), "\n# ")
	_, got, _ = strings.Cut(got, "\n```")
	got, _, closed := strings.Cut(got, "\n```\n")
	if !closed {
		t.Fatal("README has no block between ``` and ```")
	}
	// The fence says that it is text.
	want = "text\n" + strings.TrimSuffix(want, "\n")
	if got != want {
		t.Errorf("README and the transcript differ:\n%s", diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
}

// TestREADMECommands does what README says to do, in its order, in a copy of the sources: all commands that stand in
// lines of their own. Only the port is another, since 4000 may be in use.
func TestREADMECommands(t *testing.T) {
	testenv.Long(t)
	dir := copySources(t)
	var server *readmeServer
	fenced, tested := false, false
	for line := range strings.Lines(readDoc(t, "README.md")) {
		fenced = fenced != strings.HasPrefix(line, "```")
		if fenced {
			continue
		}
		command, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !indented {
			continue
		}
		command, _, _ = strings.Cut(command, "  #")
		command = strings.TrimSpace(command)
		switch command {
		case "go run ./cmd/parley":
			server = startReadmeServer(t, dir)
			continue
		case "go test ./...": // has begun: this is a part of it
			tested = true
			continue
		}
		input, want := "", ""
		switch first, _, _ := strings.Cut(command, " "); {
		case strings.HasPrefix(command, "go build "):
		case server == nil:
			t.Fatalf("%s: no server was started before", command)
		case strings.HasPrefix(command, "printf "):
			want = "1 user online:"
		case first == "telnet", first == "nc":
			input, want = "guest\nwho\nquit\n", "1 user online:"
		case strings.HasPrefix(command, "./parley user add "):
			input, want = "correct-horse-battery\n", "operator"
		case strings.HasPrefix(command, "./parley sessions"):
			want = "0 sessions."
		case strings.HasPrefix(command, "./parley backup "):
		default:
			t.Errorf("this test does not know what %q should do", command)
			continue
		}
		if program := strings.Fields(command[strings.LastIndex(command, "|")+1:])[0]; program == "nc" ||
			program == "telnet" {
			if _, err := exec.LookPath(program); err != nil {
				t.Logf("%s was not tried: %s is not installed", command, program)
				continue
			}
		}
		if server != nil {
			command = strings.ReplaceAll(command, "localhost 4000", "127.0.0.1 "+server.port)
		}
		if out := inShell(t, dir, command, input); !strings.Contains(out, want) {
			t.Errorf("%s: it says\n%s\nwithout %q", command, out, want)
		}
	}
	if server == nil || !tested {
		t.Error("README does not start a server, or does not say how to run the tests")
	}
}

// TestREADMERecipe adds a command as README says, and runs the tests that it says to run.
func TestREADMERecipe(t *testing.T) {
	testenv.Long(t)
	_, recipe, _ := strings.Cut(readDoc(t, "README.md"), "\n```go\n")
	recipe, _, closed := strings.Cut(recipe, "\n```\n")
	if !closed {
		t.Fatal("README has no block of Go")
	}
	dir := copySources(t)
	parts := regexp.MustCompile(`(?m)^// .*:.*\n`).Split(recipe, -1)
	if len(parts) != 6 {
		t.Fatalf("README's recipe has %d parts: %q", len(parts)-1, parts)
	}
	for i, place := range []struct{ file, before string }{
		{"chat/event.go", ")\n\n// eventKinds are"},
		{"chat/event.go", "}\n\n// String returns the kind's name"},
		{"words/english.go", "\t}),\n\tJoins:"},
		{"words/help_talk.go", ""},
		{"commands/talk.go", ""},
	} {
		file, part := filepath.Join(dir, filepath.FromSlash(place.file)), strings.TrimSpace(parts[i+1])
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, after, ok := strings.Cut(string(source), place.before)
		switch {
		case place.before != "":
			part += "\n"
		case strings.HasPrefix(place.file, "words/"):
			before, ok = strings.CutSuffix(string(source), "}\n")
			after, part = "}\n", part+"\n"
		default: // the row goes behind the last one
			before, ok = strings.CutSuffix(string(source), "}}\n")
			before, after, part = before+"}, ", "}\n", strings.TrimSuffix(part, ",")
		}
		if !ok {
			t.Fatalf("%s does not have the place for\n%s", place.file, part)
		}
		write(t, file, before+part+place.before+after)
	}
	if out := inShell(t, dir, "gofmt -l commands", ""); out != "" {
		t.Errorf("not formatted: %s", out)
	}
	inShell(t, dir, "gofmt -w chat words && go vet ./chat ./words ./commands && "+
		"go test ./commands -run TestDocs -update && go test -short ./words ./commands && "+
		"go test -short -run Event ./chat", "")
	play := filepath.Join(dir, "testdata", "transcripts", "cheer.txtar")
	write(t, play, "connect bob line\n...\nbob > bob\nbob > s3cret\n...\nconnect alice line\n...\nalice > alice\n"+
		"alice > s3cret\n...\nalice > cheer Hooray, bob!\nbob > review shouts\nbob > mentions\n-- accounts --\n"+
		"alice s3cret\nbob s3cret\n")
	inShell(t, dir, "go test -c -o parley.test ./cmd/parley && cd cmd/parley && ../../parley.test -test.run "+
		"'TestTranscripts/(cheer|help|login)$' -update"+
		" && ../../parley.test -test.run 'TestTranscripts/(cheer|help|login)$'", "")
	b, err := os.ReadFile(play)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"alice < alice cheers: Hooray, bob!\n", "bob > review shouts\n",
		": alice cheers: Hooray, bob!\n", "bob > mentions\n", ": alice cheers: Hooray, bob!\n"} {
		before, after, ok := strings.Cut(string(b), want)
		if b = []byte(after); !ok {
			t.Fatalf("%q is not behind\n%s\nbut\n%s", want, before, after)
		}
	}
}

// copySources returns a folder with what is needed to build and test the program.
func copySources(t *testing.T) string {
	t.Helper()
	dir, root := t.TempDir(), filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch to := filepath.Join(dir, name); {
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && name != ".", e.IsDir() && e.Name() == "parley-data":
			return filepath.SkipDir
		case e.IsDir():
			return os.MkdirAll(to, 0o700)
		case slices.Contains([]string{".go", ".mod", ".sum", ".md", ".txtar", ".txt", ".json", ".yaml"},
			filepath.Ext(name)), strings.HasPrefix(filepath.ToSlash(name), "web/static/"):
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(to, b, 0o600)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// inShell runs a command in dir with that input, and returns what it says. The input of telnet stays open: telnet ends
// with its input, before it has shown the answer. That of others ends, since some kinds of nc end with nothing else.
func inShell(t *testing.T, dir, command, input string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	telnet := strings.HasPrefix(command, "telnet ")
	_, _ = io.WriteString(stdin, input) // who does not read it has said why
	if !telnet {
		_ = stdin.Close()
	}
	err = cmd.Wait()
	if err != nil && !telnet { // which ends with 1 when the server closes the connection
		t.Fatalf("%s: %v\n%s", command, err, out.String())
	}
	return out.String()
}

// A readmeServer is the program that README says to run, at work.
type readmeServer struct{ port string }

func startReadmeServer(t *testing.T, dir string) *readmeServer {
	t.Helper()
	cmd := exec.Command("go", "run", "./cmd/parley")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), "PARLEY_LISTEN=127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // as Ctrl-C does: to go and to the program
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "telnet "); ok {
			_, port, _ := strings.Cut(address, " ")
			return &readmeServer{port}
		}
	}
	t.Fatal("the server does not say how to connect")
	return nil
}

// TestREADMELines tests that what a newcomer reads first can be read where nothing wraps its lines. Tables and commands
// cannot be wrapped.
func TestREADMELines(t *testing.T) {
	const columns = 120
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		fenced, number := false, 0
		for line := range strings.Lines(readDoc(t, name)) {
			number++
			line = strings.TrimSuffix(line, "\n")
			fenced = fenced != strings.HasPrefix(line, "```")
			prose := !fenced && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "    ")
			if n := utf8.RuneCountInString(line); prose && n > columns {
				t.Errorf("%s:%d has %d columns, more than %d", name, number, n, columns)
			}
		}
	}
}
