package main

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// syncTime returns how long the disk of the folder dir takes to have a page for good, the middle one of five times. The
// file has no name, so nobody ever sees it.
func syncTime(dir string) (time.Duration, error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EISDIR) {
		return 0, errors.ErrUnsupported // by this file system
	}
	if err != nil {
		return 0, err
	}
	f := os.NewFile(uintptr(fd), "")
	defer f.Close()
	var took []time.Duration
	for range 5 {
		began := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// clockSynchronised reports whether something keeps the system's clock right, as adjtimex(2) tells; known is false
// where it does not.
func clockSynchronised() (synchronised, known bool) {
	var t unix.Timex // which asks for no change
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unix.STA_UNSYNC == 0, true
}

// memory compares what the server may use with what there is.
func (d *doctor) memory() {
	free, ok := memoryAvailable()
	if !ok {
		return
	}
	limit, limited := memoryLimit(os.Getenv("GOMEMLIMIT"))
	switch {
	case free < 64<<20:
		d.find("memory", warn, "%d MiB are free, and each thousand idle users takes 5. Free some.", free>>20)
	case limited && limit > free && !d.running:
		d.find("memory", warn, "GOMEMLIMIT is %d MiB, but only %d are free: the system may end the server before it "+
			"saves memory. Lower the limit.", limit>>20, free>>20)
	default:
		d.find("memory", fine, "%d MiB are free.", free>>20)
	}
}

// memoryAvailable returns how many bytes the system could give a program, less where its control group has less.
func memoryAvailable() (n int64, ok bool) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "MemAvailable:"); found {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			n, ok = kib<<10, err == nil
		}
	}
	most, mostOK := readNumber("/sys/fs/cgroup/memory.max") // "max" is no number
	used, usedOK := readNumber("/sys/fs/cgroup/memory.current")
	if ok && mostOK && usedOK {
		n = min(n, most-used)
	}
	return n, ok
}

func readNumber(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// memoryLimit returns the bytes that a value of GOMEMLIMIT stands for, as package runtime reads it.
func memoryLimit(value string) (n int64, ok bool) {
	for _, unit := range []struct {
		suffix string
		shift  int
	}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"B", 0}, {"", 0}} {
		if digits, found := strings.CutSuffix(value, unit.suffix); found {
			n, err := strconv.ParseInt(digits, 10, 64)
			return n << unit.shift, err == nil
		}
	}
	return 0, false
}
