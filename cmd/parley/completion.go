package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand prints what makes a shell ask this program how a word may go on. The shell's own completion of file
// names stays.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: ${enum}."`
}

func (c *completionCommand) run(_ context.Context, _ *program, _ *options, stdout io.Writer) error {
	_, err := io.WriteString(stdout, completionScripts[c.Shell])
	return err
}

var completionScripts = map[string]string{
	"bash": `# To use it now: source <(parley completion bash). For good: put that line into ~/.bashrc.
_parley() {
    local IFS=$'\n'
    COMPREPLY=($(parley complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _parley parley
`,
	"zsh": `# To use it now: source <(parley completion zsh). For good: put that line into ~/.zshrc, after compinit.
_parley() {
    local -a found
    found=(${(f)"$(parley complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then compadd -a found; else compset -P '--*='; _files; fi
}
compdef _parley parley
`,
	"fish": `# To use it now: parley completion fish | source. For good: parley completion fish > ~/.config/fish/completions/parley.fish
function __parley
    set -l found (parley complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c parley -f -a '(__parley)'
`,
}

// completeCommand prints how the last of the words may go on, each on a line.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

func (c *completeCommand) run(_ context.Context, _ *program, _ *options, stdout io.Writer) error {
	parser, err := newParser(new(commandLine), io.Discard, nil, func() {})
	if err != nil {
		return err
	}
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, word := range complete(parser.Model.Node, words) {
		if _, err := fmt.Fprintln(stdout, word); err != nil {
			return err
		}
	}
	return nil
}

// complete returns how the last of words may go on below the command n: commands, options, and the values of those that
// have a fixed set.
func complete(n *kong.Node, words []string) []string {
	words = unequal(words)
	last, glued := words[len(words)-1], "" // --option= where the value is part of the same word
	if at := strings.IndexByte(last, '='); at > 0 && strings.HasPrefix(last, "--") {
		glued = last[:at+1]
		last = last[at+1:]
		words = append(words[:len(words)-1:len(words)-1], glued[:at], last)
	}
	var option *kong.Flag // whose value comes next
	arguments := 0
	for _, word := range words[:len(words)-1] {
		switch {
		case option != nil:
			option = nil
		case strings.HasPrefix(word, "-"):
			option = findOption(n, word)
		default:
			if child := findCommand(n, word); child != nil {
				n, arguments = child, 0
			} else {
				arguments++
			}
		}
	}
	var candidates []string
	switch {
	case option != nil:
		candidates = option.EnumSlice()
	case glued != "": // to an option without values, or to none
	case strings.HasPrefix(last, "-"):
		for _, group := range n.AllFlags(true) {
			for _, f := range group {
				candidates = append(candidates, "--"+f.Name)
			}
		}
	default:
		for _, child := range n.Children {
			if !child.Hidden {
				candidates = append(candidates, child.Name)
			}
		}
		if row := rowOf(n); row != nil && arguments > 0 || row != nil && len(n.Children) == 0 {
			candidates = append(candidates, row.Choices(words[len(words)-1-arguments:len(words)-1])...)
		}
		if arguments < len(n.Positional) {
			candidates = append(candidates, n.Positional[arguments].EnumSlice()...)
		}
	}
	var found []string
	for _, c := range candidates {
		if c != "" && strings.HasPrefix(c, last) {
			found = append(found, glued+c)
		}
	}
	return found
}

// unequal returns words without the signs between options and values, of which bash makes words: --guests = off. There
// is one word at least, which may be empty.
func unequal(words []string) (all []string) {
	for i, word := range words {
		switch {
		case word != "=" || i == 0 || !strings.HasPrefix(words[i-1], "--"):
			all = append(all, word)
		case i == len(words)-1:
			all = append(all, "")
		}
	}
	if len(all) == 0 {
		return []string{""}
	}
	return all
}

func findCommand(n *kong.Node, name string) *kong.Node {
	for _, child := range n.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// findOption returns the option that word names and that takes the next word as its value, or nil.
func findOption(n *kong.Node, word string) *kong.Flag {
	for _, group := range n.AllFlags(false) {
		for _, f := range group {
			if "--"+f.Name == word && !f.IsBool() {
				return f
			}
		}
	}
	return nil
}
