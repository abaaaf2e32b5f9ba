package chat

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// Hook gives the room of that number a hook, and returns its secret, which nobody can learn later: whoever knows it may
// speak in the room by [Node.SpeakByHook], until [Node.Unhook], or the room is closed. Only the leader may, or an
// operator: deputies may not give others a voice that outlasts them. It returns ErrMuted, ErrHookNameTaken,
// ErrTooManyHooks or ErrNoRoom; and ErrRoomUnsaved with a secret that is good until the next start.
func (n *Node) Hook(ctx context.Context, me *Presence, number int) (secret string, h Hook, err error) {
	if err := n.maySpeak(ctx, me); err != nil {
		return "", Hook{}, err
	}
	if _, err := n.user(ctx, HookName); !errors.Is(err, ErrNoUser) {
		if err == nil { // an account that is older than the reservation of the name
			err = ErrHookNameTaken.With(HookName)
		}
		return "", Hook{}, err
	}
	if secret, err = newHookSecret(n.random); err != nil {
		return "", Hook{}, err
	}
	r, err := n.govern(ctx, me, number, RoomChange{Kind: Hooked, Key: hookKey(secret)})
	if err != nil && !errors.Is(err, ErrRoomUnsaved) {
		return "", Hook{}, err
	}
	h, _ = r.hookOf(hookKey(secret))
	return secret, h, err
}

// newHookSecret returns a secret of 130 bits: 26 letters and digits.
func newHookSecret(random io.Reader) (string, error) {
	b := make([]byte, 17)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)[:26], nil
}

// Unhook ends the hook of that number in the room, or all of them if which is zero. It returns ErrNoHooks, ErrNoHook or
// ErrNoRoom.
func (n *Node) Unhook(ctx context.Context, me *Presence, number, which int) (Room, error) {
	return n.govern(ctx, me, number, RoomChange{Kind: Unhooked, Which: which})
}

// SpeakByHook speaks in the room that has the hook of that secret, on behalf of a program that comes from source, and
// returns that room. It mentions nobody. A wrong secret costs what a wrong password does. It returns ErrNoSuchHook,
// ErrManyTries, ErrHookSilent, ErrNothingSaid, ErrRoomCalm, ErrRoomSlow or ErrHookPace.
func (n *Node) SpeakByHook(ctx context.Context, source netip.Addr, secret string, text Text) (Room, error) {
	key := hookKey(secret)
	r, h, found := n.findHook(key)
	if !found {
		return Room{}, n.hookGuessed(ctx, source)
	}
	if err := n.hookMay(ctx, h); err != nil {
		return Room{}, err
	}
	if text.Empty() {
		return Room{}, ErrNothingSaid
	}
	err := n.desk.SpeakByHook(ctx, r.Number, key, newEvent(Said, HookUser, r.Number, text))
	switch {
	case errors.Is(err, ErrNotFound): // it has ended meanwhile
		return Room{}, ErrNoSuchHook
	case err == nil:
		n.count(Said)
	}
	return r, said(err)
}

// findHook returns the hook of that key and its room.
func (n *Node) findHook(key string) (r Room, h Hook, found bool) {
	for _, r := range n.desk.Rooms() {
		if h, ok := r.hookOf(key); ok {
			return r, h, true
		}
	}
	return Room{}, Hook{}, false
}

// hookGuessed counts a secret that is none. A right one is not held up by others' wrong ones: many programs come from
// one address, and one that was never told of the end of its hook must not silence them.
func (n *Node) hookGuessed(ctx context.Context, source netip.Addr) error {
	if _, err := n.guessBy(ctx, "hook", source); err != nil {
		return err
	}
	return ErrNoSuchHook
}

// hookMay returns ErrHookSilent if who has made h may not speak now: nobody speaks by a hook who may not otherwise.
func (n *Node) hookMay(ctx context.Context, h Hook) error {
	_, muted, err := n.mutes.Find(ctx, h.By.ID)
	switch {
	case err != nil:
		return err
	case muted:
		return ErrHookSilent
	case h.By.Guest:
		return nil
	}
	a, err := n.account(ctx, h.By.Name)
	if err == nil && a.user().ID == h.By.ID {
		err = n.mayUse(ctx, a)
	} else if err == nil {
		err = ErrHookSilent
	}
	if IsRefusal(err) {
		return ErrHookSilent
	}
	return err
}
