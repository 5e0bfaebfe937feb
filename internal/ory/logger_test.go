package ory

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))

	t.Run("an entry goes to slog with its component and without unknown fields", func(t *testing.T) {
		out.Reset()
		l := NewLogger("kratos", "v1", log)
		l.WithField("received_cookies", "topsecret").WithError(errors.New("broken")).Warn("something")
		got := out.String()
		for _, want := range []string{"level=WARN", `msg=something`, "component=kratos", "broken"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q lacks %q", got, want)
			}
		}
		if strings.Contains(got, "topsecret") {
			t.Errorf("a cookie reached the log: %s", got)
		}
	})
	t.Run("the environment does not set its level", func(t *testing.T) {
		t.Setenv("LOG_LEVEL", "trace")
		t.Setenv("LOG_FORMAT", "json")
		out.Reset()
		NewLogger("kratos", "v1", log).Info("chatter")
		if out.Len() != 0 {
			t.Errorf("got %s", &out)
		}
	})
}

func TestGuard(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	t.Run("a fatal of an engine is an error that names it", func(t *testing.T) {
		err := Guard("kratos", func() error {
			NewLogger("kratos", "v1", log).WithError(errors.New("unset")).Fatal("dsn must be set")
			return nil
		})
		var abort *Abort
		if !errors.As(err, &abort) || err.Error() != "kratos: dsn must be set: unset" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("any other panic is an error too", func(t *testing.T) {
		err := Guard("hydra", func() error { panic("csrf handler is not set") })
		if err == nil || err.Error() != "hydra: panic: csrf handler is not set" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("net/http's own abort passes through", func(t *testing.T) {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the sentinel itself
				t.Errorf("got %v", v)
			}
		}()
		_ = Guard("hydra", func() error { panic(http.ErrAbortHandler) })
	})
}

func TestValuesMerge(t *testing.T) {
	t.Run("a nested block replaces the leaves it names and no others", func(t *testing.T) {
		got := Values{"urls.login": "a", "urls.consent": "b"}.Merge(map[string]any{
			"urls":       map[string]any{"login": "c"},
			"ttl.id":     "1h",
			"list.empty": []any{},
		})
		if got["urls.login"] != "c" || got["urls.consent"] != "b" || got["ttl.id"] != "1h" {
			t.Errorf("got %v", got)
		}
	})
}
