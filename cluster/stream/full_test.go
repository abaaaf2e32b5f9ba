package stream

import (
	"errors"
	"testing"
	"time"

	"parley/chat/record"
	"parley/cluster/natstest"
)

// TestOwnDiskFull has the disk of a node take nothing any more when the servers have just taken a write: nobody is told
// that nothing was written, for the other nodes have it.
func TestOwnDiskFull(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	n := c.must("a", t.TempDir())
	n.cancel() // its replica gets no further
	n.wg.Wait()
	ended := make(chan error, 1)
	go func() {
		_, err := n.Put(t.Context(), "b", "key", []byte("v"), 0)
		ended <- err
	}()
	for end := time.Now().Add(20 * time.Second); n.Lag() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the servers did not take the write")
		}
	}
	n.failed(record.ErrDiskFull)
	if err := <-ended; !errors.Is(err, record.ErrMaybeSaved) {
		t.Errorf("Put: got %v, want ErrMaybeSaved", err)
	}
	if _, err := n.Put(t.Context(), "b", "other", nil, 0); !errors.Is(err, record.ErrDiskFull) {
		t.Errorf("Put of what no server was asked to take: got %v, want ErrDiskFull", err)
	}
	if r, err := c.must("b", t.TempDir()).Get(t.Context(), "b", "key"); err != nil || string(r.Value) != "v" {
		t.Errorf("another node: got %q, %v", r.Value, err)
	}
}
