package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestWallClock reads the source for whatever makes a time of the clock on the wall: one without the reading of the
// monotonic clock that time.Now has, and that differences, comparisons, timers and deadlines go by while it is there.
// Where there is none of that, to set the clock changes nothing. Here are all such places.
func TestWallClock(t *testing.T) {
	allowed := map[string]string{
		"chat.enroll":      "when an account was made: to be shown",
		"chat.Enter":       "when its user was last here: to be shown",
		"chat.recordLeave": "the same",
		"chat.operate":     "when a deed was done: to be shown",
		"chat.now": "for invitations, which outlive the process: the wall clock at the start, and from " +
			"there on the monotonic one",
		"chat.choose":         "when a password was chosen: to be shown, and to tell it from another",
		"totp.StepAt":         "one-time codes go by the clock on the wall, as the devices do that make them",
		"chat.SendMail":       "when a letter was left: to be shown",
		"chat.data":           "what is stored of an account: to be shown",
		"session.setDeadline": "a deadline that has passed, whatever the time",
		"session.End":         "the same",
		"session.stopReading": "the same",
		"ssh.Close":           "the same",
		"parley.clock":        "the doctor looks at the clock on the wall",
		"build.from":          "when the program was built: to be shown",
		"certs.look":          "until when a certificate is valid: to be shown",
		"parley.run":          "the same",
		"parley.certificate":  "the same",
		"parley.dates":        "the same",
		"parley.Collect":      "the same",
		"words.clock":         "shows a time",
		"parley.day":          "shows a time",
		"parley.facts":        "when the server was started: to be told",
		"session.keptQuiet":   "a part of the day, by the user's clock",
		"settings.minuteOf":   "reads a time of the day, of no day",
	}
	root := filepath.Join("..", "..")
	found := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "parley-bench" || e.Name() == "telnettest" || e.Name() == "chattest" ||
			e.Name() == "simnet" || e.Name() == "release" ||
			strings.HasPrefix(e.Name(), ".") && path != root):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			name := "(outside of functions)"
			if fn, ok := d.(*ast.FuncDecl); ok {
				name = fn.Name.Name
			}
			key := filepath.Base(filepath.Dir(path)) + "." + name
			ast.Inspect(d, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && makesWallTime(call) {
					found[key] = true
					if allowed[key] == "" {
						t.Errorf("%s: %s makes a time of the clock on the wall", set.Position(call.Pos()), key)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range allowed {
		if !found[key] {
			t.Errorf("%s is allowed, and makes no such time", key)
		}
	}
}

func makesWallTime(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, _ := method.X.(*ast.Ident)
	isTime := pkg != nil && pkg.Name == "time"
	switch method.Sel.Name {
	case "UTC", "Local", "UnixNano", "UnixMilli", "UnixMicro", "AddDate":
		return true
	case "Unix", "Date", "Parse", "ParseInLocation":
		return isTime || method.Sel.Name == "Unix"
	case "In":
		return len(call.Args) == 1
	case "Round":
		zero, ok := call.Args[0].(*ast.BasicLit)
		return ok && zero.Value == "0"
	}
	return false
}
