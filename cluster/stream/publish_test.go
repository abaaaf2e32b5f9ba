package stream

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"

	"parley/chat/record"
	"parley/cluster/natstest"
	"parley/db"
)

// TestAnswersToWrite has servers answer a write that is sent until they say what came of it. What they may have taken
// is never said not to be saved, whatever they answer later.
func TestAnswersToWrite(t *testing.T) {
	c := newCluster(t, natstest.Start(t, 1, nil))
	n := c.must("a", t.TempDir())
	remove(t, n) // the test answers instead
	servers := c.connect("servers")
	t.Cleanup(servers.Close)
	answer := func(code, number int) string {
		return fmt.Sprintf(`{"error":{"code":%d,"err_code":%d,"description":"a test"}}`, code, number)
	}
	taken := fmt.Sprintf(`{"stream":%q,"seq":100}`, n.tape.name)
	underWay, away, wrong := answer(409, inProcess), answer(503, 10008), answer(400, 10003)
	for i, tt := range []struct {
		name    string
		answers []string
		want    error // nil means that it is saved; errAny one that says that nothing was saved
	}{
		{"it is taken", []string{taken}, nil},
		{"it is refused", []string{wrong}, errAny},
		{"one that is under way is taken", []string{underWay, taken}, nil},
		{"one that is under way is refused", []string{underWay, wrong}, record.ErrMaybeSaved},
		{"one of which they do not know is taken", []string{away, underWay, taken}, nil},
		{"one of which they do not know is refused", []string{away, wrong}, record.ErrMaybeSaved},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &db.Write{Bucket: "b", Key: fmt.Sprint("key", i)}
			answers := make(chan string, len(tt.answers))
			for _, a := range tt.answers {
				answers <- a
			}
			sub, err := servers.Conn().Subscribe(n.tape.subjectOf(w.Bucket, w.Key), func(m *nats.Msg) {
				_ = m.Respond([]byte(<-answers))
			})
			if err == nil {
				err = servers.Conn().Flush()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = sub.Unsubscribe() }()
			number, err := n.publish(t.Context(), w, 0)
			switch {
			case tt.want == nil && (number != 100 || err != nil), tt.want != nil && err == nil,
				tt.want == errAny && errors.Is(err, record.ErrMaybeSaved),
				tt.want == record.ErrMaybeSaved && !errors.Is(err, record.ErrMaybeSaved):
				t.Errorf("got %d, %v, want %v", number, err, tt.want)
			}
		})
	}
}

// errAny stands for any error but record.ErrMaybeSaved.
var errAny = errors.New("an error that says that nothing was saved")
