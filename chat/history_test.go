package chat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// What happens between alice, who speaks, and bob, who blocks her at times and reads. Messages are numbers below 128.
type operation struct {
	what    string // block, unblock, tell, shout or hear
	message int
}

// hearing is all that matters of it: whether bob has blocked alice, and what she has said that he has not heard.
type hearing struct {
	blocked bool
	unheard [2]uint64
}

func (h *hearing) bit(message int) (word *uint64, bit uint64) {
	return &h.unheard[message/64], 1 << (message % 64)
}

// blocking is how bob's block of alice ought to look to whoever looks from outside: every operation happens at one
// moment between its call and its return. What a tell or a shout has brought may get lost for the sake of a block, but
// it is heard only if bob had not blocked alice when she spoke, and not when he hears it, and only once.
var blocking = porcupine.Model{
	Init: func() any { return hearing{} },
	Step: func(state, input, output any) (bool, any) {
		h, op := state.(hearing), input.(operation)
		switch op.what {
		case "block":
			legal := !h.blocked
			h.blocked = true
			return legal, h
		case "unblock":
			legal := h.blocked
			h.blocked = false
			return legal, h
		}
		word, bit := h.bit(op.message)
		switch op.what {
		case "tell":
			if accepted := output.(bool); accepted == h.blocked {
				return false, h
			} else if accepted {
				*word |= bit
			}
		case "shout": // whom it reaches is not told
			if !h.blocked {
				*word |= bit
			}
		case "hear":
			if h.blocked || *word&bit == 0 {
				return false, h
			}
			*word &^= bit
		}
		return true, h
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprint(input, output) },
}

// A history collects operations of several goroutines.
type history struct {
	start time.Time

	mu         sync.Mutex // guards operations
	operations []porcupine.Operation
}

// add notes an operation that was called at the given time and has just returned.
func (h *history) add(client int, called time.Duration, op operation, output any) {
	returned := time.Since(h.start)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operations = append(h.operations, porcupine.Operation{
		ClientId: client, Input: op, Call: int64(called), Output: output, Return: int64(returned),
	})
}

// TestBlockHistory has alice speak from several places while bob blocks and unblocks her and reads, and looks whether
// what all of them have seen can be explained by operations that each happened at one moment. So a message accepted
// after a block was acknowledged is never delivered.
func TestBlockHistory(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 20
	}
	heard, refused := 0, 0
	for range rounds {
		h := liveThroughBlocks(t)
		for _, op := range h.operations {
			switch {
			case op.Input.(operation).what == "hear":
				heard++
			case op.Output == false:
				refused++
			}
		}
		result, info := porcupine.CheckOperationsVerbose(blocking, h.operations, 30*time.Second)
		if result != porcupine.Ok {
			path := t.ArtifactDir() + "/history.html"
			t.Fatalf("%s: no order explains it; see %s (%v)", result, path,
				porcupine.VisualizePath(blocking, info, path))
		}
	}
	t.Logf("%d histories, %d messages heard, %d refused", rounds, heard, refused)
	if heard < rounds || refused < rounds {
		t.Error("too few to prove anything")
	}
}

func liveThroughBlocks(t *testing.T) *history {
	n := newTestNode(t, Options{})
	alice, _ := come(t, n, "alice")
	bob, _ := come(t, n, "bob")
	h := &history{start: time.Now()}
	ctx := t.Context()
	const speakers, messages, reader, blocker = 3, 36, 4, 3
	var speaking, others sync.WaitGroup
	done := make(chan struct{})
	for s := range speakers {
		speaking.Go(func() {
			for m := s; m < messages; m += speakers {
				op, text := operation{"tell", m}, Clean(strconv.Itoa(m))
				time.Sleep(10 * time.Microsecond)
				called := time.Since(h.start)
				if m/speakers%4 == 0 {
					op.what = "shout"
					if err := n.Shout(ctx, alice, text); err != nil {
						t.Error(err)
					}
					h.add(s, called, op, nil)
					continue
				}
				_, _, err := n.Tell(ctx, alice, "bob", text)
				if err != nil && !errors.Is(err, ErrBlocked) {
					t.Error(err)
				}
				h.add(s, called, op, err == nil)
			}
		})
	}
	whileSpeaking := func(f func()) {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f()
				}
			}
		})
	}
	whileSpeaking(func() {
		time.Sleep(50 * time.Microsecond) // while something waits in the mailbox, blocks come and go
		called := time.Since(h.start)
		for i, e := range bob.Take() {
			m, err := strconv.Atoi(e.Text.s[strings.LastIndex(e.Text.s, " ")+1:])
			if err != nil {
				t.Errorf("bob hears %q", e.Text.s)
			}
			h.add(reader+i, called, operation{"hear", m}, nil)
		}
	})
	blocks := 0
	whileSpeaking(func() {
		time.Sleep(20 * time.Microsecond)
		blocks++
		what, do := "block", n.Block
		if blocks%2 == 0 {
			what, do = "unblock", n.Unblock
		}
		called := time.Since(h.start)
		if _, err := do(ctx, bob, "alice"); err != nil {
			t.Error(err)
		}
		h.add(blocker, called, operation{what: what}, nil)
	})
	speaking.Wait()
	close(done)
	others.Wait()
	return h
}

// TestBlockingModel shows the model what must not happen, and what may.
func TestBlockingModel(t *testing.T) {
	op := func(what string, message int, call, end int64, output any) porcupine.Operation {
		return porcupine.Operation{Input: operation{what, message}, Call: call, Return: end, Output: output}
	}
	for _, tt := range []struct {
		name    string
		history []porcupine.Operation
		want    bool
	}{
		{"heard", []porcupine.Operation{op("tell", 1, 1, 2, true), op("hear", 1, 3, 4, nil)}, true},
		{"heard twice", []porcupine.Operation{op("tell", 1, 1, 2, true), op("hear", 1, 3, 4, nil),
			op("hear", 1, 5, 6, nil)}, false},
		{"accepted after the block", []porcupine.Operation{op("block", 0, 1, 2, nil), op("tell", 1, 3, 4, true)},
			false},
		{"accepted during the block", []porcupine.Operation{op("block", 0, 1, 4, nil), op("tell", 1, 2, 6, true)},
			true},
		{"heard after the block", []porcupine.Operation{op("tell", 1, 1, 2, true), op("block", 0, 3, 4, nil),
			op("hear", 1, 5, 6, nil)}, false},
		{"heard during the block", []porcupine.Operation{op("tell", 1, 1, 2, true), op("block", 0, 3, 7, nil),
			op("hear", 1, 5, 6, nil)}, true},
		{"shouted after the block, heard after its end", []porcupine.Operation{
			op("block", 0, 1, 2, nil), op("shout", 1, 3, 4, nil), op("unblock", 0, 5, 6, nil), op("hear", 1, 7, 8, nil),
		}, false},
		{"refused with no block", []porcupine.Operation{op("tell", 1, 1, 2, false)}, false},
		{"lost for the sake of a block", []porcupine.Operation{op("tell", 1, 1, 4, true), op("block", 0, 2, 3, nil),
			op("unblock", 0, 5, 6, nil)}, true},
	} {
		if got := porcupine.CheckOperations(blocking, tt.history); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
