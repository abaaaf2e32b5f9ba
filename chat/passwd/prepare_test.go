package passwd

import (
	"errors"
	"slices"
	"testing"
	"unicode/utf8"
)

func TestPrepare(t *testing.T) {
	for _, tt := range []struct {
		name, typed, want string
		err               error
	}{
		{"plain", "open sesame", "open sesame", nil},
		{"empty", "", "", nil},
		{"blanks at the ends", " a ", " a ", nil},
		{"letter case stays", "OpenSesame", "OpenSesame", nil},
		{"composed", "scho\u0308n", "sch\u00f6n", nil},
		{"composed already", "sch\u00f6n", "sch\u00f6n", nil},
		{"a sign for another", "\u212b", "\u00c5", nil},
		{"no-break blank", "open\u00a0sesame", "open sesame", nil},
		{"full-width blank", "open\u3000sesame", "open sesame", nil},
		{"narrow and em blanks", "a\u202fb\u2003c", "a b c", nil},
		{"full width stays", "\uff21\uff22", "\uff21\uff22", nil},
		{"ligature stays", "\ufb03", "\ufb03", nil},
		{"other scripts", "Пароль密码", "Пароль密码", nil},
		{"emoji", "😀🚀", "😀🚀", nil},
		{"a joiner where a script needs it", "\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937", nil},

		{"Latin-1", "p\xe4\xf6\xfcword", "", ErrEncoding},
		{"Latin-1 that has become something", "p\ufffd\ufffd\ufffdword", "", ErrEncoding},
		{"the end is missing", "pass\xe2\x82", "", ErrEncoding},
		{"overlong", "pass\xc0\xaf", "", ErrEncoding},
		{"half a pair", "pass\xed\xa0\x80", "", ErrEncoding},
		{"UTF-16", "p\x00w\x00\xff\xfe", "", ErrEncoding},

		{"NUL", "a\x00b", "", ErrCharacter},
		{"tab", "a\tb", "", ErrCharacter},
		{"escape", "a\x1b[A", "", ErrCharacter},
		{"DEL", "a\x7f", "", ErrCharacter},
		{"C1", "a\u0085b", "", ErrCharacter},
		{"line separator", "a\u2028b", "", ErrCharacter},
		{"zero-width blank", "a\u200bb", "", ErrCharacter},
		{"byte order mark", "\ufeffsecret", "", ErrCharacter},
		{"bidirectional override", "a\u202eb", "", ErrCharacter},
		{"Hangul filler", "a\u3164b", "", ErrCharacter},
		{"a joiner elsewhere", "a\u200db", "", ErrCharacter},
		{"private", "a\ue000b", "", ErrCharacter},
		{"no character", "a\uffffb", "", ErrCharacter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Prepare(tt.typed)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Prepare(%+q) = %+q, %v, want %+q, %v", tt.typed, got, err, tt.want, tt.err)
			}
		})
	}
}

func TestForms(t *testing.T) {
	for _, tt := range []struct {
		typed string
		want  []string
		err   error
	}{
		{"secret", []string{"secret"}, nil},
		{"", []string{""}, nil},
		{"scho\u0308n", []string{"sch\u00f6n"}, nil},
		{"open\u00a0sesame", []string{"open sesame", "open\u00a0sesame"}, nil},
		{"scho\u0308n\u3000er", []string{"sch\u00f6n er", "sch\u00f6n\u3000er"}, nil},
		{"❤\ufe0f", []string{"❤\ufe0f"}, nil}, // not to be set any more
		{"a\tb", []string{"a\tb"}, nil},
		{"p\xe4ss", nil, ErrEncoding},
		{"p\ufffdss", nil, ErrEncoding},
	} {
		got, err := Forms(tt.typed)
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("Forms(%+q) = %+q, %v, want %+q, %v", tt.typed, got, err, tt.want, tt.err)
		}
	}
}

// FuzzPrepare tests that to prepare twice is to prepare once, and that what was set can be checked.
func FuzzPrepare(f *testing.F) {
	for _, s := range []string{"", "secret", " a\u00a0b\u3000", "e\u0301\u0323", "\u1100\u1161", "p\xe4", "\ufffd",
		"👩\u200d👩", "\u0344\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		prepared, err := Prepare(typed)
		forms, formsErr := Forms(typed)
		switch {
		case errors.Is(err, ErrEncoding):
			if utf8.ValidString(typed) && !slices.Contains([]rune(typed), utf8.RuneError) ||
				!errors.Is(formsErr, ErrEncoding) {
				t.Fatalf("%+q: %v, %v", typed, err, formsErr)
			}
		case err != nil:
			if len(forms) != 1 || formsErr != nil {
				t.Fatalf("%+q, which is %v: forms %+q, %v", typed, err, forms, formsErr)
			}
		default:
			if again, err := Prepare(prepared); again != prepared || err != nil {
				t.Fatalf("%+q prepared is %+q, prepared again %+q, %v", typed, prepared, again, err)
			}
			if formsErr != nil || forms[0] != prepared {
				t.Fatalf("%+q: forms %+q, %v", typed, forms, formsErr)
			}
		}
	})
}
