package settings

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	for _, s := range Table {
		if value, ok := s.Read(s.Default); !ok || value != s.Default {
			t.Errorf("%s: the default %q is read as %q, %t", s.Name, s.Default, value, ok)
		}
		for _, v := range s.Values {
			for _, word := range []string{v, strings.ToUpper(v), strings.ToLower(v)} {
				if value, ok := s.Read(word); !ok || value != v {
					t.Errorf("%s: %q is read as %q, %t", s.Name, word, value, ok)
				}
			}
		}
		if value, ok := s.Read("DEFAULT"); !ok || value != "" {
			t.Errorf("%s: default is read as %q, %t", s.Name, value, ok)
		}
		if _, ok := s.Read("purple"); ok {
			t.Errorf("%s can be purple", s.Name)
		}
		if found, ok := Find(strings.ToUpper(s.Name)); !ok || found.Name != s.Name {
			t.Errorf("%s is not found by its name", s.Name)
		}
	}
}

func TestFind(t *testing.T) {
	for word, want := range map[string]string{"color": Colour, "co": Colour, "b": Bell, "time": "", "times": Timestamps,
		"timez": Timezone, "t": "", "": "", "fonts": "", "ord": Order} {
		s, ok := Find(word)
		if ok != (want != "") || ok && s.Name != want {
			t.Errorf("Find(%q) = %v, %t, want %q", word, s, ok, want)
		}
	}
}

func TestRead(t *testing.T) {
	tests := []struct{ setting, word, want string }{
		{Width, "40", "40"}, {Width, "500", "500"}, {Width, "39", ""}, {Width, "501", ""}, {Width, "-60", ""},
		{Width, "1e2", ""}, {Width, "080", "80"}, {Width, "99999999999999999999", ""},
		{Timezone, "Europe/Berlin", "Europe/Berlin"}, {Timezone, "europe/berlin", "Europe/Berlin"},
		{Timezone, "america/new_york", "America/New_York"}, {Timezone, "AFRICA/PORTO-NOVO", "Africa/Porto-Novo"},
		{Timezone, "europe/isle_of_man", "Europe/Isle_of_Man"}, {Timezone, "cet", "CET"}, {Timezone, "utc", "UTC"},
		{Timezone, "+2", "+02:00"}, {Timezone, "-03:30", "-03:30"}, {Timezone, "utc+1", "+01:00"},
		{Timezone, "+0530", "+05:30"}, {Timezone, "+14", "+14:00"}, {Timezone, "+15", ""}, {Timezone, "+1:60", ""},
		{Timezone, "+", ""}, {Timezone, "2", ""}, {Timezone, "+1e", ""}, {Timezone, "+001", ""},
		{Timezone, "Local", ""}, {Timezone, "../../etc/passwd", ""}, {Timezone, "/etc/localtime", ""},
		{Timezone, "localtime", ""}, {Timezone, "posixrules", ""}, {Timezone, "europe//berlin", ""},
		{Timezone, "Europe//Berlin", ""}, {Timezone, "Europe/", ""}, {Timezone, "posix/Europe/Berlin", ""},
		{Timezone, "US/Pacific", "US/Pacific"}, {Timezone, "est5edt", "EST5EDT"},
		{Timezone, "", ""}, {Timezone, "Europe/Atlantis", ""}, {Timezone, strings.Repeat("x", 1000), ""},
		{Charset, "latin1", "Latin-1"}, {Charset, "ISO-8859-1", "Latin-1"}, {Charset, "utf8", "UTF-8"},
		{Charset, "7-bit", "ASCII"}, {Charset, "437", "CP437"}, {Charset, "koi8-r", ""},
	}
	for _, tt := range tests {
		s, _ := Find(tt.setting)
		if value, ok := s.Read(tt.word); value != tt.want && ok || ok != (tt.want != "") {
			t.Errorf("%s %q: got %q, %t, want %q", tt.setting, tt.word, value, ok, tt.want)
		}
	}
}

func TestValues(t *testing.T) {
	v := Values{Bell: "TELLS", Width: "7", Colour: ""}
	for name, want := range map[string]string{Bell: "tells", Width: Auto, Colour: Auto, Order: "classic"} {
		if value, own := v.Get(name); value != want || own != (name == Bell) {
			t.Errorf("%s: got %q, own %t, want %q", name, value, own, want)
		}
	}
}

func TestZone(t *testing.T) {
	at := time.Date(2000, 7, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]string{"UTC": "12:00 UTC", "Europe/Berlin": "14:00 CEST",
		"+05:30":  "17:30 UTC+05:30",
		"nowhere": "12:00 UTC"} {
		zone := Zone(value)
		if got := at.In(zone).Format("15:04 MST"); got != want || zone != Zone(value) {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
	berlin := Values{Timezone: "Europe/Berlin"}
	if n := testing.AllocsPerRun(100, func() { berlin.Of(Timezone) }); n > 2 {
		t.Errorf("a zone in use is read with %v allocations: from the disk?", n)
	}
	if Zone("europe/berlin") != Zone("Europe/Berlin") || berlin.Of(Timezone) != "Europe/Berlin" {
		t.Error("a zone has two names")
	}
	if Columns("60") != 60 || Columns(Auto) != 0 {
		t.Error("a width is not read as it was written")
	}
}
