package main

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"parley/chat"
	"parley/web"
	"parley/words"
)

// hookStatuses are the statuses of HTTP that are answered for refusals.
var hookStatuses = []struct {
	err    error
	status int
}{
	{chat.ErrNoSuchHook, http.StatusNotFound},
	{chat.ErrManyTries, http.StatusTooManyRequests},
	{chat.ErrHookPace, http.StatusTooManyRequests},
	{chat.ErrRoomSlow, http.StatusTooManyRequests},
	{chat.ErrRoomCalm, http.StatusForbidden},
	{chat.ErrHookSilent, http.StatusForbidden},
	{chat.ErrNothingSaid, http.StatusBadRequest},
	{chat.ErrNoDesk, http.StatusServiceUnavailable},
	{chat.ErrMaybeSent, http.StatusGatewayTimeout},
}

// sayByHook says what came by a hook.
func (s *service) sayByHook(node *chat.Node) web.Hook {
	return func(ctx context.Context, source netip.Addr, secret, text string) web.HookAnswer {
		r, err := node.SpeakByHook(ctx, source, secret, chat.Clean(text))
		if err == nil {
			return web.HookAnswer{Status: http.StatusOK, Text: words.English.Say("hook said", r.Called())}
		}
		for _, a := range hookStatuses {
			if errors.Is(err, a.err) {
				return web.HookAnswer{Status: a.status, Text: words.English.Sentence(err), Retry: waitIn(err)}
			}
		}
		if ctx.Err() == nil { // else the program has gone
			s.log.Log(ctx, chat.LevelOf(err), "nothing said by a hook", "err", err)
		}
		return web.HookAnswer{Status: http.StatusInternalServerError, Text: words.English.Sentence(err)}
	}
}

// waitIn returns how long the user is told to wait by a refusal; zero if it says nothing of that.
func waitIn(err error) (wait time.Duration) {
	if r, ok := errors.AsType[*chat.Refusal](err); ok {
		for _, arg := range r.Args() {
			if d, ok := arg.(time.Duration); ok {
				wait = d // the last one: a slow room tells its pace before
			}
		}
	}
	return wait
}
