//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A target is the server that is loaded.
type target struct {
	name    string
	address netip.AddrPort
	process *exec.Cmd // nil if it is not ours
	data    string    // its folder
	stderr  *bytes.Buffer
}

var listening = regexp.MustCompile(`is listening on (\S+?),`)

// start starts program as a server, on one processor of its own if pinned. Its last argument-less output line that
// names an address is awaited.
func start(name, program string, pinned bool, args ...string) (*target, error) {
	t := &target{name: name, stderr: new(bytes.Buffer)}
	t.process = command(context.Background(), program, args...)
	t.process.Stderr = t.stderr
	// It ends with us, however we end.
	t.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := t.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := startOn(t.process, pinned); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			t.address, err = netip.ParseAddrPort(m[1])
			return t, err
		}
	}
	t.stop()
	return nil, fmt.Errorf("%s did not start: %s", name, bytes.TrimSpace(t.stderr.Bytes()))
}

// command returns a command of the program. Options that the environment sets for other servers do not reach it.
func command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "PARLEY_")
	})
	return c
}

// serverCPU and usersCPU are the processors of the two sides, if there are two.
const serverCPU, usersCPU = 0, 1

// startOn starts c, on serverCPU alone if pinned. A child inherits the processors of the thread that starts it. That
// thread must not end before the child, which it would take with it (see prctl(2), PR_SET_PDEATHSIG): the caller's
// goroutine stays on the main thread.
func startOn(c *exec.Cmd, pinned bool) error {
	if !pinned {
		return c.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := setCPU(0, serverCPU); err != nil {
		return err
	}
	err := c.Start()
	return errors.Join(err, setCPU(0, usersCPU))
}

// pinUsers keeps this process on usersCPU.
func pinUsers() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err == nil {
			err = setCPU(id, usersCPU)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

func setCPU(thread, cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(thread, &set))
}

// stop ends the server if it is ours, and waits for it.
func (t *target) stop() {
	if t.process == nil {
		return
	}
	_ = t.process.Process.Signal(syscall.SIGTERM)
	patience := time.AfterFunc(10*time.Second, func() { _ = t.process.Process.Kill() })
	defer patience.Stop()
	_ = t.process.Wait()
	if t.data != "" {
		os.RemoveAll(t.data)
	}
}

// ticks is how many parts a second has in /proc/PID/stat: sysconf(_SC_CLK_TCK), which is 100 on all of Linux (time(7)).
const ticks = 100

// cpu returns the processor time that the server has used, zero if it is not ours.
func (t *target) cpu() time.Duration {
	if t.process == nil {
		return 0
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", t.process.Process.Pid))
	if err != nil {
		return 0
	}
	// The second field, in parentheses, may hold anything; utime and stime are the 14th and the 15th
	// (proc_pid_stat(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticks
}

// memory returns how many bytes of memory the server has (its resident set), zero if it is not ours.
func (t *target) memory() int64 {
	if t.process == nil {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.process.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10
}
