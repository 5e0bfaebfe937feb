package supervisor

import (
	"context"
	"log"
	"log/slog"
	"strings"
)

// errorLog brings net/http's complaints into the one log stream.
func errorLog(ctx context.Context, l *slog.Logger) *log.Logger {
	return log.New(errorWriter{ctx: ctx, log: l}, "", 0)
}

type errorWriter struct {
	ctx context.Context // io.Writer takes none
	log *slog.Logger
}

// Write implements io.Writer. Failed handshakes are the noise of scanners and of TCP health checks;
// no operator must act on one.
func (w errorWriter) Write(p []byte) (int, error) {
	level := slog.LevelWarn
	line := strings.TrimSpace(string(p))
	if strings.Contains(line, "TLS handshake error") {
		level = slog.LevelDebug
	}
	w.log.Log(w.ctx, level, "http server complained", "detail", line)
	return len(p), nil
}
