package telnet_test

import (
	"testing"
	"time"
)

// The prompt is there before the client has said what it is. It gets its mark when the client turns out to want one,
// and once.
func TestSettleMarksPrompt(t *testing.T) {
	names := []string{`SB TTYPE 0 "TINTIN++" SE`, `SB TTYPE 0 "MTTS 9" SE`}
	for _, tt := range []struct {
		name    string
		answers map[string][]string
		packets []string
	}{
		{"EOR", map[string][]string{"WILL EOR": {"DO EOR"}}, []string{"EOR", `"more: " EOR`}},
		{"GA", map[string][]string{"WILL EOR": {"DONT EOR"}}, []string{"GA", `"more: " GA`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := newPeer(t, nil)
				p.answering("", with(tt.answers, map[string][]string{
					"DO TTYPE": {"WILL TTYPE"}, "DO NAWS": {"WONT NAWS"}, sendSB: names,
					"WILL CHARSET": {"DONT CHARSET"},
				}))
				p.prompts("name: ")
				p.settles(300*time.Millisecond, 0)
				p.prompts("more: ")
				p.got(append([]string{
					`DO TTYPE "\rname: "`, sendSB + " DO NAWS",
					"WILL EOR WILL CHARSET WILL GMCP DO NEW-ENVIRON " + sendSB,
				}, tt.packets...)...)
			})
		})
	}
}

// What draws for a peer is told when it begins to send keys, and when it ends that.
func TestNotifyOfKind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPeer(t, nil)
		changes := 0
		p.conn.Notify(func() { changes++ }, func() {})
		p.writes("Welcome\n")
		for i, step := range []struct {
			sent    string
			changes int
		}{
			{"WILL TTYPE", 0},
			{`SB TTYPE 0 "XTERM" SE`, 0},
			{"DO ECHO", 0},
			{"DO SGA", 1},
			{"DONT ECHO", 2},
		} {
			p.sends(step.sent)
			p.settles(0, 0)
			p.pumps()
			p.settles(0, 0)
			if changes != step.changes {
				t.Errorf("after step %d: told %d times, want %d", i, changes, step.changes)
			}
		}
	})
}
