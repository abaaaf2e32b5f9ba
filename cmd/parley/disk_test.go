//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/db/dbtest"
)

const (
	diskFull     = "Sorry, that could not be saved: the disk is full."
	diskReadOnly = "Sorry, that could not be saved: the disk is read-only."
)

// members are two users who have something to lose.
type members struct {
	server     *process
	alice, bob *script
}

func join(t *testing.T, server *process, register bool) *members {
	t.Helper()
	m := &members{server: server}
	for name, s := range map[string]**script{"alice": &m.alice, "bob": &m.bob} {
		*s = dialScript(t, server.address)
		if register {
			(*s).send("guest", "register "+name+" quicksand", "login "+name, "quicksand")
		} else {
			(*s).send(name, "quicksand")
		}
		(*s).expect("<" + name + ":")
	}
	return m
}

// change tries all that is saved, and expects each answer, or the refusal.
func (m *members) change(refusal, round string) {
	m.alice.t.Helper()
	for _, step := range []struct {
		who        *script
		line, want string
	}{
		{m.alice, "register carol" + round + " quicksand", "User carol" + round + " registered"},
		{m.alice, "info round " + round, "Your information has been updated"},
		{m.bob, "block alice", "User alice has been blocked."},
		{m.bob, "unblock alice", "User alice has been unblocked."},
	} {
		want := step.want
		if refusal != "" {
			want = refusal
			if strings.HasPrefix(step.line, "unblock") {
				want = "User alice is not blocked."
			}
		}
		step.who.send(step.line)
		step.who.expect(want)
	}
}

// talk does what needs no disk: a login and all kinds of speech.
func (m *members) talk() {
	m.alice.t.Helper()
	t := m.alice.t
	guest := dialScript(t, m.server.address)
	guest.send("guest")
	guest.expect("<guest:0> ")
	guest.send("quit")
	guest.expect("See you next time.")
	moved := dialScript(t, m.server.address)
	moved.send("alice", "quicksand")
	moved.expect("> ")
	m.alice.expect("You logged in from another place.")
	m.alice = moved
	m.alice.send("tell bob psst")
	m.bob.expect("[Private] alice: psst")
	m.alice.send("shout hello")
	m.bob.expect("!!alice!!: hello")
}

// saved looks for what was acknowledged.
func (m *members) saved(round string) {
	m.alice.t.Helper()
	m.bob.send("status alice", "status carol"+round)
	m.bob.expect("Info: round " + round + "\r\n")
	m.bob.expect("User: carol" + round + "\r\n")
}

