package stream

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/chat/record"
)

// TestStaleTold tests that a replica which lacks what others have is not read, and that the log is told so once,
// however many ask.
func TestStaleTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &Store{tape: &tape{name: "writes"}, log: slog.New(slog.NewTextHandler(&log, nil)),
			news: make(chan struct{}, 1), behind: make(chan struct{}, 1), moved: make(chan struct{})}
		for round := 1; round <= 2; round++ {
			last := s.Number() + 5
			s.want(last)
			time.Sleep(staleTime)
			s.others = map[string]other{"b": {at: last, heard: time.Now()}}
			for range 3 {
				if _, err := s.Get(t.Context(), "accounts", "alice"); !errors.Is(err, record.ErrBehind) {
					t.Fatalf("got %v, want ErrBehind", err)
				}
			}
			s.advance(last)
			if err := s.readable(); err != nil {
				t.Errorf("with all that there is: %v", err)
			}
			for _, told := range []string{"is behind the others", "is read again"} {
				if n := strings.Count(log.String(), told); n != round {
					t.Errorf("round %d: %q stands %d times in the log", round, told, n)
				}
			}
		}
	})
}
