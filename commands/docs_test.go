package commands

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/words"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

// TestDocs tests that docs/commands.md is what the table of commands says. To write it anew: go test ./commands -run
// TestDocs -update.
func TestDocs(t *testing.T) {
	path := filepath.Join("..", "docs", "commands.md")
	want := documentation(New())
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
		t.Error("docs/commands.md is not what the table says: go test ./commands -run TestDocs -update")
	}
}

// documentation is what docs/commands.md says.
func documentation(r *Registry) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nThis is made of the table in package `commands`: `go test ./commands -run TestDocs " +
		"-update` writes it.\n\nIn a usage `<x>` must be there and `[x]` may be left out. A command may be shortened " +
		"as long as no other starts with the same letters.\n")
	families := []struct {
		title string
		has   func(c *Command) bool
	}{
		{"For everybody", func(c *Command) bool { return c.Needs == Nothing && !c.Extra }},
		{"With an account", func(c *Command) bool { return c.Needs == Login && !c.Extra }},
		{"Further commands", func(c *Command) bool { return c.Needs != Operator && c.Extra }},
		{"For operators", func(c *Command) bool { return c.Needs == Operator }},
	}
	for i, family := range families {
		fmt.Fprintf(&b, "\n## %s\n", family.title)
		list := r.commands
		if i == len(families)-1 {
			list = r.operators.commands
		}
		for _, c := range list {
			if family.has(c) {
				document(&b, c)
			}
		}
	}
	b.WriteString("\n## Topics\n")
	for _, about := range words.English.Topics {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", about.Name, marked(about.Text))
	}
	return b.String()
}

func document(b *strings.Builder, c *Command) {
	help := c.Help(words.English)
	fmt.Fprintf(b, "\n### %s\n\n    %s\n\n%s", c.Name, c.usage.text, marked(help.Does))
	if help.More != "" {
		b.WriteString(" " + marked(help.More))
	}
	if c.Extra && c.Needs == Login {
		b.WriteString(" It needs an account.")
	}
	if len(c.Aliases) > 0 {
		fmt.Fprintf(b, " Other words for it: `%s`.", strings.Join(c.Aliases, "`, `"))
	}
	fmt.Fprintf(b, " Example: `%s`\n", help.Example)
}

// marked returns text as it may stand in Markdown.
func marked(text string) string {
	return strings.NewReplacer("<", `\<`, "*", `\*`, "[", `\[`).Replace(text)
}
