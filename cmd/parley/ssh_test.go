package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"parley/chat"
	"parley/internal/slots"
	"parley/session"
	"parley/words"
)

var sshLine = regexp.MustCompile(`msg=listening address=(\S+) door=ssh`)

// startSSH starts a server that speaks SSH too, and returns where.
func startSSH(t testing.TB, args ...string) (server *process, address string) {
	t.Helper()
	server = startProcess(t, t.TempDir(), append([]string{"--ssh-listen", "127.0.0.1:0"}, args...)...)
	server.logged(0, "door=ssh")
	return server, sshLine.FindStringSubmatch(server.log.String())[1]
}

// An sshUser is somebody who comes by SSH, and what the server has told meanwhile.
type sshUser struct {
	config  gossh.ClientConfig
	address string
	told    strings.Builder
}

func newSSHUser(address, name string, proofs ...gossh.AuthMethod) *sshUser {
	u := &sshUser{address: address}
	u.config = gossh.ClientConfig{User: name, Auth: proofs, HostKeyCallback: gossh.InsecureIgnoreHostKey(),
		Timeout: patience, BannerCallback: func(message string) error { u.told.WriteString(message); return nil }}
	return u
}

// run runs a command, and returns its outputs and its exit status; -1 for one that is not let in.
func (u *sshUser) run(t *testing.T, command string) (out, errs string, status int) {
	t.Helper()
	client, err := gossh.Dial("tcp", u.address, &u.config)
	if err != nil {
		return "", err.Error(), -1
	}
	defer client.Close()
	s, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var o, e strings.Builder
	s.Stdout, s.Stderr = &o, &e
	err = s.Run(command)
	if exit, ok := errors.AsType[*gossh.ExitError](err); ok {
		status = exit.ExitStatus()
	} else if err != nil {
		t.Errorf("%s: %v", command, err)
	}
	return o.String(), e.String(), status
}

// TestSSHCommands tests what single commands say, that they are run beside the seat, and their exit status.
func TestSSHCommands(t *testing.T) {
	server, address := startSSH(t)
	other := bob(t, server.address)
	user := newSSHUser(address, "BOB", gossh.Password("quicksand"))
	guest := newSSHUser(address, "guest")
	for _, tt := range []struct {
		user      *sshUser
		command   string
		status    int
		out, errs string
	}{
		{user, "who", 0, "1 user online:\nbob\n", ""},
		{user, "rooms", 0, "", ""},
		{user, "say 0 hello", 1, "", "Room 0 does not exist."},
		{user, "tell alice hello", 1, "", "User alice does not exist."},
		{user, "tell bob note to myself\n", 0, "", ""},
		{user, "tell bob two\nlines", 2, "", "Without a terminal a command is one line. Nothing was done."},
		{user, "tell bob who\rquit", 2, "", "Without a terminal a command is one line. Nothing was done."},
		{user, "tell bob it is quicksand", 1, "", "That looks like your password. Nothing was sent."},
		{user, "say 0 login bob quicksand", 1, "", "That looks like your password. Nothing was sent."},
		{user, "unread", 0, "", ""},
		{user, "status bob", 0, "User: bob\n", ""},
		{user, "mail bob milk", 0, "Your letter waits for bob.\n", ""},
		{user, "help", 0, "Commands supported", ""},
		{user, "say", 2, "", "Incorrect command format."},
		{user, "start tea", 2, "", "Without a terminal these commands can be run: who, rooms,"},
		{user, "quit", 2, "", "Without a terminal"},
		{user, "no-such", 2, "", "Without a terminal"},
		{user, "", 0, "", ""}, // which is a shell
		{user, "sftp-server\x00", 2, "", "Without a terminal"},
		{user, "tell bob " + strings.Repeat("x", chat.MaxLine), 1, "", "That line is too long"},
		{guest, "who", 0, "1 user online:\nbob\n", ""},
		{guest, "tell bob hi", 1, "", `Guests cannot use "tell".`},
	} {
		if tt.command == "" {
			continue
		}
		out, errs, status := tt.user.run(t, tt.command)
		if status != tt.status || !strings.HasPrefix(out, tt.out) || !strings.HasPrefix(errs, tt.errs) ||
			errs != "" && (status == 0 || strings.Count(errs, "\n") != 1) || strings.Contains(out, "\r") {
			t.Errorf("%.30q: %d, %q, %q", tt.command, status, out, errs)
		}
	}
	if user.told.Len() > 0 {
		t.Errorf("beside that he was told %q", user.told.String())
	}
	other.expect("[Private] bob: note to myself")
	other.send("start tea")
	other.expect("bob created room 0, topic: tea")
	if out, errs, status := user.run(t, "say 0 from elsewhere"); status != 0 {
		t.Errorf("say: %d, %q, %q", status, out, errs)
	}
	other.expect("[Room 0] *bob*: from elsewhere")
	other.send("quit") // the seat has not moved
	other.expect("See you next time.")
	if out, _, status := user.run(t, "who"); status != 0 || out != "No user is online.\n" {
		t.Errorf("nobody is online, and who says %d, %q", status, out)
	}
	if log := server.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log:\n%s", log)
	}
}

