package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// speakers are the packages that say something to users.
var speakers = []string{"chat", "chat/record", "commands", "session", "web", "cmd/parley"}

// A source is what one package has of codes and sentences.
type source struct {
	fset     *token.FileSet
	files    []*ast.File
	literals map[string]bool   // all strings in it
	refusals map[string]string // the codes of refusals by the variables they are in
}

func readSource(t *testing.T, dir string) *source {
	t.Helper()
	s := &source{token.NewFileSet(), nil, make(map[string]bool), make(map[string]string)}
	paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: no files, %v", dir, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, f)
		ast.Inspect(f, func(n ast.Node) bool {
			if text, ok := literal(n); ok {
				s.literals[text] = true
			}
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if call, ok := v.Values[0].(*ast.CallExpr); ok && name(call.Fun) == "refusal" {
					s.refusals[v.Names[0].Name], _ = literal(call.Args[0])
				}
			}
			return true
		})
	}
	return s
}

func (s *source) calls(visit func(at token.Position, call *ast.CallExpr)) {
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				visit(s.fset.Position(call.Pos()), call)
			}
			return true
		})
	}
}

// name returns the name of what is called: Say of words.Say.
func name(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	}
	return ""
}

// of returns the name of what a method is called of: words of words.Say.
func of(call *ast.CallExpr) string {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		return name(s.X)
	}
	return ""
}

func literal(n ast.Node) (string, bool) {
	if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
		text, err := strconv.Unquote(l.Value)
		return text, err == nil
	}
	return "", false
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?[a-z]`)

// verbs returns how many arguments a sentence takes.
func verbs(sentence string) int {
	most, next := 0, 1
	for _, v := range verb.FindAllStringSubmatch(sentence, -1) {
		if v[1] != "" {
			next, _ = strconv.Atoi(v[1])
		}
		most = max(most, next)
		next++
	}
	return most
}

// TestCodes tests that every code that is said has a sentence which takes just the arguments that are given, and that
// every sentence is said.
func TestCodes(t *testing.T) {
	used, refusalCodes := make(map[string]bool), make(map[string]string)
	var sources []*source
	for _, dir := range speakers {
		s := readSource(t, dir)
		sources = append(sources, s)
		for text := range s.literals {
			used[text] = true
		}
		for variable, code := range s.refusals {
			refusalCodes[variable] = code
		}
	}
	if len(refusalCodes) < 80 {
		t.Fatalf("only %d refusals were found", len(refusalCodes))
	}
	said := 0
	check := func(at token.Position, code string, args []ast.Expr, spread bool) {
		said++
		sentence, ok := English.Sentences[code]
		switch {
		case !ok:
			t.Errorf("%v: %q has no sentence", at, code)
		case !spread && verbs(sentence) != len(args):
			t.Errorf("%v: %q takes %d arguments, not %d", at, sentence, verbs(sentence), len(args))
		}
	}
	given := make(map[string]bool)
	for _, s := range sources {
		s.calls(func(at token.Position, call *ast.CallExpr) {
			at.Filename = filepath.Base(at.Filename)
			first := 0
			switch called := name(call.Fun); called {
			case "sayTaken":
				first = 1
				fallthrough
			case "Say", "say", "sayUnheard":
				if code, ok := literal(call.Args[first]); ok {
					check(at, code, call.Args[first+1:], call.Ellipsis.IsValid())
				}
			case "refusal":
				if code, ok := literal(call.Args[0]); ok && English.Sentences[code] == "" {
					t.Errorf("%v: the refusal %q has no sentence", at, code)
				}
			case "With":
				if code, ok := refusalCodes[of(call)]; ok {
					given[code] = true
					check(at, code, call.Args, call.Ellipsis.IsValid())
				}
			case "Count":
				if thing, ok := literal(call.Args[len(call.Args)-1]); ok && of(call) == "words" {
					used["one "+thing], used["several "+thing+"s"] = true, true
					check(at, "one "+thing, call.Args[:1], false)
					check(at, "several "+thing+"s", call.Args[:1], false)
				}
			}
		})
	}
	if said < 150 {
		t.Errorf("only %d places say something", said)
	}
	for variable, code := range refusalCodes {
		if takes := verbs(English.Sentences[code]) > 0; takes && !given[code] &&
			!strings.Contains("ErrBanned ErrAddressBanned", variable) {
			t.Errorf("%s takes arguments, and nobody gives it any", variable)
		}
	}
	for _, own := range []string{"broken", "until further notice", "for so long", "never", "and", "or", "one lost line",
		"several lost lines", "hook number", "all hooks"} {
		used[own] = true // package words says these by itself
	}
	for code := range English.Sentences {
		if !used[code] {
			t.Errorf("nobody says %q", code)
		}
	}
	refused := slices.Collect(maps.Values(refusalCodes))
	for code := range English.Whys {
		if !slices.Contains(refused, code) {
			t.Errorf("%q is explained, and is no refusal", code)
		}
	}
}

// TestNoSentenceElsewhere tests that no sentence for users stands in the packages that say something. The commands of
// the shell, its options and its errors are cmd/parley's. In package web lines of HTTP begin like sentences.
func TestNoSentenceElsewhere(t *testing.T) {
	for _, dir := range []string{"chat", "chat/held", "chat/record", "commands", "session", "settings", "web"} {
		s := readSource(t, dir)
		for _, f := range s.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if v, ok := n.(*ast.ValueSpec); ok && v.Names[0].Name == "DefaultName" {
					return false
				}
				if text, ok := literal(n); ok && sentence(text) && (dir != "web" || strings.HasSuffix(text, ".")) {
					t.Errorf("%v: %q belongs into package words", s.fset.Position(n.Pos()), text)
				}
				return true
			})
		}
		s.calls(func(at token.Position, call *ast.CallExpr) {
			if called := name(call.Fun); called != "Print" && called != "print" {
				return
			}
			ast.Inspect(call, func(n ast.Node) bool {
				if text, ok := literal(n); ok && strings.ContainsFunc(text, unicode.IsLetter) {
					t.Errorf("%v: %q belongs into package words", at, text)
				}
				return true
			})
		})
	}
}

// sentence reports whether text reads like one: it begins with a capital letter and goes on with another word.
func sentence(text string) bool {
	text = strings.TrimLeft(text, " *[\"!")
	return text != "" && unicode.IsUpper(rune(text[0])) && strings.ContainsRune(text, ' ')
}

func TestVerbs(t *testing.T) {
	for sentence, want := range map[string]int{"": 0, "%s": 1, "%d of %d": 2, "%[1]s, %[1]s": 1, "%[2]s and %[1]s": 2,
		"%-16s  %s": 2, "100%% of %s": 1} {
		if got := verbs(strings.ReplaceAll(sentence, "%%", "")); got != want {
			t.Errorf("%q takes %d arguments, want %d", sentence, got, want)
		}
	}
	if _, err := os.Stat("../go.mod"); err != nil {
		t.Error("the packages that say something are not beside this one:", err)
	}
}
