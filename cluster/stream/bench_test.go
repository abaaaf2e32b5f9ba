package stream

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"parley/cluster/natstest"
)

// BenchmarkPut has records written by one after the other or by many at once, at three nodes. Each write waits for the
// disks of the NATS servers and of all nodes. It is what a registration costs beside the hash, which is as much as a
// fifth of a millisecond of the desk's more.
func BenchmarkPut(b *testing.B) {
	for _, setting := range []struct {
		servers int
		always  bool
	}{{1, false}, {1, true}, {3, true}} {
		servers := natstest.Start(b, setting.servers, func(o *server.Options) { o.SyncAlways = setting.always })
		for _, writers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("servers=%d/sync=%v/writers=%d", setting.servers, setting.always, writers),
				func(b *testing.B) { benchmarkPut(b, servers, writers) })
		}
	}
}

func benchmarkPut(b *testing.B, servers *natstest.Servers, writers int) {
	c := newCluster(b, servers)
	var nodes []*node
	for _, name := range []string{"a", "b", "c"} {
		nodes = append(nodes, c.must(name, b.TempDir()))
	}
	for _, n := range nodes {
		n.know(b, 2)
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for i := range writers {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				began := time.Now()
				_, err := nodes[i%3].Put(b.Context(), "b", fmt.Sprint(n), make([]byte, 500), 0)
				if err != nil {
					b.Error(err)
					return
				}
				took[n-1] = time.Since(began)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(ms(took[len(took)/2]), "ms-p50")
	b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
}
