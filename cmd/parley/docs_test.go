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
	known := make(map[string]bool)
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
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
	proof := regexp.MustCompile("`(\\w+|[\\w-]+\\.txtar)`")
	rows := 0
	for line := range strings.Lines(readDoc(t, "SECURITY.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") || len(cells) != 4 || strings.TrimSpace(cells[3]) == "test" {
			continue
		}
		rows++
		named := proof.FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 {
			t.Errorf("no test: %s", line)
		}
		for _, m := range named {
			if !known[m[1]] {
				t.Errorf("there is no %s: %s", m[1], line)
			}
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows", rows)
	}
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
