package stacktest

import (
	"database/sql"
	"log/slog"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/regions"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/stack"
)

// TestEveryTableHasAPlaceInRegions: a table of a later release, of the engines' or ours, needs somebody to
// decide where it lives.
func TestEveryTableHasAPlaceInRegions(t *testing.T) {
	notOnStandIn(t, localities)
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: map[string]string{
		"database.url": server.URL(), "database.hydra.name": hydra, "database.kratos.name": kratos,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Migrate(t.Context(), cfg, stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}); err != nil {
		t.Fatal(err)
	}
	goal := regions.Goal{Primary: "a", Survive: "zone", Rows: "local"}
	for engine, name := range map[string]string{"hydra": hydra, "kratos": kratos} {
		var global, local, strict int
		for _, table := range tablesOf(t, server.DatabaseURL(name)) {
			place, known := regions.Place(engine, table, goal)
			switch {
			case !known:
				t.Errorf("%s.%s has no place; decide in internal/regions/localities.go", engine, table)
			case place == regions.Global:
				global++
			case place == regions.ByRow:
				local++
			default:
				strict++
			}
		}
		want := map[string][2]int{"hydra": {5, 9}, "kratos": {3, 21}}[engine]
		if global != want[0] || local != want[1] || strict == 0 {
			t.Errorf("%s: got %d global tables, %d by row, %d in the primary region, want %v of the first two",
				engine, global, local, strict, want)
		}
	}
}

func tablesOf(t *testing.T, url string) []string {
	t.Helper()
	db, err := sql.Open(sqlseam.PostgresDriver, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
