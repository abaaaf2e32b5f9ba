package settings

import (
	"testing"
	"time"
)

func TestQuietAt(t *testing.T) {
	for _, tt := range []struct {
		value, at string
		want      bool
	}{
		{"", "12:00", false}, {On, "12:00", true}, {"nonsense", "12:00", false},
		{"22:00-07:00", "21:59", false}, {"22:00-07:00", "22:00", true}, {"22:00-07:00", "00:00", true},
		{"22:00-07:00", "06:59", true}, {"22:00-07:00", "07:00", false},
		{"09:30-10:15", "09:29", false}, {"09:30-10:15", "09:30", true}, {"09:30-10:15", "10:15", false},
	} {
		at, err := time.Parse("15:04", tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := QuietAt(tt.value, at); got != tt.want {
			t.Errorf("%q at %s: %v", tt.value, tt.at, got)
		}
	}
	for word, want := range map[string]string{
		"22:00-07:00": "22:00-07:00", "22-7": "22:00-07:00", "9:30-10": "09:30-10:00", "22:00": "", "22:00-22:00": "",
		"25:00-7:00": "", "22:60-7:00": "", "-": "", "now": "", "22:00-07:00-08:00": "",
	} {
		if got, ok := ReadHours(word); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", word, got, ok)
		}
	}
}