// TestSSHReader tests that who comes by the name reader is a guest who has the form for screen readers from the start,
// and keeps it as a user.
func TestSSHReader(t *testing.T) {
	server, address := startSSH(t)
	bob(t, server.address)
	client, err := gossh.Dial("tcp", address, &newSSHUser(address, "Reader").config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	defer time.AfterFunc(patience, func() { client.Close() }).Stop() // what is not read by then does not come
	s, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	s.Stdout = &out
	s.Stdin = strings.NewReader("who\rlogin bob\rquicksand\rset reader\rquit\r")
	if err := errors.Join(s.RequestPty("xterm", 24, 80, nil), s.Shell()); err != nil {
		t.Fatal(err)
	}
	_ = s.Wait() // its status is not what counts
	for _, want := range []string{"The form for screen readers is on.", "2 users online:\r\nbob\r\nguest\r\n",
		"reader: on (auto: you have typed reader)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %q", want, out.String())
		}
	}
}

// TestSSHProofs tests that all names get the same answers but guest and reader, that three wrong passwords are enough,
// and that a key opens the account to which it was added, until it is removed.
func TestSSHProofs(t *testing.T) {
	server, address := startSSH(t)
	other := bob(t, server.address)
	var answers []string
	for _, name := range []string{"bob", "nobody-so", "root", "gu\x1best", ""} {
		tries := 0
		user := newSSHUser(address, name, gossh.RetryableAuthMethod(gossh.PasswordCallback(func() (string, error) {
			tries++
			return "wrong", nil
		}), 10))
		_, err, status := user.run(t, "who")
		// Once more a client may ask, before it reads that the connection has ended.
		looked := min(tries, session.MaxFailures)
		answers = append(answers, fmt.Sprint(status, looked, user.told.String(), strings.Contains(err, "handshake")))
		if answers[len(answers)-1] != answers[0] || tries > session.MaxFailures+1 {
			t.Errorf("%q is told %q after %d tries, bob %q", name, answers[len(answers)-1], tries, answers[0])
		}
	}
	if want := strings.Repeat(words.English.Sentence(chat.ErrLogin)+"\r\n", 3); !strings.Contains(answers[0], want) {
		t.Errorf("bob is told %q", answers[0])
	}
	signer, line := newUserKey(t)
	byKey := newSSHUser(address, "bob", gossh.PublicKeys(signer))
	if _, _, status := byKey.run(t, "who"); status != -1 {
		t.Error("a key that was not added opens the account")
	}
	other.send("keys add "+line, "keys add "+line, "keys")
	other.expect("You can log in by SSH with the key " + gossh.FingerprintSHA256(signer.PublicKey()) + " now.")
	other.expect("You have that key already.")
	if out, _, status := byKey.run(t, "who"); status != 0 || out != "1 user online:\nbob\n" {
		t.Errorf("by key: %d, %q", status, out)
	}
	if _, _, status := newSSHUser(address, "guest2", gossh.PublicKeys(signer)).run(t, "who"); status != -1 {
		t.Error("bob's key opens another name")
	}
	byQuestions := newSSHUser(address, "bob", gossh.KeyboardInteractive(
		func(_, _ string, questions []string, echos []bool) ([]string, error) {
			if len(questions) != 1 || echos[0] {
				t.Errorf("asked %q, %v", questions, echos)
			}
			return []string{"quicksand"}, nil
		}))
	if _, _, status := byQuestions.run(t, "who"); status != 0 {
		t.Error("the password does not open the account by questions")
	}
	other.send("keys remove 2", "keys remove 1")
	other.expect("You have no key 2.")
	other.expect("Key 1 has been removed: " + gossh.FingerprintSHA256(signer.PublicKey()))
	if _, _, status := byKey.run(t, "who"); status != -1 {
		t.Error("a key that was removed opens the account")
	}
}

