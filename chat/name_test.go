package chat

import (
	"errors"
	"strings"
	"testing"

	"parley/words"
)

func TestCheckName(t *testing.T) {
	const (
		hidden  = "That name cannot be registered: it has an invisible character."
		letters = "That name cannot be registered: it may have no letters outside a-z, because many of them look alike."
		signs   = "That name cannot be registered: it may have letters, digits, '_', '-' and '.' only."
		first   = "That name cannot be registered: the first character must be a letter."
		long    = "That name cannot be registered: it may have 16 characters at most."
	)
	n := New(Options{Reserved: []string{"help", "quit", "unblock", "Rooms"}})
	tests := []struct {
		name string
		kind error  // nil: it is good
		text string // "" for a reserved name: the usual sentence
	}{
		{"alice", nil, ""},
		{"A", nil, ""},
		{"Al1ce_b-c.d", nil, ""},
		{"abcdefghijklmnop", nil, ""},
		{"sy5tem", nil, ""}, // 5 is no look-alike of s in these rules
		{"systems", nil, ""},
		{"helper", nil, ""},
		{"gues", nil, ""},
		{"aguest", nil, ""},
		{"a..", nil, ""},

		{"", ErrBadName, first},
		{"1alice", ErrBadName, first},
		{"_alice", ErrBadName, first},
		{"-", ErrBadName, first},
		{".", ErrBadName, first},
		{"abcdefghijklmnopq", ErrBadName, long},
		{strings.Repeat("a", 1024), ErrBadName, long},
		{"al ice", ErrBadName, signs},
		{"al*ice", ErrBadName, signs},
		{"al\x1bice", ErrBadName, signs},
		{"alice\x00", ErrBadName, signs},
		{"alice\x7f", ErrBadName, signs},
		{"a/b", ErrBadName, signs},
		{"a#b", ErrBadName, signs},
		{"älice", ErrBadName, letters},
		{"аlice", ErrBadName, letters}, // Cyrillic а
		{"alice\u202e", ErrBadName, hidden},
		{"a\u200bb", ErrBadName, hidden},
		{"\ufeffalice", ErrBadName, hidden},
		{"al\u00adice", ErrBadName, hidden},
		{"alice\u3164", ErrBadName, hidden},
		{"al\u200dice", ErrBadName, hidden},
		{"alice\U000E0041", ErrBadName, hidden},
		{"ali\xffce", ErrBadName, letters},

		{"Ali", nil, ""}, // no look-alike of "all": a small i has a dot
		{"ali", nil, ""},
		{"Neil", nil, ""},
		{"Root66", nil, ""},
		{"badminton", nil, ""},
		{"Serverine", nil, ""},

		{"admin", ErrReservedName, ""},
		{"Adm1n", ErrReservedName, ""},
		{"ADMlN", ErrReservedName, ""},
		{"adrnin", ErrReservedName, ""},
		{"ad-min", ErrReservedName, ""},
		{"A.D.M.I.N", ErrReservedName, ""},
		{"administrator", ErrReservedName, ""},
		{"Operator", ErrReservedName, ""},
		{"0perator", ErrBadName, first},
		{"operat0r", ErrReservedName, ""},
		{"root", ErrReservedName, ""},
		{"r00t", ErrReservedName, ""},
		{"moderator", ErrReservedName, ""},
		{"rnoderator", ErrReservedName, ""},
		{"mod", ErrReservedName, ""},
		{"server", ErrReservedName, ""},
		{"ser_ver", ErrReservedName, ""},
		{"Support", ErrReservedName, ""},
		{"supp0rt", ErrReservedName, ""},
		{"everyone", ErrReservedName, ""},
		{"every.one", ErrReservedName, ""},
		{"all", ErrReservedName, ""},
		{"AlI", ErrReservedName, ""},
		{"a11", ErrReservedName, ""},
		{"AII", ErrReservedName, ""},
		{"parley", ErrReservedName, ""},
		{"Par1ey", ErrReservedName, ""},
		{"null", ErrReservedName, ""},
		{"nuII", ErrReservedName, ""},
		{"undefined", ErrReservedName, ""},
		{"nobody", ErrReservedName, ""},
		{"here", ErrReservedName, ""},
		{"staff", ErrReservedName, ""},
		{"Owner", ErrReservedName, ""},
		{"console", ErrReservedName, ""},
		{"you", ErrReservedName, ""},
		{"system", ErrReservedName, ""},
		{"System", ErrReservedName, ""},
		{"SYSTERN", ErrReservedName, ""},
		{"sys.tem", ErrReservedName, ""},
		{"system-", ErrReservedName, ""},
		{"guest", ErrReservedName, ""},
		{"GUEST1", ErrReservedName, ""},
		{"guestbook", ErrReservedName, ""},
		{"gu-est", ErrReservedName, ""},
		{"g.u.e.s.t.7", ErrReservedName, ""},
		{"help", ErrReservedName, ""},
		{"HeIp", ErrReservedName, ""},
		{"he1p", ErrReservedName, ""},
		{"qu1t", ErrReservedName, ""},
		{"unb10ck", ErrReservedName, ""},
		{"r0o-rns", ErrReservedName, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := n.checkName(tt.name)
			if tt.kind == nil {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			want := tt.text
			if want == "" {
				want = "The name " + tt.name + " is reserved. Please choose another."
			}
			if !errors.Is(err, tt.kind) || words.English.Sentence(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

func TestSkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"alice", "ALICE", "a1ice", "aLiCe", "allce", "a.l-i_c.e", "alice...", "Allce"},
		{"bob", "b0b", "BOB", "B-0-B"},
		{"mary", "rnary", "r_nary", "RNARY", "M.ary"},
		{"corn", "com", "c0rn"},
		{"rrn", "rm"},
		{"rnn", "mn"},
		{"", "...", "-_."},
	} {
		for _, name := range same[1:] {
			if a, b := skeleton(same[0]), skeleton(name); a != b {
				t.Errorf("%s (%s) and %s (%s) should look alike", same[0], a, name, b)
			}
		}
	}
	for _, differ := range [][2]string{{"alice", "alicia"}, {"bob", "bobo"}, {"mary", "nary"}, {"nr", "m"}, {"vv", "w"},
		{"a5", "as"}} {
		if skeleton(differ[0]) == skeleton(differ[1]) {
			t.Errorf("%s and %s should differ", differ[0], differ[1])
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"", "alice", "RNary", "r-n", "rrnn", "0O1lIi", "...", "sys_tern", "ä\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := skeleton(s)
		if twice := skeleton(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", s, once, twice)
		}
		if len(once) > len(s) || strings.ContainsAny(once, "_-.01i") || strings.Contains(once, "rn") {
			t.Fatalf("%q becomes %q", s, once)
		}
		if wellFormed(s) != nil {
			return
		}
		if skeleton(FoldName(s)) != once || skeleton(strings.ToUpper(s)) != once {
			t.Fatalf("the letter case of %q matters", s)
		}
		if once == "" {
			t.Fatalf("nothing is left of %q", s)
		}
	})
}
