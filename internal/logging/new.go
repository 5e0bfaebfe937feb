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
	// Keep takes each line of info and above as JSON, whatever Level and Format say; nil keeps none. In the format
	// JSON it is given the bytes of the line that is written anyway.
	Keep io.Writer
}

// New returns a logger that writes to w, and the variable that holds its level. All lines pass
// through a Redactor.
func New(w io.Writer, opts Options) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(opts.Level)
	redactor := NewRedactor()
	var h slog.Handler
	switch {
	case opts.Format == FormatText:
		h = newTextHandler(w, level, redactor)
	case opts.Keep != nil:
		h = newJSONHandler(tee{w, opts.Keep}, level, redactor)
	default:
		h = newJSONHandler(w, level, redactor)
	}
	if opts.Keep != nil {
		h = keeping{Handler: h, keep: newJSONHandler(opts.Keep, slog.LevelInfo, redactor), kept: opts.Format != FormatText}
	}
	if opts.ContextAttrs != nil {
		h = contextHandler{Handler: h, attrs: opts.ContextAttrs}
	}
	return slog.New(h), level
}

func newJSONHandler(w io.Writer, level slog.Leveler, r *Redactor) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: r.Attr})
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
