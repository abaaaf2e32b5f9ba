//go:build unix

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
	"parley/cluster/natstest"
	"parley/cluster/order"
	"parley/cluster/wire"
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
				ends, sent := new(sync.Map), new(atomic.Int64)
				publish(b, nodes, speakers, sent, func(name string) order.Link { return cable{ends, name, sent} })
			})
		}
	}
}

// BenchmarkPublishOverNATS is BenchmarkPublish over one NATS server, in this process too.
func BenchmarkPublishOverNATS(b *testing.B) {
	urls := natstest.Start(b, 1, nil).URLs()
	for i, speakers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("nodes=3/speakers=%d", speakers), func(b *testing.B) {
			publish(b, 3, speakers, nil, func(name string) order.Link {
				w, err := wire.Connect(b.Context(), wire.Options{Servers: urls, Node: name,
					Prefix: fmt.Sprintf("bench%d-%d", i, b.N), Log: slog.New(slog.DiscardHandler)})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(w.Close)
				return w.Link()
			})
		})
	}
}

func publish(b *testing.B, nodes, speakers int, sent *atomic.Int64, link func(name string) order.Link) {
	store := record.NewMemoryStore()
	names := []string{"a", "b", "c"}[:nodes]
	views := make([]*View, nodes)
	for i, name := range names {
		v, err := Open(b.Context(), Options{Name: name, Nodes: names, Link: link(name), Store: store,
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
	if sent != nil {
		sent.Store(0)
	}
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
	if sent != nil {
		b.ReportMetric(float64(sent.Load())/float64(b.N), "messages/op")
	}
}

// processor returns how long this process has had the processors.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
