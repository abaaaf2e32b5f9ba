package ssh

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/slots"
)

// flooded has a peer write to a wire that is read in pieces of 4 KiB, as by the library, and returns the wire and how
// much was read.
func flooded(t *testing.T) (w *wire, peer net.Conn, read *atomic.Int64) {
	return floodedWith(t, Options{})
}

func floodedWith(t *testing.T, o Options) (w *wire, peer net.Conn, read *atomic.Int64) {
	peer, nc := net.Pipe()
	w, read = newWire(nc, o, func() {}), new(atomic.Int64)
	w.open()
	w.keep(false)
	done := make(chan struct{}, 2)
	go func() { // until the wire is closed
		defer func() { done <- struct{}{} }()
		for buf := make([]byte, 4096); ; {
			n, err := w.Read(buf)
			if read.Add(int64(n)); err != nil {
				return
			}
		}
	}()
	go func() { // until the wire is closed
		defer func() { done <- struct{}{} }()
		for {
			if _, err := peer.Write(make([]byte, 1000)); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		w.Close()
		peer.Close()
		<-done
		<-done
	})
	return w, peer, read
}

// TestNoise tests that what is no input has its pace, and input, once it is read, none.
func TestNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, read := flooded(t)
		w.bound(func() bool { return false }, nil, nil)
		w.begin()
		for second := range int64(10) {
			rate, burst := int64(noisePace.Rate), int64(noisePace.Burst)
			if least, most := second*rate, burst+second*rate+2*MaxAhead; read.Load() < least || read.Load() > most {
				t.Errorf("%d bytes in %d s, want %d to %d", read.Load(), second, least, most)
			}
			time.Sleep(time.Second)
		}
		before := read.Load()
		for range 1000 {
			w.took(10 * MaxAhead)
			time.Sleep(sortTime)
		}
		if more := read.Load() - before; more < 1000*MaxAhead {
			t.Errorf("%d bytes are read of input", more)
		}
	})
}

// TestWriteUnderWay tests that nothing more is read of a peer that does not read, and that it is left.
func TestWriteUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, read := flooded(t)
		failed := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := w.Write([]byte("an answer"))
			failed <- err
		}()
		time.Sleep(writeTime / 2)
		if n := read.Load(); n > 2*MaxAhead {
			t.Errorf("%d bytes are read of a peer that does not read", n)
		}
		if err := <-failed; err == nil || time.Since(began) != writeTime {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		synctest.Wait()
		if _, err := w.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("it is read: %v", err)
		}
	})
}

// TestRelief tests that a wire is read on while its terminal waits to write, so far and no further, and of how many
// peers at a time: one is replaced by another when most of what it has sent is read, or it has gone.
func TestRelief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Relief: make(slots.Slots, 1)}
		var wires []*wire
		var reads []*atomic.Int64
		var alive atomic.Int64
		for range 3 {
			w, _, read := floodedWith(t, o)
			w.bound(func() bool { return true }, nil, func() { alive.Add(1) })
			w.begin()
			wires, reads = append(wires, w), append(reads, read)
		}
		relieved := func(n int, want bool) {
			t.Helper()
			synctest.Wait()
			if got := reads[n].Load() > 4*MaxAhead; got != want {
				t.Errorf("wire %d: %d bytes are read", n, reads[n].Load())
			}
		}
		wires[0].writes()
		time.Sleep(fullTime - time.Nanosecond)
		relieved(0, false)
		time.Sleep(time.Nanosecond)
		relieved(0, true)
		most := maxRelief + 2*MaxAhead + libraryBuffer
		n := int(reads[0].Load())
		if n < maxRelief || n > most || alive.Load() < int64(n/libraryBuffer) {
			t.Errorf("%d bytes are read, told of %d times", n, alive.Load())
		}
		time.Sleep(10 * fullTime)
		synctest.Wait()
		if later := int(reads[0].Load()) - n; later > reliefPace.Rate+libraryBuffer {
			t.Errorf("%d bytes more are read in a second in which the same write waits", later)
		}
		wires[1].writes()
		wires[0].writes() // it is over, but what has come is kept
		time.Sleep(10 * fullTime)
		relieved(1, false)
		wires[0].took(int(reads[0].Load()))
		time.Sleep(fullTime)
		relieved(1, true)
		wires[2].writes()
		time.Sleep(fullTime)
		relieved(2, false)
		wires[1].Close()
		time.Sleep(fullTime)
		relieved(2, true)
		before := reads[2].Load()
		wires[2].writes()
		wires[2].took(maxRelief / 2) // there is much still
		wires[2].writes()
		time.Sleep(fullTime)
		synctest.Wait()
		if reads[2].Load() < before+maxRelief/2-libraryBuffer {
			t.Errorf("the next time %d bytes are read", reads[2].Load()-before)
		}
	})
}

// TestReliefOfNoise tests that what is no input keeps its pace, however often the terminal waits to write.
func TestReliefOfNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _, read := flooded(t)
		w.bound(func() bool { return false }, nil, func() {})
		w.begin()
		for range 20 {
			w.writes()
			time.Sleep(10 * fullTime)
			w.writes()
			time.Sleep(10 * sortTime)
		}
		most := int64(maxRelief + noisePace.Burst + 25*(reliefPace.Rate+noisePace.Rate)) // in 21 s
		if read.Load() > most {
			t.Errorf("%d bytes are read, want %d at most", read.Load(), most)
		}
	})
}

// TestAliveTime tests that a peer which sends something and takes nothing is left after aliveTime.
func TestAliveTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer, nc := net.Pipe()
		s := sink{abort: func() { peer.Close() }, writes: func() {}, sending: func() bool { return false }}
		began, left := time.Now(), make(chan time.Duration, 1)
		go func() { // until the peer is left
			if _, err := s.write(nc, []byte("hello"), false); err == nil {
				t.Error("the peer has taken it: this is no test")
			}
			left <- time.Since(began)
		}()
		for range 3 * aliveTime / writeTime {
			time.Sleep(writeTime / 2)
			s.alive()
		}
		select {
		case took := <-left:
			if took != aliveTime {
				t.Errorf("the peer is left after %v", took)
			}
		default:
			t.Error("the peer is not left")
			peer.Close()
		}
		nc.Close()
	})
}

// A lateReader reads something only when it has been told to read no more.
type lateReader struct {
	net.Conn
	waits, told chan struct{}
}

func (l lateReader) SetReadDeadline(time.Time) error {
	close(l.told)
	return nil
}

func (l lateReader) Read(p []byte) (int, error) {
	close(l.waits)
	<-l.told
	return copy(p, "SSH-2.0-late"), nil
}

// TestReadAfterClose tests that a read that waits when the wire is closed returns nothing that comes just then, as a
// password after the last try may.
func TestReadAfterClose(t *testing.T) {
	l := lateReader{waits: make(chan struct{}), told: make(chan struct{})}
	w := newWire(l, Options{}, func() {})
	defer w.open()
	read := make(chan error, 1)
	go func() {
		_, err := w.Read(make([]byte, 84))
		read <- err
	}()
	<-l.waits
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("read: %v", err)
	}
}
