package sqlseam_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// TestAnOldConnectionIsReplaced asks one connection for its server process until it is another one.
func TestAnOldConnectionIsReplaced(t *testing.T) {
	s := pgtest.Shared(t)
	name, _ := s.Databases(t)
	exec(t, openPostgres(t, s.DatabaseURL("postgres")), "CREATE DATABASE "+name)
	u, err := url.Parse(s.DatabaseURL(name))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(sqlseam.LifetimeParameter, "200ms")
	u.RawQuery = q.Encode()
	db := openPostgres(t, u.String())
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var first, now int
	began := time.Now()
	for n := 0; now == first; n++ {
		// No use of it may fail: it is closed between two.
		if err := db.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&now); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = now
		}
	}
	if took := time.Since(began); took < 140*time.Millisecond {
		t.Errorf("replaced after %s, want after 150ms to 200ms", took)
	}
}
