package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// HookPath is where hooks are: the secret of one follows.
const HookPath = "/hook/"

// MaxHook is how many bytes may be said by a hook at a time, beside an end of line.
const MaxHook = 512

// A Hook is who says what comes by hooks.
type Hook func(ctx context.Context, source netip.Addr, secret, text string) HookAnswer

// A HookAnswer is what becomes of what came by a hook.
type HookAnswer struct {
	Status int           // of HTTP
	Text   string        // a sentence
	Retry  time.Duration // when to try again; zero says nothing of that
}

// bodyTime is how long the body of a request may take.
const bodyTime = 5 * time.Second

// hook lets a program say a line.
func (s *Site) hook(w http.ResponseWriter, r *http.Request, secret string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text, a := s.hookText(w, r)
	if source, ok := s.sourceOf(r); !ok {
		a = HookAnswer{Status: http.StatusForbidden, Text: say("proxy silent")}
	} else if a.Status == 0 {
		a = s.Hook(r.Context(), source, secret, text)
	}
	if a.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((a.Retry+time.Second-1)/time.Second)))
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Text+"\n")
}

// hookText returns what r says, or the answer to who says nothing that can be said.
func (s *Site) hookText(w http.ResponseWriter, r *http.Request) (string, HookAnswer) {
	refuse := func(status int, text string) (string, HookAnswer) {
		return "", HookAnswer{Status: status, Text: text}
	}
	kind, _, _ := strings.Cut(strings.ToLower(r.Header.Get("Content-Type")), ";")
	switch kind = strings.TrimSpace(kind); {
	case s.Hook == nil:
		return refuse(http.StatusNotFound, say("hooks off"))
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return refuse(http.StatusMethodNotAllowed, say("hook method"))
	case strings.HasPrefix(kind, "multipart/"), kind == "application/json":
		return refuse(http.StatusUnsupportedMediaType, say("hook form"))
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)); err != nil {
		return refuse(http.StatusRequestTimeout, say("hook cut"))
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxHook+2))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return refuse(http.StatusRequestEntityTooLarge, say("hook long", MaxHook))
	case err != nil:
		w.Header().Set("Connection", "close")
		return refuse(http.StatusBadRequest, say("hook not whole"))
	}
	return hookLine(string(b))
}

// hookLine returns the line that a body is, or the answer if it is none.
func hookLine(body string) (string, HookAnswer) {
	line := strings.TrimSuffix(strings.TrimSuffix(body, "\n"), "\r")
	switch {
	case len(line) > MaxHook:
		return "", HookAnswer{Status: http.StatusRequestEntityTooLarge, Text: say("hook long", MaxHook)}
	case !utf8.ValidString(line):
		return "", HookAnswer{Status: http.StatusBadRequest, Text: say("hook not UTF-8")}
	case strings.ContainsFunc(line, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }):
		return "", HookAnswer{Status: http.StatusBadRequest,
			Text: say("hook one line")}
	}
	return line, HookAnswer{}
}
