package chat

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// HashParams are the costs of one argon2id hash (RFC 9106). The zero value means the default, which is OWASP's first choice.
type HashParams struct {
	Memory  uint32 // KiB; zero means 19 MiB
	Time    uint32 // passes; zero means 2
	Threads uint8  // lanes; zero means 1
}

const (
	saltBytes = 16
	hashBytes = 32
	// maxMemory and maxTime bound what a stored hash may ask for: a damaged record must not take the machine.
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
	// hashWait is how long a password may wait for its turn.
	hashWait = 3 * time.Second
)

func (p HashParams) withDefaults() HashParams {
	if p.Memory == 0 {
		p.Memory = 19 * 1024
	}
	if p.Time == 0 {
		p.Time = 2
	}
	if p.Threads == 0 {
		p.Threads = 1
	}
	return p
}

// A hasher hashes passwords, on half the cores at most, so that logins leave the others' talk alone. Safe for concurrent use.
type hasher struct {
	params HashParams
	slots  chan struct{} // one for each hash at work
	queue  chan struct{} // one for each that waits or works
	busy   atomic.Uint64 // turns refused
	decoy  string        // what a password is compared with where there is no account
	usual  atomic.Int64  // how long verify takes of late, waiting included: nanoseconds
	memory release
}

func newHasher(p HashParams) *hasher {
	cores := max(1, runtime.GOMAXPROCS(0)/2)
	h := &hasher{params: p.withDefaults(), slots: make(chan struct{}, cores), queue: make(chan struct{}, 64*cores)}
	h.memory.closing = make(chan struct{})
	// A decoy of the present parameters costs what a fresh account's hash costs. Nobody knows its password.
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	key := make([]byte, hashBytes)
	rand.Read(key)
	h.decoy = encodePHC(h.params, salt, key)
	return h
}

// turn waits until a hash may be computed and returns what ends it. It returns ErrBusy if too many wait, or for too long.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		h.busy.Add(1)
		return nil, ErrBusy
	}
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-timer.C:
		h.busy.Add(1)
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-h.queue
	return nil, err
}

// hash returns the hash of password, which is prepared, under a new salt, in PHC string format.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h.memory.uses(h.params.Memory)
	defer h.memory.uses(h.params.Memory)
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	p := h.params
	return encodePHC(p, salt, argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, hashBytes)), nil
}

// verify reports whether one of the forms of a password is what was hashed; see passwd.Forms. An empty hash, which belongs to no password,
// costs the same time, and so does a wrong form. stale says that the hash was made with lower costs than today's, or of a form that is not
// today's.
func (h *hasher) verify(ctx context.Context, hash string, forms ...string) (ok, stale bool, err error) {
	if hash == "" {
		hash = h.decoy
	}
	p, salt, want, err := decodePHC(hash)
	if err != nil {
		return false, false, err
	}
	start := time.Now()
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	h.memory.uses(p.Memory)
	defer h.memory.uses(p.Memory)
	stale = p.Memory < h.params.Memory || p.Time < h.params.Time
	for i, form := range forms {
		got := argon2.IDKey([]byte(form), salt, p.Time, p.Memory, p.Threads, uint32(len(want)))
		if subtle.ConstantTimeCompare(got, want) == 1 {
			ok, stale = true, stale || i > 0
		}
	}
	took := int64(time.Since(start))
	if usual := h.usual.Load(); usual > 0 {
		took = usual + (took-usual)/4
	}
	h.usual.Store(took)
	return ok, stale, nil
}

// pretend takes as long as verify does of late, and no work. It returns the error of ctx.
func (h *hasher) pretend(ctx context.Context) error {
	timer := time.NewTimer(time.Duration(h.usual.Load()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func encodePHC(p HashParams, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Time, p.Threads, b64(salt), b64(key))
}

var errPHC = errors.New("stored password hash is damaged")

// decodePHC reads what encodePHC wrote: the PHC string format, https://github.com/P-H-C/phc-string-format.
func decodePHC(s string) (p HashParams, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Time, &p.Threads); err != nil {
		return p, nil, nil, errPHC
	}
	if p.Memory < 8 || p.Memory > maxMemory || p.Time < 1 || p.Time > maxTime || p.Threads < 1 {
		return p, nil, nil, errPHC
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return p, nil, nil, errPHC
	}
	// Each hash has one spelling; Sscanf is content with more.
	if encodePHC(p, salt, key) != s {
		return p, nil, nil, errPHC
	}
	return p, salt, key, nil
}