// TestFullDisk fills the disk under a server that people use: what needs no disk goes on, what does is refused until
// there is room, and nothing that was acknowledged is lost when the server stops on the full disk.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := dbtest.SmallDisk(t, 48)
	data := filepath.Join(disk, "data")
	m := join(t, startProcess(t, data), true)
	m.change("", "a")
	mustShell(t, data, "", "user", "promote", "alice")
	filler := dbtest.FillDisk(t, disk)
	for range 3 {
		m.change(diskFull, "b")
		m.talk()
	}
	if err := os.Truncate(filler, 0); err != nil {
		t.Fatal(err)
	}
	m.change("", "b")
	dbtest.FillDisk(t, disk)
	m.change(diskFull, "c")
	m.talk()
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status on the full disk: %d\n%s", status, m.server.log)
	}
	// The log tells of the disk, and not of each who was refused.
	log := m.server.log.String()
	nothing, again := strings.Count(log, "the disk takes nothing"), strings.Count(log, "the disk takes writes again")
	if nothing != 2 || again != 1 || strings.Contains(log, "level=ERROR") {
		t.Errorf("the disk took nothing %d times, and writes again %d times, in the log:\n%s", nothing, again, log)
	}
	m = join(t, startProcess(t, data), false)
	m.saved("b")
	m.change(diskFull, "c")
	m.talk()
	m.server.kill()
	dbtest.FillDisk(t, disk)
	for _, args := range [][]string{{"ban", "192.0.2.8"}, {"user", "promote", "bob"}} {
		if out, err := shell(t, data, "", args...); err == nil || out != "" ||
			!strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("parley %v with the server down on a full disk: got %q, %v", args, out, err)
		}
	}
	m = join(t, startProcess(t, data), false)
	m.talk()
	m.change(diskFull, "c")
	// A ban holds at once, and is saved when there is room.
	m.alice.send("ban 192.0.2.7", "ban bob spam")
	m.alice.expect("Banned 192.0.2.7 until further notice.")
	m.alice.expect("Bans and mutes are in force, but the disk is full. They will be saved as soon as there is room.")
	m.bob.expect("spam")
	banned := dialScript(t, m.server.address)
	banned.send("bob", "quicksand")
	banned.expect("banned")
	m.alice.send("unban bob")
	m.alice.expect("Ended the ban of bob.")
	*m = *join(t, m.server, false)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	m.change("", "c")
	for deadline := time.Now().Add(patience); !strings.Contains(m.server.log.String(), "saved now"); {
		if time.Sleep(100 * time.Millisecond); time.Now().After(deadline) {
			t.Fatalf("the bans were not saved:\n%s", m.server.log)
		}
	}
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status: %d\n%s", status, m.server.log)
	}
	m = join(t, startProcess(t, data), false)
	m.saved("c")
	m.change("", "d")
	if out := mustShell(t, data, "", "bans"); !strings.Contains(out, "192.0.2.7") ||
		!strings.HasPrefix(out, "1 ban:\n") {
		t.Errorf("after the restart the bans are %s", out)
	}
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status: %d", status)
	}
}

// TestDiskTurnsReadOnly lets the kernel find an error in the file system of a server that people use, and so take no
// more writes.
func TestDiskTurnsReadOnly(t *testing.T) {
	t.Parallel()
	image, disk := filepath.Join(t.TempDir(), "image"), t.TempDir()
	for _, command := range [][]string{
		{"truncate", "-s", "64M", image}, {"mkfs.ext4", "-q", "-m", "0", image},
		{"mount", "-o", "loop,errors=remount-ro", image, disk},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("mounting an image is not possible here: %s: %v: %s", command[0], err, out)
		}
	}
	unmount := func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { unmount() }) // when the server is gone
	device, err := exec.Command("findmnt", "-n", "-o", "SOURCE", disk).Output()
	if err != nil {
		t.Skipf("the device of the image is not known: %v", err)
	}
	data := filepath.Join(disk, "data")
	m := join(t, startProcess(t, data), true)
	m.change("", "a")
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(device))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("test"), 0); err != nil {
		t.Skipf("no error can be made here: %v", err)
	}
	for range 3 {
		m.change(diskReadOnly, "b")
		m.talk()
	}
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status on the read-only disk: %d\n%s", status, m.server.log)
	}
	// It starts on a disk that is read-only, too.
	m = join(t, startProcess(t, data), false)
	m.saved("a")
	m.change(diskReadOnly, "b")
	m.talk()
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status on the read-only disk: %d\n%s", status, m.server.log)
	}
	unmount()
	var mended *exec.ExitError // exit status 1 is that it has mended something
	if out, err := exec.Command("e2fsck", "-p", "-f", image).CombinedOutput(); err != nil &&
		!(errors.As(err, &mended) && mended.ExitCode() == 1) {
		t.Errorf("e2fsck: %v: %s", err, out)
	}
	if out, err := exec.Command("mount", "-o", "loop", image, disk).CombinedOutput(); err != nil {
		unmount = func() {}
		t.Fatalf("mount again: %v: %s", err, out)
	}
	m = join(t, startProcess(t, data), false)
	m.saved("a")
	m.change("", "b")
	if status := m.server.stop(); status != 0 {
		t.Errorf("exit status: %d", status)
	}
}
