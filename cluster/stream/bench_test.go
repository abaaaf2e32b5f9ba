package stream

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"parley/cluster/natstest"
)

// BenchmarkPut has records written by one after the other or by many at once, at three nodes. Each write waits for the
// disks of the NATS server and of all nodes.
func BenchmarkPut(b *testing.B) {
	for _, always := range []bool{false, true} {
		servers := natstest.Start(b, 1, func(o *server.Options) { o.SyncAlways = always })
		for _, writers := range []int{1, 64} {
			b.Run(fmt.Sprintf("sync=%v/writers=%d", always, writers), func(b *testing.B) {
				c := newCluster(b, servers)
				var nodes []*node
				for _, name := range []string{"a", "b", "c"} {
					nodes = append(nodes, c.must(name, b.TempDir()))
				}
				for _, n := range nodes {
					n.know(b, 2)
				}
				var next atomic.Int64
				var wg sync.WaitGroup
				b.ResetTimer()
				for i := range writers {
					wg.Go(func() {
						for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
							_, err := nodes[i%3].Put(b.Context(), "b", fmt.Sprint(n), make([]byte, 500), 0)
							if err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}
