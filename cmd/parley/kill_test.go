package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestKill kills the server at random moments while users register, set their information and block each other, and
// looks for everything that was acknowledged. PARLEY_KILLS is how often; nightly it is 200.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 10
	if testing.Short() {
		rounds = 5
	}
	if n, err := strconv.Atoi(os.Getenv("PARLEY_KILLS")); err == nil {
		rounds = n
	}
	data := t.TempDir()
	const clients = 3
	acknowledged := make([]acknowledgements, clients)
	for round := range rounds {
		server := startProcess(t, data)
		var working sync.WaitGroup
		var changes atomic.Int64
		for i := range clients {
			working.Go(func() { // until the server dies
				acknowledged[i].work(dialScript(t, server.address), fmt.Sprintf("r%dc%d", round, i), &changes)
			})
		}
		// On a slow machine the first password may still be hashed when the time is up.
		for end := time.Now().Add(patience); changes.Load() == 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		server.kill()
		working.Wait()
	}

	server := startProcess(t, data)
	look := dialScript(t, server.address)
	look.send("guest")
	look.expect("<guest:0> ")
	total := 0
	for i := range acknowledged {
		total += acknowledged[i].check(look)
	}
	t.Logf("%d acknowledged changes are all there after %d kills", total, rounds)
	if total < rounds {
		t.Errorf("only %d changes in %d rounds prove little", total, rounds)
	}
	if status := server.stop(); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
}

// acknowledgements are what one client was told is done.
type acknowledgements struct {
	users, informed []string
	blocked         map[string][]string
}

// work registers users, and as each of them sets the information and blocks the ones before, until the connection ends.
// It counts the users in changes as they are acknowledged.
func (a *acknowledgements) work(s *script, prefix string, changes *atomic.Int64) {
	if a.blocked == nil {
		a.blocked = make(map[string][]string)
	}
	step := func(line, answer string) bool {
		_, err := s.conn.Write([]byte(line + "\n"))
		return err == nil && s.until(answer) == nil
	}
	if !step("guest", "<guest") {
		return
	}
	for n := 0; ; n++ {
		user := fmt.Sprintf("%s-u%d", prefix, n)
		if !step("register "+user+" quicksand", "User "+user+" registered") {
			return
		}
		a.users = append(a.users, user)
		changes.Add(1)
		if !step("login "+user, "Enter your password: ") || !step("quicksand", "<"+user+":0> ") {
			return
		}
		if !step("info I am "+user, "Your information has been updated") {
			return
		}
		a.informed = append(a.informed, user)
		for _, other := range a.users[max(0, len(a.users)-3) : len(a.users)-1] {
			if !step("block "+other, "User "+other+" has been blocked.") {
				return
			}
			a.blocked[user] = append(a.blocked[user], other)
		}
	}
}

// check looks for all of it and returns how much that was.
func (a *acknowledgements) check(s *script) int {
	s.t.Helper()
	total := len(a.users) + len(a.informed)
	for _, user := range a.users {
		s.send("status " + user)
		s.expect("User: " + user + "\r\n")
	}
	for _, user := range a.informed {
		s.send("status " + user)
		s.expect("Info: I am " + user + "\r\n")
	}
	for user, others := range a.blocked {
		own := dialScript(s.t, s.conn.RemoteAddr().String())
		own.send(user, "quicksand", "status")
		own.expect("Blocked User(s): ")
		own.expect("\r\n")
		_, list, _ := strings.Cut(own.all.String(), "Blocked User(s): ")
		names := strings.Split(strings.TrimSpace(list), ", ")
		for _, other := range others {
			if !slices.Contains(names, other) {
				s.t.Errorf("%s: the block of %s is lost: %q", user, other, names)
			}
			total++
		}
		own.conn.Close()
	}
	return total
}
