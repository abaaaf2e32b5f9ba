package telnet

import (
	"log/slog"
	"net"

	gotelnet "github.com/reiver/go-telnet"

	"parley/doors"
)

// Handle returns what a [doors.Door] needs to serve its connections with a handler of github.com/reiver/go-telnet's
// kind; nil means gotelnet.EchoHandler. The w and r of the handler are both the [*Conn], for a handler that wants to
// know more of its peer than the interfaces tell; see [Bare] for one that also runs elsewhere. opts may be nil; its
// First does not count, since the door looks at what comes first. log, which the handler finds in its context, may be
// nil too: that means [slog.Default].
func Handle(h gotelnet.Handler, opts *Options, log *slog.Logger) func(net.Conn, *doors.Pass) error {
	if h == nil {
		h = gotelnet.EchoHandler
	}
	if log == nil {
		log = slog.Default()
	}
	ctx := gotelnet.NewContext().InjectLogger(contextLogger{log})
	return func(nc net.Conn, pass *doors.Pass) error {
		var o Options
		if opts != nil {
			o = *opts
		}
		o.First = pass.Heard
		conn := NewConn(nc, &o)
		h.ServeTELNET(ctx, conn, conn)
		return conn.readErr
	}
}
