package sqlseam_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// TestWhatIsSentIsTold holds what a record tells against what it counts.
func TestWhatIsSentIsTold(t *testing.T) {
	s := pgtest.Shared(t)
	name, _ := s.Databases(t)
	exec(t, openPostgres(t, s.DatabaseURL("postgres")), "CREATE DATABASE "+name)
	for database, db := range map[string]*sql.DB{
		name:   openPostgres(t, s.DatabaseURL(name)),
		"here": openSQLite(t, filepath.Join(t.TempDir(), "here.sqlite")),
	} {
		t.Run("a transaction, its statements and those apart in "+database, func(t *testing.T) {
			exec(t, db, "CREATE TABLE things (name text)")
			ctx, record := recorded(t)
			var got []sqlseam.Statement
			record.Watch(func(s sqlseam.Statement) { got = append(got, s) })
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			const write, read = "INSERT INTO things VALUES ('x')", "SELECT count(*) FROM things"
			if _, err := tx.ExecContext(ctx, write); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			apart, done := sqlseam.Apart(ctx)
			var n int
			if err := db.QueryRowContext(apart, read).Scan(&n); err != nil {
				t.Fatal(err)
			}
			done()
			want := []sqlseam.Statement{{database, sqlseam.Begin}, {database, write}, {database, read}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			wantStatements(t, record, 2)
		})
	}
}
