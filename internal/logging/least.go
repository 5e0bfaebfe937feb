package logging

import (
	"context"
	"log/slog"
)

// AtLeast returns a logger that leaves out what is below a level, unless log is set to debugging: a command
// that does one thing is not the place for what a process says of its life.
func AtLeast(log *slog.Logger, level slog.Level) *slog.Logger {
	if log.Enabled(context.Background(), slog.LevelDebug) {
		return log
	}
	return slog.New(leastHandler{log.Handler(), level})
}

type leastHandler struct {
	slog.Handler

	level slog.Level
}

// Enabled implements slog.Handler.
func (h leastHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (h leastHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return leastHandler{h.Handler.WithAttrs(attrs), h.level}
}

// WithGroup implements slog.Handler.
func (h leastHandler) WithGroup(name string) slog.Handler {
	return leastHandler{h.Handler.WithGroup(name), h.level}
}
