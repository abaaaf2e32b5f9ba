package crash

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestSurvive tests that a panic ends where it is survived, and that the log tells where and of what kind it was, but
// nothing that people may have said.
func TestSurvive(t *testing.T) {
	const secret = "hunter2"
	for _, tt := range []struct {
		name  string
		panic func()
		want  string
	}{
		{"text", func() { panic(secret) }, "value=string"},
		{"error", func() { panic(errors.New(secret)) }, "value=*errors.errorString"},
		{"runtime", func() { _ = []int{}[len(secret)] }, `value="runtime error: index out of range [7] with length 0"`},
		{"none", func() {}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			func() {
				defer Survive(slog.New(slog.NewTextHandler(&b, nil)), "test")
				tt.panic()
			}()
			got := b.String()
			if tt.want == "" {
				if got != "" {
					t.Fatalf("without a panic: %s", got)
				}
				return
			}
			for _, want := range []string{"level=ERROR", "in=test", tt.want, "crash_test.go"} {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in %s", want, got)
				}
			}
			if strings.Contains(got, secret) {
				t.Errorf("it tells what was said: %s", got)
			}
		})
	}
}
