package passwd

import (
	"errors"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name, password string
		least          int
		want           error
	}{
		{"alice", "s3cret", 4, nil},
		{"alice", "abcd", 4, nil},
		{"alice", "äöüß", 4, nil},
		{"alice", "密码密码", 4, nil},
		{"alice", "", 0, ErrEmpty},
		{"alice", "abc", 4, ErrShort},
		{"alice", "äöü", 4, ErrShort}, // characters count, not bytes
		{"alice", "abcdefg", 8, ErrShort},
		{"alice", "abcdefgh", 8, nil},
		{"alice", "ab", 1, nil},

		{"alice", "x", 1, ErrOneCharacter},
		{"alice", "ä", 0, ErrOneCharacter},
		{"alice", "aaaa", 4, ErrOneCharacter},
		{"alice", "1111111111", 4, ErrOneCharacter},
		{"alice", "    ", 4, ErrOneCharacter},
		{"alice", "ßßßß", 4, ErrOneCharacter},
		{"alice", "aaab", 4, nil},

		{"alice", "alice", 4, ErrName},
		{"alice", "ALICE", 4, ErrName},
		{"Al-i.c_e", "alice", 4, ErrName},
		{"alice", "Al-i.c_e", 4, ErrName},
		{"alice", "ecila", 4, ErrName},
		{"alice", "alice1", 4, ErrName},
		{"alice", "1alice!", 4, ErrName},
		{"alice", "alice2024", 4, ErrName},
		{"alice", "AliceAlice", 4, ErrName},
		{"alice", "alice alice 7", 4, ErrName},
		{"alice", "alicealiceecila", 4, nil}, // is long enough
		{"alice", "alice20241", 4, nil},
		{"alice", "alice in chains", 4, nil},
		{"alice", "malice", 4, nil},
		{"a1ice", "a1ice", 4, ErrName},
		{"alice2", "alice", 4, ErrName},
		{"alice-77", "Alice78", 4, ErrName},
		{"a1b2c3", "abcabc!", 4, ErrName},
		{"x", "xylophone", 4, nil},
		{"x", "x7351", 4, ErrName},
		{"x", "x-73518842", 4, nil},
		{"", "s3cret", 4, nil},
		{"...", "a...b", 4, nil},
	} {
		if err := Judge(tt.name, tt.password, tt.least); !errors.Is(err, tt.want) {
			t.Errorf("Judge(%q, %q, %d) = %v, want %v", tt.name, tt.password, tt.least, err, tt.want)
		}
	}
}

func TestAdvise(t *testing.T) {
	for password, want := range map[string]Advice{
		"password": Common, "PassWord": Common, "123456": Common, "12345678": Common, "qwertyuiop": Common,
		"letmein": Common, "trustno1": Common,
		"s3cret": Short, "abcdefg": Short, "äöüäöüä": Short, "密码密码": Short,
		"a long and winding road": Fine, "vR7#kq2Z": Fine, "äöüßäöüß": Fine,
	} {
		if got := Advise(password); got != want {
			t.Errorf("Advise(%q) = %d, want %d", password, got, want)
		}
	}
}
