package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/logging"
)

func TestTextFormat(t *testing.T) {
	tests := []struct {
		name string
		log  func(l *slog.Logger)
		want string // behind the time
	}{
		{"a message alone", func(l *slog.Logger) { l.Info("serving") }, "INFO serving\n"},
		{
			"attributes follow the message",
			func(l *slog.Logger) { l.Warn("slow", "duration_ms", 12.5, "path", "/a b") },
			"WARN slow duration_ms=12.5 path=\"/a b\"\n",
		},
		{
			"attributes of the logger come first",
			func(l *slog.Logger) { l.With("component", "hydra").Error("gone", "err", "x") },
			"ERROR gone component=hydra err=x\n",
		},
		{
			"groups are dotted",
			func(l *slog.Logger) { l.WithGroup("a").With("b", 1).Info("m", "level", "x", "msg", "y") },
			"INFO m a.b=1 a.level=x a.msg=y\n",
		},
		{
			"attributes named like the built-in ones are kept",
			func(l *slog.Logger) { l.Info("m", "msg", "inner", "level", "high") },
			"INFO m msg=inner level=high\n",
		},
		{
			"a line break forges no line",
			func(l *slog.Logger) { l.Info("a\nINFO b", "k", "c\nINFO d") },
			"INFO \"a\\nINFO b\" k=\"c\\nINFO d\"\n",
		},
		{
			"an escape sequence does not reach the terminal",
			func(l *slog.Logger) { l.Info("\x1b[2Jhi", "k", "\x1b[2J") },
			"INFO \"\\x1b[2Jhi\" k=\"\\x1b[2J\"\n",
		},
		{
			"lines below the level are not written",
			func(l *slog.Logger) { l.Debug("quiet") },
			"",
		},
	}
	clock := regexp.MustCompile(`^\d\d:\d\d:\d\d `)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			log, _ := logging.New(&out, logging.Options{Format: logging.FormatText})
			tt.log(log)
			got := out.String()
			if got != "" && !clock.MatchString(got) {
				t.Errorf("%q does not begin with the time of day", got)
			}
			if got := clock.ReplaceAllString(got, ""); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLevelCanBeChangedLater(t *testing.T) {
	for _, format := range []string{logging.FormatJSON, logging.FormatText} {
		t.Run("in the format "+format, func(t *testing.T) {
			var out bytes.Buffer
			log, level := logging.New(&out, logging.Options{Level: slog.LevelWarn, Format: format})
			log = log.With("component", "x")
			log.Info("unseen")
			level.Set(slog.LevelDebug)
			log.Debug("seen")
			if got := out.String(); strings.Contains(got, "unseen") || !strings.Contains(got, "seen") {
				t.Errorf("got %q, want the second line only", got)
			}
		})
	}
}

type idKey struct{}

func TestContextAttrs(t *testing.T) {
	attrs := func(ctx context.Context) []slog.Attr {
		if id, ok := ctx.Value(idKey{}).(string); ok {
			return []slog.Attr{slog.String("request_id", id)}
		}
		return nil
	}
	with := context.WithValue(t.Context(), idKey{}, "one")
	tests := []struct {
		name string
		log  func(l *slog.Logger)
		want int // occurrences of the key
		id   string
	}{
		{"are added", func(l *slog.Logger) { l.InfoContext(with, "m") }, 1, "one"},
		{"are added below With", func(l *slog.Logger) { l.With("a", 1).InfoContext(with, "m") }, 1, "one"},
		{
			"do not repeat what the line says",
			func(l *slog.Logger) { l.InfoContext(with, "m", "request_id", "two") }, 1, "two",
		},
		{"are absent without a value", func(l *slog.Logger) { l.InfoContext(t.Context(), "m") }, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			log, _ := logging.New(&out, logging.Options{ContextAttrs: attrs})
			tt.log(log)
			if got := strings.Count(out.String(), "request_id"); got != tt.want {
				t.Errorf("got the key %d times, want %d: %s", got, tt.want, out.String())
			}
			var line struct {
				ID string `json:"request_id"`
			}
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if line.ID != tt.id {
				t.Errorf("got id %q, want %q", line.ID, tt.id)
			}
		})
	}
}

func TestLinesOfParallelWritersStayWhole(t *testing.T) {
	var out bytes.Buffer
	log, _ := logging.New(&out, logging.Options{Format: logging.FormatText})
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			l := log.With("k", "v")
			for range 100 {
				l.Info("message", "n", 1)
			}
		})
	}
	writers.Wait()
	whole := regexp.MustCompile(`^\d\d:\d\d:\d\d INFO message k=v n=1\n$`)
	count := 0
	for line := range strings.Lines(out.String()) {
		count++
		if !whole.MatchString(line) {
			t.Fatalf("got %q", line)
		}
	}
	if count != 800 {
		t.Errorf("got %d lines, want 800", count)
	}
}

func TestParseLevel(t *testing.T) {
	for word, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "INFO": slog.LevelInfo, "warn": slog.LevelWarn,
		"error": slog.LevelError,
	} {
		if got, err := logging.ParseLevel(word); err != nil || got != want {
			t.Errorf("%s: got %v and %v, want %v", word, got, err, want)
		}
	}
	_, err := logging.ParseLevel("loud")
	if want := `unknown log level "loud": use debug, info, warn or error`; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
