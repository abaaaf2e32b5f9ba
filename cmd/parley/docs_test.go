package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readDoc(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestDocsOptions looks for every option in the documents that list them.
func TestDocsOptions(t *testing.T) {
	readme, operating := readDoc(t, "README.md"), readDoc(t, "docs/operating.md")
	_, live, _ := strings.Cut(operating, "Put in force at once:")
	live, _, _ = strings.Cut(live, "All others need a restart")
	for _, field := range optionFields() {
		name := optionName(field)
		if !strings.Contains(readme, "`--"+name+"`") {
			t.Errorf("README.md has no row for --%s", name)
		}
		if _, tagged := field.Tag.Lookup(liveTag); tagged != strings.Contains(live, "`"+name+"`") {
			t.Errorf("docs/operating.md says of %s that it changes while the server runs: %v", name, !tagged)
		}
	}
}

// TestSecurityRows looks for the tests and transcripts that SECURITY.md names: a promise without a test is none.
func TestSecurityRows(t *testing.T) {
	var rows [][]string
	for line := range strings.Lines(readDoc(t, "SECURITY.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if strings.HasPrefix(line, "| ") && len(cells) == 4 && strings.TrimSpace(cells[3]) != "test" {
			rows = append(rows, cells[3:])
		}
	}
	wantTests(t, rows, 20)
}

// TestFailureRows does the same with the failures in docs/cluster.md.
func TestFailureRows(t *testing.T) {
	_, section, _ := strings.Cut(readDoc(t, "docs/cluster.md"), "### Which test shows it")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows [][]string
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if strings.HasPrefix(line, "| ") && len(cells) == 3 && strings.TrimSpace(cells[0]) != "what" {
			rows = append(rows, cells[1:])
		}
	}
	wantTests(t, rows, 10)
}

// wantTests tests that there are so many rows, that the first cell of each names a test, and that all are there that
// are named.
func wantTests(t *testing.T, rows [][]string, least int) {
	t.Helper()
	known := knownTests(t)
	proof := regexp.MustCompile("`(\\w+|[\\w-]+\\.txtar)`")
	for _, cells := range rows {
		if !proof.MatchString(cells[0]) {
			t.Errorf("no test: %s", cells)
		}
		for _, m := range proof.FindAllStringSubmatch(strings.Join(cells, " "), -1) {
			if !known[m[1]] {
				t.Errorf("there is no %s: %s", m[1], cells)
			}
		}
	}
	if len(rows) < least {
		t.Errorf("only %d rows", len(rows))
	}
}

// knownTests are the names of all tests and transcripts.
func knownTests(t *testing.T) map[string]bool {
	t.Helper()
	known := make(map[string]bool)
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".txtar"):
			known[e.Name()] = true
		case strings.HasSuffix(path, "_test.go"):
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range function.FindAllSubmatch(b, -1) {
				known[string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// TestContributingNames looks for every name of the code that CONTRIBUTING.md writes with its package: the walks are
// true to the code.
func TestContributingNames(t *testing.T) {
	named := regexp.MustCompile("`((?:chat|commands|doors|session|telnet|words)\\.[\\w.]+)`")
	names := named.FindAllStringSubmatch(readDoc(t, "CONTRIBUTING.md"), -1)
	if len(names) < 40 {
		t.Errorf("only %d names", len(names))
	}
	declared := make(map[string]bool)
	for _, pkg := range []string{"chat", "commands", "doors", "session", "telnet", "words"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				declare(declared, pkg, d)
			}
		}
	}
	for _, m := range names {
		if !declared[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
}

// declare notes what d declares: "chat.Node", "chat.Node.Say".
func declare(names map[string]bool, pkg string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := pkg + "."
		if d.Recv != nil {
			of := d.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if id, ok := of.(*ast.Ident); ok {
				name += id.Name + "."
			}
		}
		names[name+d.Name.Name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names[pkg+"."+spec.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names[pkg+"."+id.Name] = true
				}
			}
		}
	}
}
