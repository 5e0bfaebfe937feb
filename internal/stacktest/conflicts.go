package stacktest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Conflicts makes every INSERT, UPDATE and DELETE of the databases fail with SQLSTATE 40001 at a rate
// between 0 and 1, as CockroachDB does under contention. The returned function ends that.
func Conflicts(t testing.TB, url string, rate float64, databases ...string) (end func()) {
	t.Helper()
	const function = `CREATE OR REPLACE FUNCTION test_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF random() < %g THEN
				RAISE EXCEPTION 'restart transaction: injected by a test' USING ERRCODE = '40001';
			END IF;
			RETURN NULL;
		END $$`
	const everywhere = `DO $$
		DECLARE r record;
		BEGIN
			FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
				EXECUTE format('CREATE TRIGGER test_conflict BEFORE INSERT OR UPDATE OR DELETE ON %I ' ||
					'FOR EACH STATEMENT EXECUTE FUNCTION test_conflict()', r.tablename);
			END LOOP;
		END $$`
	for _, name := range databases {
		Exec(t, url, name, fmt.Sprintf(function, rate), everywhere)
	}
	return func() {
		for _, name := range databases {
			Exec(t, url, name, "DROP FUNCTION test_conflict CASCADE")
		}
	}
}

// Exec runs statements in a database beside the stack.
func Exec(t testing.TB, url, database string, statements ...string) {
	t.Helper()
	conn := Connect(t, url, database)
	defer conn.Close(t.Context()) //nolint:errcheck // the statements decide
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("running %q: %v", s, err)
		}
	}
}

// Connect opens a connection beside the stack, which the test closes.
func Connect(t testing.TB, url, database string) *pgx.Conn {
	t.Helper()
	at := must(pgx.ParseConfig(url)).Copy()
	at.Database = database
	conn, err := pgx.ConnectConfig(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
