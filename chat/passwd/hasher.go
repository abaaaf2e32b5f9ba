package passwd

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// Params are the costs of one argon2id hash (RFC 9106). The zero value means the default, which is OWASP's first
// choice.
type Params struct {
	Memory  uint32 // KiB; zero means 19 MiB
	Time    uint32 // passes; zero means 2
	Threads uint8  // lanes; zero means 1
	// AtATime is how many are computed at a time; zero means one for two processors.
	AtATime int
}

const (
	saltBytes = 16
	hashBytes = 32
)

func (p Params) withDefaults() Params {
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

// A Hasher hashes passwords, on half the processors at most, so that logins leave the others' talk alone. Who has to
// wait for that does so by the [Wait] of the context. Safe for concurrent use.
type Hasher struct {
	params Params
	queue  *queue
	busy   atomic.Uint64 // turns refused
	decoy  string        // what a password is compared with where there is no account
	tell   func(kib uint32)
}

// ErrBusy is returned when too many passwords wait to be hashed, or one has waited for too long.
var ErrBusy = errors.New("too many passwords wait to be hashed")

// NewHasher returns a hasher whose hashes cost p. It calls tell, if that is not nil, when a hash begins and when it has
// ended, with how many KiB of memory it takes; from many goroutines.
func NewHasher(p Params, tell func(kib uint32)) *Hasher {
	p = p.withDefaults()
	h := &Hasher{params: p, queue: newQueue(cmp.Or(p.AtATime, max(1, runtime.GOMAXPROCS(0)/2)))}
	if h.tell = tell; tell == nil {
		h.tell = func(uint32) {}
	}
	// A decoy of the present parameters costs what a fresh account's hash costs. Nobody knows its password.
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	key := make([]byte, hashBytes)
	rand.Read(key)
	h.decoy = encodePHC(h.params, salt, key)
	return h
}

// turn waits until a hash for somebody from source may be computed and returns what ends it. It returns ErrBusy if too
// many wait, or for too long.
func (h *Hasher) turn(ctx context.Context, source netip.Addr) (done func(), err error) {
	done, err = h.queue.await(ctx, source)
	if errors.Is(err, ErrBusy) {
		h.busy.Add(1)
	}
	return done, err
}

// Busy returns how many turns were refused so far.
func (h *Hasher) Busy() uint64 { return h.busy.Load() }

// Waiting returns how many passwords are hashed now, or wait for that.
func (h *Hasher) Waiting() int { return h.queue.at() }

// Hash returns the hash of password, which is prepared, under a new salt, in PHC string format, for somebody from
// source. It returns ErrBusy, or the error of ctx or of its [Wait].
func (h *Hasher) Hash(ctx context.Context, source netip.Addr, password string) (string, error) {
	done, err := h.turn(ctx, source)
	if err != nil {
		return "", err
	}
	defer done()
	h.tell(h.params.Memory)
	defer h.tell(h.params.Memory)
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	p := h.params
	return encodePHC(p, salt, argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, hashBytes)), nil
}

// Verify returns which of the forms of a password is what was hashed, as an index, and -1 if none is; see [Forms]. An
// empty hash, which belongs to no password, costs the same time, and so does a wrong form. stale says that the hash was
// made with lower costs than today's. Who asks comes from source. It returns ErrBusy, the error of ctx or of its
// [Wait], or one of a hash that is damaged.
func (h *Hasher) Verify(ctx context.Context, source netip.Addr, hash string, forms ...string) (form int, stale bool,
	err error) {
	if hash == "" {
		hash = h.decoy
	}
	p, salt, want, err := decodePHC(hash)
	if err != nil {
		return -1, false, err
	}
	done, err := h.turn(ctx, source)
	if err != nil {
		return -1, false, err
	}
	defer done()
	h.tell(p.Memory)
	defer h.tell(p.Memory)
	form = -1
	for i, f := range forms {
		got := argon2.IDKey([]byte(f), salt, p.Time, p.Memory, p.Threads, uint32(len(want)))
		if subtle.ConstantTimeCompare(got, want) == 1 {
			form = i
		}
	}
	return form, p.Memory < h.params.Memory || p.Time < h.params.Time, nil
}

// Pretend takes as long as a hash does of late, and no work: it does not wait for others. It returns the error of ctx.
func (h *Hasher) Pretend(ctx context.Context) error {
	timer := time.NewTimer(h.queue.usual())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
