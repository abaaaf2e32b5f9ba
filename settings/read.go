package settings

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zones of the world, also where the system has none
)

// The narrowest and the widest that lines may be set to.
const (
	MinWidth = 40
	MaxWidth = 500
)

func readWidth(word string) (string, bool) {
	n, err := strconv.Atoi(word)
	return strconv.Itoa(n), err == nil && n >= MinWidth && n <= MaxWidth
}

// Columns returns the width that a value stands for, 0 for auto.
func Columns(value string) int {
	if value == Auto {
		return 0
	}
	n, _ := strconv.Atoi(value)
	return n
}

func readCharset(word string) (string, bool) {
	switch strings.ToLower(word) {
	case "utf8", "unicode":
		return "UTF-8", true
	case "latin1", "iso-8859-1", "iso8859-1", "iso_8859-1":
		return "Latin-1", true
	case "437", "ibm437", "cp-437":
		return "CP437", true
	case "7-bit", "7bit", "us-ascii":
		return "ASCII", true
	}
	return "", false
}

// maxZone is how long the name of a zone may be, in bytes.
const maxZone = 40

// readZone reads a place, in any letter case, or a difference from UTC. It looks on the disk for a place that is not in
// use yet.
func readZone(word string) (string, bool) {
	if _, used := zones.Load(word); used {
		return word, true
	}
	if seconds, ok := offset(word); ok {
		sign := '+'
		if seconds < 0 {
			sign, seconds = '-', -seconds
		}
		return fmt.Sprintf("%c%02d:%02d", sign, seconds/3600, seconds/60%60), true
	}
	if len(word) > maxZone {
		return "", false
	}
	for _, name := range []string{capitals(word), strings.ToUpper(word), word} {
		if isPlace(name) {
			if _, err := time.LoadLocation(name); err == nil {
				return name, true
			}
		}
	}
	return "", false
}

// isPlace reports whether name is written as the list of zones writes them: each part begins with a capital. A system
// may also have the zones by other names, such as Europe//Berlin and posix/Europe/Berlin, and its own as localtime and
// Local. Those do not count, so that there are no more zones to be kept than the list has.
func isPlace(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] < 'A' || part[0] > 'Z' {
			return false
		}
	}
	return !strings.EqualFold(name, "local")
}

// offset reads a difference from UTC such as +2, -03:30, UTC+1 or +0530, in seconds.
func offset(word string) (seconds int, ok bool) {
	word = strings.ToUpper(word)
	for _, prefix := range []string{"UTC", "GMT"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && rest != "" {
			word = rest
			break
		}
	}
	if word == "" || word[0] != '+' && word[0] != '-' {
		return 0, false
	}
	hours, minutes, colon := strings.Cut(word[1:], ":")
	if !colon && len(hours) == 4 {
		hours, minutes = hours[:2], hours[2:]
	} else if !colon {
		minutes = "0"
	}
	h, err1 := strconv.ParseUint(hours, 10, 8)
	m, err2 := strconv.ParseUint(minutes, 10, 8)
	if err1 != nil || err2 != nil || m > 59 || h*60+m > 14*60 || len(hours) > 2 {
		return 0, false
	}
	seconds = int(h*60+m) * 60
	if word[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// capitals writes the name of a place as the list of zones does: America/New_York, Africa/Porto-Novo.
func capitals(word string) string {
	b := []byte(strings.ToLower(word))
	start := true
	for i, c := range b {
		if start && c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
		start = c == '/' || c == '_' || c == '-'
	}
	for _, small := range []string{"_Of_", "_Es_", "-Au-", "-Of-", "-In-"} { // Isle_of_Man, Dar_es_Salaam
		b = []byte(strings.ReplaceAll(string(b), small, strings.ToLower(small)))
	}
	return string(b)
}

// zones are those in use, by the names that readZone returns: no more than the list has, and the differences from UTC.
var zones sync.Map // of *time.Location

// Zone returns the clock that a value stands for: always the same for one value, UTC for what is none.
func Zone(value string) *time.Location {
	name, ok := readZone(value)
	if !ok {
		return time.UTC
	}
	if zone, used := zones.Load(name); used {
		return zone.(*time.Location)
	}
	zone := time.UTC
	if seconds, ok := offset(name); ok {
		zone = time.FixedZone("UTC"+name, seconds)
	} else if place, err := time.LoadLocation(name); err == nil {
		zone = place
	}
	kept, _ := zones.LoadOrStore(name, zone)
	return kept.(*time.Location)
}
