package ory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/ory/x/logrusx"
	"github.com/sirupsen/logrus"
)

// NewLogger returns the logger an engine is given: every entry goes to log with component=name, and
// a Fatal becomes an exit that Guard turns into an error (docs/ory-quirks.md#q3).
func NewLogger(name, version string, log *slog.Logger) *logrusx.Logger {
	h := &hook{log: log.With("component", name), name: name}
	base := logrus.New()
	// The hook is the only way out: two formats in one stream is the first thing an operator notices.
	base.SetOutput(io.Discard)
	return logrusx.New("Ory "+name, version,
		logrusx.UseLogger(base),
		logrusx.WithHook(h),
		logrusx.ForceFormatter(discard{}),
		logrusx.ForceLevel(levelFor(log)),
		logrusx.WithExitFunc(func(int) { panic(h.exit()) }),
	)
}

// levelFor spares the engine the entries that nobody would see. Engines say at Info what is Debug
// to us.
func levelFor(log *slog.Logger) logrus.Level {
	if log.Enabled(context.Background(), slog.LevelDebug) {
		return logrus.InfoLevel
	}
	return logrus.WarnLevel
}

// discard spares the cost of formatting what is thrown away.
type discard struct{}

// Format implements logrus.Formatter.
func (discard) Format(*logrus.Entry) ([]byte, error) { return nil, nil }

// hook forwards entries. Only the message and the fields named in Fire are taken: engines put cookies,
// CSRF tokens and whole requests into the others.
type hook struct {
	log  *slog.Logger
	name string
	last fatal
}

// Levels implements logrus.Hook.
func (h *hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements logrus.Hook.
func (h *hook) Fire(e *logrus.Entry) error {
	var attrs []slog.Attr
	for _, key := range []string{"audience", "identity_id", "message_id", "migration_version"} {
		if v, ok := e.Data[key]; ok {
			attrs = append(attrs, slog.Any(key, v))
		}
	}
	cause := errorField(e.Data)
	if cause != "" {
		attrs = append(attrs, slog.String("err", cause))
	}
	if e.Level <= logrus.FatalLevel {
		h.last.set(e.Message, cause)
	}
	ctx := e.Context
	if ctx == nil {
		ctx = context.Background()
	}
	level := slogLevel(e.Level)
	if expected(e.Message) {
		level = slog.LevelDebug
	}
	h.log.LogAttrs(ctx, level, e.Message, attrs...) //nolint:sloglint // the engine's own words
	return nil
}

// expected are the warnings of every first start. Nobody can act on them.
func expected(message string) bool {
	return strings.HasPrefix(message, "Migration has requested running outside a transaction") ||
		strings.HasPrefix(message, "JSON Web Key Set ") && strings.Contains(message, "does not exist yet")
}

// errorField digs the text out of what logrusx.Logger.WithError leaves behind: a map with message,
// reason and debug for rich errors, or the error itself.
func errorField(data logrus.Fields) string {
	switch v := data["error"].(type) {
	case nil:
		return ""
	case error:
		return v.Error()
	case map[string]interface{}:
		text := fmt.Sprint(v["message"])
		for _, key := range []string{"reason", "debug"} {
			if s, ok := v[key].(string); ok && s != "" && s != text {
				text += ": " + s
			}
		}
		return text
	default:
		return fmt.Sprint(v)
	}
}

func slogLevel(l logrus.Level) slog.Level {
	switch l {
	case logrus.PanicLevel, logrus.FatalLevel, logrus.ErrorLevel:
		return slog.LevelError
	case logrus.WarnLevel:
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}

// Abort is what a Fatal of an engine panics with.
type Abort struct {
	Engine string
	Reason string
}

// Error implements error.
func (a *Abort) Error() string { return fmt.Sprintf("%s: %s", a.Engine, a.Reason) }

func (h *hook) exit() *Abort { return &Abort{Engine: h.name, Reason: h.last.reason()} }

// Guard runs f and turns an engine's Fatal, or any panic of its constructors, into an error that
// names the engine. It is the single recover for control flow in the house.
func Guard(engine string, f func() error) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		var abort *Abort
		if e, ok := v.(error); ok && errors.As(e, &abort) {
			err = abort
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // the sentinel itself is what net/http compares
			panic(v)
		}
		err = fmt.Errorf("%s: panic: %v", engine, v)
	}()
	return f()
}

// AdoptLogger turns a logger that an engine built for itself into one of NewLogger's kind.
func AdoptLogger(l *logrusx.Logger, name string, log *slog.Logger) {
	h := &hook{log: log.With("component", name), name: name}
	base := l.Logrus()
	base.SetOutput(io.Discard)
	base.SetFormatter(discard{})
	base.SetLevel(levelFor(log))
	base.ReplaceHooks(logrus.LevelHooks{})
	base.AddHook(h)
	base.ExitFunc = func(int) { panic(h.exit()) }
}
