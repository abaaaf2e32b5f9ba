package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/chat"
	"parley/chat/record"
)

// A cable hands messages on at once, so that what is measured is the nodes.
type cable struct {
	ends *sync.Map // by name
	name string
	sent *atomic.Int64
}

func (w cable) Send(to string, message []byte) {
	if take, ok := w.ends.Load(to); ok {
		w.sent.Add(1)
		take.(func([]byte))(message)
	}
}

func (w cable) Receive(take func(message []byte)) {
	if take == nil {
		w.ends.Delete(w.name)
		return
	}
	w.ends.Store(w.name, take)
}

type deafEar struct{}

func (deafEar) Hear(context.Context, *chat.Event) {}

func (deafEar) Sit() {}

// BenchmarkPublish has lines said in a room with a member at each node, by one user after the other or by many at once.
// It reports what all nodes together take of the processor, and how many messages they send. One node is a desk without
// a network: what is dearer at three is the network.
func BenchmarkPublish(b *testing.B) {
	for _, nodes := range []int{1, 3} {
		for _, speakers := range []int{1, 64, 512} {
			b.Run(fmt.Sprintf("nodes=%d/speakers=%d", nodes, speakers), func(b *testing.B) {
				publish(b, nodes, speakers)
			})
		}
	}
}

func publish(b *testing.B, nodes, speakers int) {
	store, ends, sent := record.NewMemoryStore(), new(sync.Map), new(atomic.Int64)
	names := []string{"a", "b", "c"}[:nodes]
	views := make([]*View, nodes)
	for i, name := range names {
		v, err := Open(b.Context(), Options{Name: name, Nodes: names, Link: cable{ends, name, sent}, Store: store,
			Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(v.Close)
		views[i] = v
	}
	ctx := b.Context()
	for i, v := range views {
		if err := v.Await(ctx); err != nil {
			b.Fatal(err)
		}
		u := chat.User{Name: v.name, ID: v.name}
		if err := v.Enter(ctx, chat.Entry{ID: v.name, Node: v.name, User: u}, deafEar{}); err != nil {
			b.Fatal(err)
		}
		if i == 0 {
			if _, err := v.OpenRoom(ctx, chat.Clean("topic"), u); err != nil {
				b.Fatal(err)
			}
		} else if _, err := v.ChangeRoom(ctx, 0, chat.RoomChange{Kind: chat.Joined, User: u}); err != nil {
			b.Fatal(err)
		}
	}
	e := &chat.Event{Kind: chat.Said, At: time.Now(), From: chat.User{Name: "a", ID: "a"},
		Text: chat.Clean("a line of about as many letters as people type")}
	var next atomic.Int64
	var wg sync.WaitGroup
	sent.Store(0)
	before := processor()
	b.ResetTimer()
	for i := range speakers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := views[i%nodes].Publish(ctx, chat.RoomTopic(0), e); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(processor()-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(sent.Load())/float64(b.N), "messages/op")
}

// processor returns how long this process has had the processors.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
