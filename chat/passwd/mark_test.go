package passwd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestMark(t *testing.T) {
	for _, tt := range []struct {
		password, line string
		want           bool
	}{
		{"s3cret", "s3cret", true},
		{"s3cret", "it is s3cret, really", true},
		{"s3cret", "(s3cret)", true},
		{"s3cret", "login alice s3cret", true},
		{"s3cret", "s3cretly", false},
		{"s3cret", "as3cret", false},
		{"s3cret", "S3cret", false},
		{"s3cret", "s3cre", false},
		{"s3cret", "", false},
		{"two words", "my two words here", true},
		{"two words", "my two  words", false},
		{"two words", "my two\u00a0words", true}, // blanks are one
		{"two\u00a0words", "my two words", true},
		{"!bang!", "say !bang! now", true},
		{"!bang!", "!!bang!!", true},
		{"café", "le cafe\u0301 noir", true}, // composed
		{"cafe\u0301", "le café noir", true},
		{"café", "cafés", false},
		{"", "anything", false},
		{"\xff", "\xff", false},
	} {
		if got := NewMark(tt.password).FoundIn(tt.line); got != tt.want {
			t.Errorf("%q in %q: %v, want %v", tt.password, tt.line, got, tt.want)
		}
	}
}

// TestMarkHoldsNoPassword tests that the password cannot be read from its mark.
func TestMarkHoldsNoPassword(t *testing.T) {
	m := NewMark("s3cret")
	if strings.Contains(fmt.Sprintf("%+v", *m), "s3cret") || bytes.Contains(m.forms[0].sum[:], []byte("s3cret")) {
		t.Error("the mark holds the password")
	}
	if m.forms[0].sum == NewMark("s3creT").forms[0].sum {
		t.Error("another password has the same mark")
	}
}

func BenchmarkMark(b *testing.B) {
	m := NewMark("s3cret77")
	for name, line := range map[string]string{
		"line of 10 words":   "this is what people say to each other, mostly",
		"longest, of words":  strings.Repeat("no123456 ", 113),
		"longest, of commas": strings.Repeat(",", 1024),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m.FoundIn(line) {
					b.Fatal("it is in there")
				}
			}
		})
	}
}
