package chat

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// MaxHooks is how many hooks a room may have.
const MaxHooks = 5

// A Hook lets whoever knows its secret speak in a room from outside, as [HookUser]. The secret itself is kept nowhere.
type Hook struct {
	// Number tells it from the others of its room: 1 to MaxHooks.
	Number int `json:"number"`
	// Key is a hash of the secret.
	Key string `json:"key"`
	// By is who has made it.
	By User `json:"by"`
	// Made is when that was.
	Made time.Time `json:"made"`
}

// hookIDPrefix begins the ID of [HookUser], and of nobody else.
const hookIDPrefix = "hook#"

// HookName is the name of [HookUser]. Nobody else can get it.
const HookName = "ci"

// HookUser is the speaker of what programs say by hooks.
var HookUser = User{Name: HookName, ID: hookIDPrefix + HookName}

// Bot reports whether u is [HookUser], and no person.
func (u User) Bot() bool { return strings.HasPrefix(u.ID, hookIDPrefix) }

// hookKey returns what is kept of the secret of a hook. A secret is long and made by chance alone, so that a hash
// without a salt and without a cost is enough: nobody can try all of them.
func hookKey(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// hookOf returns the hook of r with that key. It takes as long whichever it is.
func (r *Room) hookOf(key string) (found Hook, ok bool) {
	for _, h := range r.Hooks {
		if subtle.ConstantTimeCompare([]byte(h.Key), []byte(key)) == 1 {
			found, ok = h, true
		}
	}
	return found, ok
}

// hook gives the room a hook. It returns ErrTooManyHooks.
func (r Room) hook(c RoomChange) (Room, error) {
	if len(r.Hooks) >= MaxHooks {
		return r, ErrTooManyHooks.With(r.Called(), MaxHooks)
	}
	number := 1
	for slices.ContainsFunc(r.Hooks, func(h Hook) bool { return h.Number == number }) {
		number++
	}
	r.Hooks = append(slices.Clip(r.Hooks), Hook{Number: number, Key: c.Key, By: c.User, Made: c.At})
	slices.SortFunc(r.Hooks, func(a, b Hook) int { return a.Number - b.Number })
	return r, nil
}

// unhook takes the hook of the number c.Which away, and all if that is zero. It returns ErrNoHooks or ErrNoHook.
func (r Room) unhook(c RoomChange) (Room, error) {
	left := slices.DeleteFunc(slices.Clone(r.Hooks), func(h Hook) bool { return c.Which == 0 || h.Number == c.Which })
	switch {
	case len(r.Hooks) == 0:
		return r, ErrNoHooks.With(r.Called())
	case len(left) == len(r.Hooks):
		return r, ErrNoHook.With(r.Called(), c.Which)
	}
	r.Hooks = left
	return r, nil
}
