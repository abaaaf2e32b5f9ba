//go:build unix

package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"parley/chat"
	"parley/internal/testenv"
	"parley/words"
)

// laterEdits make of the sources those of a later version, which calms the chat by an operation that this one does not
// know.
var laterEdits = edits{
	"chat/op.go": {
		{`const OpsVersion = (\d+)`, "const OpsVersion = $1 + 1"},
		{`(?m)^\tOpAsk .*$`, "\tOpCalmAnew OpKind = \"calm anew\"\n$0"},
		{`func \(o \*Op\) Needs\(\) int {`, "$0\n\tif o.Kind == OpCalmAnew {\n\t\treturn OpsVersion\n\t}"},
		{`OpTellCounted, OpCalm:`, "OpTellCounted, OpCalm, OpCalmAnew:"},
		{`case OpCalm:`, "case OpCalm, OpCalmAnew:"},
	},
	"chat/ledger_desk.go": {{`Kind: OpCalm,`, "Kind: OpCalmAnew,"}},
}

// TestClusterUpgrade puts the program of a later version in the place of this one, node by node, while people talk.
// What only that one knows is refused until all have it, and afterwards a node of this version does not come back.
func TestClusterUpgrade(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	later := laterEdits.build(t)
	c := startCluster(t, 1)
	present := c.nodes["a"].cmd.Path
	replace := func(name, program string) {
		t.Helper()
		if c.nodes[name].cmd.ProcessState == nil {
			if status := c.nodes[name].stop(); status != 0 {
				t.Errorf("%s ended with status %d:\n%s", name, status, c.nodes[name].log)
			}
		}
		c.nodes[name] = startCommand(t, exec.Command(program, append([]string{"--listen", "127.0.0.1:0", "--data",
			c.dirs[name], "--admin-listen", "127.0.0.1:0"}, c.args(name)...)...))
		c.calm()
	}
	c.come("a", "olga").send("quit")
	if out, err := c.console("a", "user", "promote", "olga"); err != nil {
		t.Fatalf("promote: %v: %s", err, out)
	}
	bob := c.come("c", "bob")
	calm := func(node, want string) {
		t.Helper()
		olga := c.login(node, "olga")
		olga.send("calm server 5m")
		if want != "" {
			olga.expect(want)
			olga.send("shout still loud at " + node)
			bob.expect("still loud at " + node)
		}
		olga.send("quit")
	}
	refused := words.English.Sentence(chat.ErrOldNode)
	for _, name := range []string{"a", "b"} {
		replace(name, later)
		calm(name, refused)
	}
	replace("c", later)
	bob = c.login("c", "bob")
	calm("b", "")
	bob.expect("The server is calm for 5m.")

	if status := c.nodes["a"].stop(); status != 0 {
		t.Errorf("a ended with status %d:\n%s", status, c.nodes["a"].log)
	}
	got := c.refusedBy(present, c.dirs["a"], c.args("a")...)
	if want := "the other nodes use what only a later version of Parley knows"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	replace("a", later)
	alice := c.come("a", "alice")
	alice.send("shout hello")
	alice.expect("The server is calm")
	alice.send("tell bob hello")
	bob.expect("alice: hello")
	if log := fmt.Sprint(c.nodes["b"].log, c.nodes["c"].log); strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
}
