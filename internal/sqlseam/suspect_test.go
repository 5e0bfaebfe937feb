package sqlseam_test

import (
	"database/sql"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestAShortRestart restarts the server between two uses of connections that were idle for less than the
// second after which pgx looks at them.
func TestAShortRestart(t *testing.T) {
	s := pgtest.Start(t)
	db := openPostgres(t, s.DatabaseURL("postgres"))
	const conns = 8
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	all := func(t *testing.T) {
		t.Helper()
		var held []*sql.Conn
		for range conns {
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := c.PingContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			held = append(held, c)
		}
		for _, c := range held {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, mode := range []pgtest.Mode{pgtest.Fast, pgtest.Immediate} {
		t.Run("fails one statement at most, mode "+string(mode), func(t *testing.T) {
			all(t)
			all(t) // a new connection is looked at once, whenever that is
			s.Stop(mode)
			s.Start()
			failed := 0
			for range 2 * conns {
				ctx, record := recorded(t)
				if _, err := db.ExecContext(ctx, "SELECT 1"); err != nil {
					failed++
					continue
				}
				wantNoFailure(t, record)
			}
			if failed > 1 {
				t.Errorf("%d statements failed, want one at most: the others know then", failed)
			}
		})
	}
}
