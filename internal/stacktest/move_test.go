package stacktest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

// TestMovingHouse copies an installation with a person in it and looks whether she notices.
func TestMovingHouse(t *testing.T) {
	for _, move := range [][2]string{{"SQLite", "a server"}, {"a server", "SQLite"}} {
		t.Run("from "+move[0]+" to "+move[1], func(t *testing.T) {
			server, words := onPostgres(t, pgtest.Shared(t)), map[string]string{}
			for _, o := range server {
				o(words)
			}
			// The secrets are beside the server's databases, which on the stand-in were made with them.
			lite := []Option{Set("database.url", "sqlite://"+filepath.Join(t.TempDir(), "data")), Set("data_dir", words["data_dir"])}
			house := map[string][]Option{"SQLite": lite, "a server": server}
			from, to := house[move[0]], house[move[1]]
			old := Start(t, from...)
			r := moveIn(t, old)
			if err := old.Stop(); err != nil {
				t.Fatal(err)
			}
			sum := copyHouse(t, from, to)
			if sum.Rows < 20 || sum.Resumed {
				t.Errorf("got %d rows, resumed %v", sum.Rows, sum.Resumed)
			}
			r.checkAtHome(t, Start(t, to...))
		})
	}
}

// TestHalfAHouseIsNotServed interrupts a copy after some tables, tries to serve from it, and finishes it.
func TestHalfAHouseIsNotServed(t *testing.T) {
	house := func() Option { return Set("database.url", "sqlite://"+filepath.Join(t.TempDir(), "data")) }
	secrets := Set("data_dir", filepath.Join(t.TempDir(), "secrets"))
	from, to := []Option{house(), secrets}, []Option{house(), secrets}
	old := Start(t, from...)
	r := moveIn(t, old)
	if err := old.Stop(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := copying(ctx, t, from, to, func(e stack.CopyEvent) {
		if e.Table == "identity_credentials" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want an interrupted copy", err)
	}
	half, err := stack.New(t.Context(), Configure(t, to...), stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := half.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "hold a copy that was not finished") {
		t.Errorf("serving from half a copy: got %v", err)
	}
	if sum := copyHouse(t, from, to); !sum.Resumed {
		t.Error("the copy began anew")
	}
	r.checkAtHome(t, Start(t, to...))
}

func copyHouse(t *testing.T, from, to []Option) stack.CopySummary {
	t.Helper()
	sum, err := copying(t.Context(), t, from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func copying(ctx context.Context, t *testing.T, from, to []Option, progress func(stack.CopyEvent)) (stack.CopySummary, error) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	return stack.Copy(ctx, Configure(t, from...), Configure(t, to...), stack.CopyOptions{
		Options: stack.Options{Log: log, Version: "test"}, Progress: progress,
	})
}
