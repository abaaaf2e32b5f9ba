package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRewrite tests that a play is rewritten only if it says the same each time.
func TestRewrite(t *testing.T) {
	const source = `connect alice line
...
alice > alice
alice > say hi
alice < alice: hello
# The end.
`
	tests := []struct {
		name       string
		seen       []string // in the last scene, by performance
		times      int
		want       string // the play; "" means that it stays as it is
		complaints []string
	}{
		{"as it is", []string{"alice < alice: hello"}, 1, "", nil},
		{"changed", []string{"alice < alice: hi"}, 1 + 2*rehearsals, strings.Replace(source, "hello", "hi", 1), nil},
		{"now and then", []string{"alice < alice: hi", "alice < alice: hi", "alice < alice: ho"}, 3, "",
			[]string{"toy:4: alice > say hi\n", "- alice < alice: hi\n", "+ alice < alice: ho\n"}},
		{"as it is now and then", []string{"alice < alice: hi", "alice < alice: hello"}, 2, "",
			[]string{"toy:4: alice > say hi\n", "- alice < alice: hi\n", "+ alice < alice: hello\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePlay("toy", []byte(source))
			if err != nil {
				t.Fatal(err)
			}
			times := 0
			again := func() [][]string {
				line := tt.seen[min(times, len(tt.seen)-1)]
				times++
				greeting := slices.Repeat([]string{"alice < Hello."}, times) // which the play does not mind
				return [][]string{greeting, nil, {line}}
			}
			rewritten, err := p.rewrite(again(), again)
			if times != tt.times {
				t.Errorf("performed %d times, want %d", times, tt.times)
			}
			if rewritten != (tt.want != "") || (err != nil) != (tt.complaints != nil) {
				t.Errorf("rewritten %t, %v", rewritten, err)
			}
			for _, c := range tt.complaints {
				if err != nil && !strings.Contains(err.Error(), c) {
					t.Errorf("%q is not in %v", c, err)
				}
			}
			want := tt.want
			if want == "" {
				want = source
			}
			if got := string(p.format()); got != want {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// TestRewriteOnTheStage tests that for a server that does one thing more the third time.
func TestRewriteOnTheStage(t *testing.T) {
	p, err := parsePlay("toy", []byte("connect alice line\nalice < Hullo.\nalice | Enter your username: _\n"))
	if err != nil {
		t.Fatal(err)
	}
	times := 0
	serve := func(ctx context.Context, s serving) error {
		times++
		if times == 3 {
			fmt.Fprintln(s.stderr, "level=ERROR msg=odd")
		}
		return serveToy(ctx, s)
	}
	rewritten, err := p.rewrite(perform(t, p, serve), func() [][]string { return perform(t, p, serve) })
	if rewritten || err == nil || !strings.Contains(err.Error(), "+ server ! level=ERROR msg=odd\n") {
		t.Errorf("rewritten %t, %v", rewritten, err)
	}
}
