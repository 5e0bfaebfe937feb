package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// textHandler writes lines for a person at a terminal: 15:04:05 INFO message key=value. The
// attributes are slog.TextHandler's, whose quoting keeps a value from forging a line.
type textHandler struct {
	attrs    slog.Handler
	out      *textOutput
	redactor *Redactor
}

// textOutput is shared by all handlers that derive from one.
type textOutput struct {
	mu   sync.Mutex
	w    io.Writer
	tail bytes.Buffer // what the inner handler wrote, under mu
}

func newTextHandler(w io.Writer, level slog.Leveler, r *Redactor) *textHandler {
	out := &textOutput{w: w}
	return &textHandler{
		out: out, redactor: r,
		attrs: slog.NewTextHandler(&out.tail, &slog.HandlerOptions{
			Level: level,
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if len(groups) == 0 && builtin(a) {
					return slog.Attr{}
				}
				return r.Attr(groups, a)
			},
		}),
	}
}

// builtin recognizes the level and the empty message of the records that Handle passes on.
func builtin(a slog.Attr) bool {
	switch a.Key {
	case slog.LevelKey:
		_, ok := a.Value.Any().(slog.Level)
		return ok
	case slog.MessageKey:
		return a.Value.Kind() == slog.KindString && a.Value.String() == ""
	default:
		return false
	}
}

// Enabled implements slog.Handler.
func (h *textHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.attrs.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *textHandler) Handle(ctx context.Context, r slog.Record) error {
	var line bytes.Buffer
	if !r.Time.IsZero() {
		line.WriteString(r.Time.Format("15:04:05 "))
	}
	line.WriteString(r.Level.String())
	line.WriteByte(' ')
	line.WriteString(printable(h.redactor.Text(r.Message)))

	// No time and no message: what is left is the attributes.
	rest := slog.Record{Level: r.Level}
	r.Attrs(func(a slog.Attr) bool {
		rest.AddAttrs(a)
		return true
	})
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.tail.Reset()
	if err := h.attrs.Handle(ctx, rest); err != nil {
		return err
	}
	if h.out.tail.Len() > 1 {
		line.WriteByte(' ')
	}
	line.Write(h.out.tail.Bytes())
	_, err := h.out.w.Write(line.Bytes())
	return err
}

// WithAttrs implements slog.Handler.
func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &textHandler{attrs: h.attrs.WithAttrs(attrs), out: h.out, redactor: h.redactor}
}

// WithGroup implements slog.Handler.
func (h *textHandler) WithGroup(name string) slog.Handler {
	return &textHandler{attrs: h.attrs.WithGroup(name), out: h.out, redactor: h.redactor}
}

// printable keeps a message with control characters on one line and the terminal unharmed.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	return strconv.Quote(s)
}
