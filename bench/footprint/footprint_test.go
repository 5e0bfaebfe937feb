package footprint_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/bench/footprint"
	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/side"
)

// TestBothSidesAreMeasuredAlike runs one round and wants the same values of both sides, none of them impossible.
func TestBothSidesAreMeasuredAlike(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: IDENTITYD_TEST_LONG is not set: it builds and starts both sides")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	dir := os.Getenv("IDENTITYD_BENCH_BIN")
	if dir == "" {
		dir = t.TempDir()
	}
	programs, err := side.Build(ctx, filepath.Join("..", ".."), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	pg, err := postgres.Start(ctx, postgres.Settings{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Close(); err != nil {
			t.Error(err)
		}
	})
	got := map[string]map[string]float64{"identityd": {}, "official": {}}
	err = footprint.Measure(ctx, footprint.Config{
		Sides: programs.Sides(), Postgres: pg, Dir: t.TempDir(), Rounds: 1, Idle: 3 * time.Second, Log: slog.New(slog.DiscardHandler),
		Put: func(v footprint.Value) {
			t.Logf("%-10s %-16s %-10s %10.2f %s", v.Side, v.Row, v.Kind, v.Value, v.Unit)
			got[v.Side][v.Row+"/"+v.Kind] = v.Value
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, ours := range got["identityd"] {
		theirs, there := got["official"][key]
		if !there || ours < 0 || theirs < 0 || (ours == 0 && !strings.HasSuffix(key, "/cpu")) {
			t.Errorf("%s: got %v and %v (%v)", key, ours, theirs, there)
		}
	}
	if len(got["identityd"]) < 14 {
		t.Errorf("got %d values, want those of four starts, of idleness and of files", len(got["identityd"]))
	}
}
