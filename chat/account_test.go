package chat

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestDecodeAccount(t *testing.T) {
	a := &account{
		Name: "Alice", Hash: "$argon2id$", Info: "hi", Blocks: []block{
			{Name: "Bob", ID: "bob", Until: time.Unix(4, 0).UTC(), Silent: true}, {Name: "guest", ID: "guest#X"}},
		Origin:     "guest#Y",
		Registered: time.Unix(1, 5).UTC(), LastLogin: time.Unix(2, 0).UTC(), LastSeen: time.Unix(3, 0).UTC(), Failed: 4,
	}
	value, err := json.Marshal(a)
	must(t, err)
	got, err := decodeAccount(Record{Key: "allce", Value: value})
	if err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("decodeAccount = %+v, %v, want %+v", got, err, a)
	}
	if got, err := decodeAccount(Record{Key: "bob",
		Value: []byte(`{"name":"Bob","later":{"is":"ignored"}}`)}); err != nil || got.Name != "Bob" {
		t.Errorf("decodeAccount of a later Parley's = %+v, %v", got, err)
	}
	for _, damaged := range []string{
		``, `{`, `[]`, `null`, `{}`, `{"name":"alice"`, `{"name":"bob"}`, `{"name":"1alice"}`, `{"name":"-alice"}`,
		`{"name":"alice...................."}`,
		`{"name":"alice","failed":"x"}`, `{"name":7}`, `{"name":"alice","registered":"yesterday"}`,
	} {
		if a, err := decodeAccount(Record{Key: "allce", Value: []byte(damaged)}); err == nil {
			t.Errorf("%s: read as %+v", damaged, a)
		}
	}
}

func FuzzDecodeAccount(f *testing.F) {
	f.Add("allce",
		[]byte(
			`{"name":"Alice","hash":"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng",`+
				`"registered":"2000-01-01T00:00:00Z"}`))
	f.Add("bob",
		[]byte(
			`{"name":"b0b","blocks":[{"name":"x","id":"y"},{"name":"x","id":"y"}],"failed":-3,`+
				`"lastSeen":"2000-01-01T00:00:00+01:00"}`))
	f.Add("", []byte(`{"name":""}`))
	f.Add("x", []byte(`{"name":"x\u001b[2J"}`))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		a, err := decodeAccount(Record{Key: key, Value: value})
		if err != nil {
			return
		}
		if wellFormed(a.Name) != nil || skeleton(a.Name) != key || a.user().ID != key {
			t.Fatalf("%q under key %q", a.Name, key)
		}
		again, err := json.Marshal(a)
		if err != nil {
			t.Skip("a year that JSON does not write")
		}
		b, err := decodeAccount(Record{Key: key, Value: again})
		if err != nil {
			t.Fatalf("%s was read, but not once it was written again: %s: %v", value, again, err)
		}
		if twice, err := json.Marshal(b); err != nil || string(twice) != string(again) {
			t.Fatalf("%s becomes %s, then %s (%v)", value, again, twice, err)
		}
		if all := a.blocks(); len(all) > len(a.Blocks) {
			t.Fatalf("%d blocks of %d", len(all), len(a.Blocks))
		}
	})
}