func newUserKey(t *testing.T) (gossh.Signer, string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer, strings.TrimSpace(string(gossh.MarshalAuthorizedKey(signer.PublicKey()))) + " bob@home"
}

// TestSSHStrangers sends to a door for SSH what speaks another protocol, or stops in the middle of a handshake: it ends
// with one sentence, or none, nobody becomes a guest, and who chats does not notice.
func TestSSHStrangers(t *testing.T) {
	server, address := startSSH(t)
	other := bob(t, server.address)
	sentence := words.English.Sentence(chat.ErrWrongDoor) + "\r\n"
	for _, first := range []string{"guest\r\nshout spam\r\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01",
		"\xff\xfb\x1f\xff\xfb\x18guest\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 56324 4000\r\n"} {
		nc := dialRaw(t, address)
		if _, err := io.WriteString(nc, first); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(nc); string(got) != "SSH-2.0-Parley\r\n"+sentence || err != nil {
			t.Errorf("%q is told %q, %v", first, got, err)
		}
	}
	for i := range 200 {
		half := []string{"", "SSH-2.0-x\r\n", "SSH-2.0-x\r\n\x00\x00\x00\x0c\x0a\x14",
			"SSH-2.0-x\r\n\xff\xff\xff\xff\x00",
			"SSH-1.5-x\r\n"}[i%5]
		if _, err := io.WriteString(dialRaw(t, address), half); err != nil {
			t.Fatal(err)
		}
	}
	other.send("shout still here")
	other.expect("!!bob!!: still here")
	if log := server.log.String(); !strings.Contains(log, `reason="no SSH"`) || strings.Contains(log, "level=ERROR") ||
		strings.Contains(log, "panic") {
		t.Errorf("the log:\n%s", log)
	}
}

func dialRaw(t *testing.T, address string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	return nc
}

// hostPrint returns the fingerprint of the host key at address.
func hostPrint(t *testing.T, address string) (print string) {
	t.Helper()
	config := gossh.ClientConfig{User: "guest", Timeout: patience}
	config.HostKeyCallback = func(_ string, _ net.Addr, key gossh.PublicKey) error {
		print = gossh.FingerprintSHA256(key)
		return nil
	}
	client, err := gossh.Dial("tcp", address, &config)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	return print
}

// TestSSHHostKey tests that the host key is made once, for its owner alone, and is the one that is printed.
func TestSSHHostKey(t *testing.T) {
	data := t.TempDir()
	var shown [2]string
	for i := range shown {
		server := startProcess(t, data, "--ssh-listen", "127.0.0.1:0")
		server.logged(0, "door=ssh")
		shown[i] = hostPrint(t, sshLine.FindStringSubmatch(server.log.String())[1])
		server.stop()
	}
	var out strings.Builder
	if err := new(program).run(t.Context(), []string{"--data", data, "fingerprints"}, &out); err != nil {
		t.Fatal(err)
	}
	if want := "SSH host key     " + shown[0] + "\n"; shown[0] != shown[1] || out.String() != want {
		t.Errorf("shown %q, printed %q", shown, out.String())
	}
	info, err := os.Stat(filepath.Join(data, "ssh", "host_key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestSSHRelief tests that peers from one source, or one network of IPv6, leave room to others whose windows are full.
func TestSSHRelief(t *testing.T) {
	e := &sshEntry{full: slots.NewShares(sshRelief, sshReliefEach)}
	holds := func(source string, limited bool) (n int) {
		for e.relief(netip.MustParseAddr(source), limited).Try() {
			n++
		}
		return n
	}
	for _, tt := range []struct {
		source  string
		limited bool
		want    int
	}{
		{"192.0.2.1", true, sshReliefEach}, {"192.0.2.1", true, 0}, {"2001:db8::1", true, sshReliefEach},
		{"2001:db8::2", true, 0}, {"127.0.0.1", false, sshRelief - 2*sshReliefEach}, {"192.0.2.2", true, 0},
	} {
		if got := holds(tt.source, tt.limited); got != tt.want {
			t.Errorf("those from %s get %d, want %d", tt.source, got, tt.want)
		}
	}
}
