package stream

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"parley/db"
)

func TestMessage(t *testing.T) {
	for _, w := range []db.Write{
		{Bucket: "accounts", Key: "alice", Value: []byte("value")},
		{Bucket: "accounts", Key: "alice", Deleted: true},
		{Value: []byte{}},
		{Bucket: "\x00.\xff*", Key: strings.Repeat("k", db.MaxKey), Value: make([]byte, db.MaxValue)},
	} {
		got, err := decode(encode(&w))
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("got %.100v, %v, want %.100v", got, err, w)
		}
	}
	later := encode(&db.Write{})
	later[1]++
	if _, err := decode(later); !errors.Is(err, errLater) {
		t.Errorf("a later version: got %v", err)
	}
	tokens := make(map[string]bool)
	for _, at := range []string{"", "a", "ab", "abc"} {
		for i := range len(at) + 1 {
			tokens[token(at[:i], at[i:])] = true
		}
	}
	if len(tokens) != 10 {
		t.Errorf("%d tokens for 10 records", len(tokens))
	}
}

// FuzzDecode feeds anything at all: what is taken is within the bounds, and says what it was made of.
func FuzzDecode(f *testing.F) {
	f.Add(encode(&db.Write{Bucket: "b", Key: "k", Value: []byte("v")}))
	f.Add(encode(&db.Write{Bucket: "b", Key: "k", Deleted: true}))
	f.Add([]byte("P\x01p\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Add([]byte("P\x02"))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := decode(b)
		if err != nil {
			return
		}
		if len(w.Bucket) > db.MaxKey || len(w.Key) > db.MaxKey || len(w.Value) > db.MaxValue {
			t.Error("out of bounds")
		}
		again, err := decode(encode(&w))
		if err != nil || again.Bucket != w.Bucket || again.Key != w.Key || !bytes.Equal(again.Value, w.Value) ||
			again.Deleted != w.Deleted {
			t.Errorf("%v is %v again, %v", w, again, err)
		}
	})
}
