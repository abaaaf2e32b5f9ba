//go:build linux

package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/cmd/parley-bench/internal/bench"
)

// TestBench tests that every scenario runs, and that nothing is lost.
func TestBench(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "parley/cmd/parley",
		"parley/cmd/parley-bench")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, tt := range []struct {
		name string
		bench.Bench
		want []string // figures that must not be zero
	}{
		{"idle", bench.Bench{Scenario: "idle", Baseline: true}, []string{"logins per second"}},
		{"room", bench.Bench{Scenario: "room", Baseline: true}, []string{"deliveries per second"}},
		{"rooms", bench.Bench{Scenario: "room", Rooms: 7, Rate: 100}, []string{"deliveries per second", "latency p99"}},
		{"shout", bench.Bench{Scenario: "room", Shout: true, Rate: 20, Baseline: true},
			[]string{"deliveries per second"}},
		{"keys", bench.Bench{Scenario: "room", Rate: 20, Mode: "keys"}, []string{"deliveries per second"}},
		{"typing", bench.Bench{Scenario: "room", Rate: 20, Mode: "typing"}, []string{"deliveries per second"}},
		{"tell", bench.Bench{Scenario: "tell", Rate: 20, Baseline: true}, []string{"round trip p50"}},
		{"churn", bench.Bench{Scenario: "churn", Baseline: true}, []string{"logins per second"}},
		{"login", bench.Bench{Scenario: "login", For: time.Second},
			[]string{"logins per second", "latency of what is said p99"}},
		{"slow", bench.Bench{Scenario: "slow", Rate: 20}, []string{"latency p99", "slow"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := tt.Bench
			b.Users, b.Rooms, b.Speakers, b.Rounds = 30, max(b.Rooms, 1), 3, 1
			b.Size, b.JSON, b.NoPin = 60, true, true
			b.Program, b.Rival = filepath.Join(dir, "parley"), filepath.Join(dir, "parley-bench")
			if b.For == 0 {
				b.For = 200 * time.Millisecond
			}
			if b.Mode == "" {
				b.Mode = "line"
			}
			var out strings.Builder
			if err := b.Run(t.Context(), &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			var result struct {
				Figures []struct {
					Name             string
					Parley, Baseline []float64
				}
			}
			if err := json.Unmarshal([]byte(out.String()), &result); err != nil {
				t.Fatal(err)
			}
			figures := make(map[string]float64)
			for _, f := range result.Figures {
				if len(f.Parley) != 1 || b.Baseline != (len(f.Baseline) == 1) {
					t.Errorf("%s has %v and %v", f.Name, f.Parley, f.Baseline)
				}
				figures[f.Name] = f.Parley[0]
			}
			for _, name := range tt.want {
				if figures[name] == 0 {
					t.Errorf("%s is zero", name)
				}
			}
			for _, name := range []string{"lost", "lost by those who read", "out of order", "sessions ended",
				"others ended"} {
				if figures[name] != 0 {
					t.Errorf("%s: %v", name, figures[name])
				}
			}
		})
	}
}
