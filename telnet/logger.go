package telnet

import (
	"fmt"
	"log/slog"
)

// contextLogger is what go-telnet's handlers log to. They mean their arguments for package fmt.
type contextLogger struct{ log *slog.Logger }

func (l contextLogger) Debug(v ...any)                 { l.log.Debug(fmt.Sprint(v...)) }
func (l contextLogger) Debugf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l contextLogger) Error(v ...any)                 { l.log.Error(fmt.Sprint(v...)) }
func (l contextLogger) Errorf(format string, v ...any) { l.log.Error(fmt.Sprintf(format, v...)) }
func (l contextLogger) Trace(v ...any)                 { l.log.Debug(fmt.Sprint(v...)) }
func (l contextLogger) Tracef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l contextLogger) Warn(v ...any)                  { l.log.Warn(fmt.Sprint(v...)) }
func (l contextLogger) Warnf(format string, v ...any)  { l.log.Warn(fmt.Sprintf(format, v...)) }
