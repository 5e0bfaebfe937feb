package logging

import (
	"context"
	"io"
	"log/slog"
)

// keeping hands each record of info and above on to another handler too, unless its line was kept already.
type keeping struct {
	slog.Handler
	keep slog.Handler
	// kept says that what Handler writes is kept as it is.
	kept bool
}

// Enabled implements slog.Handler.
func (h keeping) Enabled(ctx context.Context, level slog.Level) bool {
	return h.keep.Enabled(ctx, level) || h.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h keeping) Handle(ctx context.Context, r slog.Record) error {
	var err error
	written := h.Handler.Enabled(ctx, r.Level)
	if written {
		err = h.Handler.Handle(ctx, r)
	}
	if h.keep.Enabled(ctx, r.Level) && (!written || !h.kept) {
		// What is kept in memory is never worth more than the log.
		_ = h.keep.Handle(ctx, r)
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h keeping) WithAttrs(attrs []slog.Attr) slog.Handler {
	return keeping{h.Handler.WithAttrs(attrs), h.keep.WithAttrs(attrs), h.kept}
}

// WithGroup implements slog.Handler.
func (h keeping) WithGroup(name string) slog.Handler {
	return keeping{h.Handler.WithGroup(name), h.keep.WithGroup(name), h.kept}
}

// tee writes a line to two places. The first one's error is what counts.
type tee struct{ to, keep io.Writer }

// Write implements io.Writer.
func (t tee) Write(line []byte) (int, error) {
	_, _ = t.keep.Write(line)
	return t.to.Write(line)
}
