package ssh

import (
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// A late writer takes its time, unless it is told to give up.
type late struct{ gaveUp chan struct{} }

const lateTime = 3*writeTime + time.Second

func (l late) Write(p []byte) (int, error) {
	select {
	case <-time.After(lateTime):
		return len(p), nil
	case <-l.gaveUp:
		return 0, os.ErrClosed
	}
}

// TestLateWrite tests that a write that waits for the peer's window is given up in time, and by the deadline in any
// case, and that one that is with the network is not, since that gives up by itself: where the processors are busy it
// is done long before it returns.
func TestLateWrite(t *testing.T) {
	for _, tt := range []struct {
		sending  bool
		deadline time.Duration // 0 for none
		want     time.Duration
	}{
		{false, 0, writeTime},
		{true, 0, lateTime},
		{true, time.Second, time.Second},
		{true, lateTime - 1, lateTime - 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := late{make(chan struct{})}
			s := sink{abort: func() { close(l.gaveUp) }, writes: func() {}, sending: func() bool { return tt.sending }}
			if tt.deadline > 0 {
				s.setDeadline(time.Now().Add(tt.deadline))
			}
			began := time.Now()
			_, err := s.write(l, []byte("text"), false)
			if took := time.Since(began); took != tt.want ||
				errors.Is(err, os.ErrDeadlineExceeded) != (tt.want < lateTime) {
				t.Errorf("%+v: %v after %v", tt, err, took)
			}
		})
	}
}
