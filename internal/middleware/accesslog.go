package middleware

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxLoggedPath   = 256
	maxLoggedMethod = 16
)

// AccessLog writes one line for each request, with the same keys on all listeners. Health probes
// and metric scrapes are lines for debugging. The annotate function adds attributes of the finished
// request; nil adds none.
func AccessLog(
	log *slog.Logger, listener string, annotate func(context.Context) []slog.Attr,
) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			level := slog.LevelInfo
			if Routine(r.URL.Path) {
				level = slog.LevelDebug
			}
			ctx := r.Context()
			path := r.URL.Path // Kratos' admin API writes another one into the request
			rec := &recorder{ResponseWriter: w}
			started := time.Now()
			finished := false
			// Deferred, because an aborted request deserves its line as well.
			defer func() {
				if !log.Enabled(ctx, level) {
					return
				}
				attrs := make([]slog.Attr, 0, 12)
				attrs = append(
					attrs,
					slog.String("listener", listener),
					slog.String("method", clean(r.Method, maxLoggedMethod)),
					slog.String("path", clean(path, maxLoggedPath)),
					slog.Int("status", status(rec, finished)),
					slog.Int64("bytes", rec.bytes),
					slog.Float64("duration_ms", float64(time.Since(started).Microseconds())/1000),
					slog.String("request_id", RequestIDFrom(ctx)),
					slog.String("remote_ip", remoteIP(r.RemoteAddr)),
				)
				if !finished {
					attrs = append(attrs, slog.Bool("aborted", true))
				}
				if annotate != nil {
					attrs = append(attrs, annotate(ctx)...)
				}
				log.LogAttrs(ctx, level, "request", attrs...)
			}()
			next.ServeHTTP(rec, r)
			finished = true
		})
	}
}

// status is 200 for a handler that wrote nothing, as net/http sends it, and 0 for one that was
// aborted before it wrote.
func status(rec *recorder, finished bool) int {
	if rec.status == 0 && finished {
		return http.StatusOK
	}
	return rec.status
}

// Routine reports whether a path is what machines ask all day.
func Routine(path string) bool {
	return strings.HasSuffix(path, "/health/alive") || strings.HasSuffix(path, "/health/ready") ||
		path == "/metrics"
}

// clean makes text that a client chose fit for a log line: one line, valid UTF-8, nothing that a
// terminal obeys, and no longer than limit bytes.
func clean(s string, limit int) string {
	const ellipsis = "…"
	if len(s) > limit {
		cut := limit - len(ellipsis)
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + ellipsis
	}
	cleaned := strings.Map(func(r rune) rune {
		// Format characters reorder what a terminal shows.
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	return cleaned
}

// remoteIP is empty for calls that came over no socket.
func remoteIP(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return host
}
