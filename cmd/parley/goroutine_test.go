package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoroutines reads the source of the server: every goroutine is one that a WaitGroup waits for and that survives a
// panic. So whatever a session, a command or a timer does, it cannot end the process. Not ours are the goroutines of
// Badger, where package db's comment says how what was acknowledged outlives them.
func TestGoroutines(t *testing.T) {
	// What the rules below do not see, and why it is right all the same.
	allowed := map[string]string{
		"parley: go o.run": "it only writes to a file; close waits for it, though not for ever: nothing else " +
			"ends a write that blocks",
		"parley: go ask": "nothing but a key ends a read of a terminal: after a signal it ends with the process, " +
			"which does nothing else any more",
		"telnet: go b.readByte": "it survives; nothing but the server's closing of the connection ends it, after " +
			"the handler returned",
		"rawconn: go c.wait":      "it survives, and ends by calling who rests, who waits for that",
		"rawconn: go s.wait":      "it only waits, and ends by calling who rests, who waits for that",
		"rawconn: p.running.Go":   "the poller only waits, and calls those who rest, who then only queue for a worker",
		"session: w.running.Go":   "a worker only does what survives",
		"session: time.AfterFunc": "it only closes channels; close waits for it",
		"session: d.running.Go":   "a pass only counts, and calls show, which survives",
		"rawconn: time.AfterFunc": "it only calls who rests, who then only queues for a worker, or reads",
		"passwd: time.AfterFunc":  "it only ends a wait",
		"ssh: time.AfterFunc":     "a deadline only calls who waits for it, or closes the connection",
		"ssh: go s.rest":          "it survives, and the last of them ends by calling done, for which the door waits",
		"db: d.writer.Go":         "the writer only waits, and calls serve, which survives",
	}
	root := filepath.Join("..", "..")
	packages := make(map[string]*surviving)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "parley-bench" || e.Name() == "telnettest" || e.Name() == "chattest" ||
			e.Name() == "simnet" ||
			e.Name() == "terminaltest" || strings.HasPrefix(e.Name(), ".") && path != root):
			return fs.SkipDir // parley-bench loads servers and is none; the others are for tests
		case e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		dir := filepath.Dir(path)
		if packages[dir] == nil {
			packages[dir] = &surviving{set: token.NewFileSet(), declared: make(map[string]*ast.FuncDecl)}
		}
		return packages[dir].read(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	survive := packages[filepath.Join(root, "internal", "crash")].declared["Survive"]
	for dir, p := range packages {
		p.declared["Survive"] = survive
		for _, g := range p.goroutines() {
			found++
			key := filepath.Base(dir) + ": " + g.what
			switch {
			case allowed[key] != "":
				delete(allowed, key)
			case g.bare:
				t.Errorf("%s: %s: nobody waits for this goroutine", g.at, g.what)
			case !g.survives:
				t.Errorf("%s: %s: a panic in it ends the process", g.at, g.what)
			}
		}
	}
	for key := range allowed {
		t.Errorf("%s is allowed, and there is none", key)
	}
	if found < 10 {
		t.Errorf("only %d goroutines found: the rules look in the wrong place", found)
	}
}

// surviving knows which functions of a package survive a panic.
type surviving struct {
	set      *token.FileSet
	files    []*ast.File
	declared map[string]*ast.FuncDecl // by name, the receiver's type left out
}

// A goroutine is one place where the source starts some.
type goroutine struct {
	at       token.Position
	what     string
	bare     bool // nobody waits
	survives bool
}

func (p *surviving) read(path string) error {
	f, err := parser.ParseFile(p.set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.files = append(p.files, f)
	for _, d := range f.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			p.declared[f.Name.Name] = f
		}
	}
	return nil
}

// goroutines returns all that the package starts: by go, by WaitGroup.Go, and by AfterFunc.
func (p *surviving) goroutines() (all []goroutine) {
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				all = append(all, goroutine{at: p.set.Position(n.Pos()), what: "go " + spell(n.Call.Fun), bare: true,
					survives: p.survives(n.Call.Fun)})
			case *ast.CallExpr:
				name := spell(n.Fun)
				starts := strings.HasSuffix(name, ".Go") && len(n.Args) == 1 || strings.HasSuffix(name, ".AfterFunc")
				if starts {
					all = append(all, goroutine{
						at: p.set.Position(n.Pos()), what: name, bare: !strings.HasSuffix(name, ".Go"),
						survives: p.survives(n.Args[len(n.Args)-1]),
					})
				}
			}
			return true
		})
	}
	return all
}

// survives reports whether f, an expression, is a function that defers what recovers.
func (p *surviving) survives(f ast.Expr) bool {
	body := p.body(f)
	if body == nil {
		return false
	}
	for _, s := range body.List {
		if d, ok := s.(*ast.DeferStmt); ok && recovers(p.body(d.Call.Fun)) {
			return true
		}
	}
	return false
}

// body returns what f does, nil if that is neither in the package nor in package crash.
func (p *surviving) body(f ast.Expr) *ast.BlockStmt {
	switch f := f.(type) {
	case *ast.FuncLit:
		return f.Body
	case *ast.Ident:
		if d := p.declared[f.Name]; d != nil {
			return d.Body
		}
	case *ast.SelectorExpr:
		return p.body(f.Sel)
	}
	return nil
}

// recovers reports whether body calls recover itself, which only then does anything.
func recovers(body *ast.BlockStmt) (found bool) {
	if body == nil {
		return false
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || spell(n.Fun) == "recover"
		}
		return true
	})
	return found
}

// spell returns an expression such as s.writing.Go as it is written.
func spell(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return spell(e.X) + "." + e.Sel.Name
	}
	return fmt.Sprintf("%T", e)
}

// TestSurviving shows the rules of TestGoroutines good and bad goroutines.
func TestSurviving(t *testing.T) {
	const head = `package p; func rescue() { recover() }; func late() { func() { recover() }() }; func bad() {}; ` +
		`func good() { defer rescue(); bad() }; func f() { `
	for _, tt := range []struct {
		source         string
		bare, survives bool
	}{
		{`go bad()`, true, false},
		{`go func() { defer rescue(); bad() }()`, true, true},
		{`wg.Go(bad)`, false, false},
		{`wg.Go(good)`, false, true},
		{`s.wg.Go(s.good)`, false, true},
		{`wg.Go(func() { bad() })`, false, false},
		{`wg.Go(func() { rescue(); bad() })`, false, false},
		{`wg.Go(func() { defer late(); bad() })`, false, false},
		{`wg.Go(func() { defer x.rescue(); bad() })`, false, true},
		{`wg.Go(func() { defer func() { recover() }(); bad() })`, false, true},
		{`time.AfterFunc(d, bad)`, true, false},
	} {
		p := &surviving{set: token.NewFileSet(), declared: make(map[string]*ast.FuncDecl)}
		path := filepath.Join(t.TempDir(), "p.go")
		if err := os.WriteFile(path, []byte(head+tt.source+" }"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.read(path); err != nil {
			t.Fatal(err)
		}
		if all := p.goroutines(); len(all) != 1 || all[0].bare != tt.bare || all[0].survives != tt.survives {
			t.Errorf("%s: %+v", tt.source, all)
		}
	}
}
