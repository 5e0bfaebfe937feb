package logging

import (
	"context"
	"log/slog"
)

// contextHandler adds what the context knows, unless the line says it already.
type contextHandler struct {
	slog.Handler
	attrs func(context.Context) []slog.Attr
}

// Handle implements slog.Handler.
func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	if ctx == nil {
		return h.Handler.Handle(ctx, r)
	}
	attrs := h.attrs(ctx)
	if len(attrs) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	said := make(map[string]bool, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		said[a.Key] = true
		return true
	})
	// The record may be shared with another handler.
	r = r.Clone()
	for _, a := range attrs {
		if !said[a.Key] {
			r.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{Handler: h.Handler.WithAttrs(attrs), attrs: h.attrs}
}

// WithGroup implements slog.Handler.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{Handler: h.Handler.WithGroup(name), attrs: h.attrs}
}
