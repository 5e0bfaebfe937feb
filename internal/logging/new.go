package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// The formats of Options.Format.
const (
	FormatJSON = "json"
	FormatText = "text"
)

// Options says how a logger writes.
type Options struct {
	// Level is the lowest level written; the returned slog.LevelVar changes it later.
	Level slog.Level
	// Format is FormatJSON or FormatText; anything else means FormatJSON, which is safe to parse.
	Format string
	// ContextAttrs adds attributes of a context, such as the request id, to each line logged with
	// that context; nil adds none. It must be safe for concurrent use.
	ContextAttrs func(context.Context) []slog.Attr
}

// New returns a logger that writes to w, and the variable that holds its level. All lines pass
// through a Redactor.
func New(w io.Writer, opts Options) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(opts.Level)
	redactor := NewRedactor()
	var h slog.Handler
	if opts.Format == FormatText {
		h = newTextHandler(w, level, redactor)
	} else {
		h = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redactor.Attr})
	}
	if opts.ContextAttrs != nil {
		h = contextHandler{Handler: h, attrs: opts.ContextAttrs}
	}
	return slog.New(h), level
}

// ParseLevel reads debug, info, warn or error.
func ParseLevel(word string) (slog.Level, error) {
	switch strings.ToLower(word) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("unknown log level %q: use debug, info, warn or error", word)
}
