package standin_test

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/sqlseam/standin"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	if err := standin.Register(); err != nil {
		panic(err)
	}
	os.Exit(pgtest.Main(m))
}

// The three hints of Kratos (persistence/sql/identity/persister_identity.go:807, 1110 and 1147), as
// pop sends them, and what must not be taken for one.
func TestRewrite(t *testing.T) {
	tests := []struct{ name, query, want string }{
		{
			"the join with the identifiers",
			`SELECT identity_credentials.config FROM identity_credentials AS identity_credentials ` +
				`LEFT JOIN identity_credential_identifiers@identity_credential_identifiers_ici_nid_i_idx ON ` +
				`identity_credential_identifiers.identity_credential_id = identity_credentials.id WHERE (identity_credentials.nid = $1)`,
			`SELECT identity_credentials.config FROM identity_credentials AS identity_credentials ` +
				`LEFT JOIN identity_credential_identifiers ON ` +
				`identity_credential_identifiers.identity_credential_id = identity_credentials.id WHERE (identity_credentials.nid = $1)`,
		},
		{"one identity", "DELETE FROM identities@primary WHERE id = $1 AND nid = $2", "DELETE FROM identities WHERE id = $1 AND nid = $2"},
		{
			"several identities", "DELETE FROM identities@primary WHERE id IN ($1, $2) AND nid = $3",
			"DELETE FROM identities WHERE id IN ($1, $2) AND nid = $3",
		},
		{"a hint at the end", "SELECT 1 FROM t@i", "SELECT 1 FROM t"},
		{"quoted names", `SELECT 1 FROM "t"@"i x" WHERE true`, `SELECT 1 FROM "t" WHERE true`},
		{"a hint with options", "SELECT 1 FROM t@{FORCE_INDEX=i} WHERE true", "SELECT 1 FROM t WHERE true"},
		{"an address in a literal", "SELECT 'me@example.com', 'it''s me@example.com'", "SELECT 'me@example.com', 'it''s me@example.com'"},
		{"an address in a name", `SELECT 1 AS "me@example"`, `SELECT 1 AS "me@example"`},
		{"an address in a comment", "SELECT 1 -- me@example\n/* me@example */", "SELECT 1 -- me@example\n/* me@example */"},
		{"an address in a dollar quote", "SELECT $x$me@example$x$, $$me@example$$", "SELECT $x$me@example$x$, $$me@example$$"},
		{"a parameter is no dollar quote", "SELECT $1, $2 FROM t@i WHERE a = $1", "SELECT $1, $2 FROM t WHERE a = $1"},
		{"the operators of PostgreSQL", "SELECT a@>b, a<@b, a@@b, a @ b, @x, $1@>c", "SELECT a@>b, a<@b, a@@b, a @ b, @x, $1@>c"},
		{"the version", "SELECT version()", "SELECT 'CockroachDB CCL v24.3.0 (stand-in: ' || version() || ')'"},
		{"the version, asked by anybody else", `select version() AS "version"`, `select version() AS "version"`},
		{
			"an update with a limit", `UPDATE "session_token_exchanges" SET session_id = $1 WHERE flow_id = $2 AND nid = $3 LIMIT 1`,
			`UPDATE "session_token_exchanges" SET session_id = $1 WHERE flow_id = $2 AND nid = $3`,
		},
		{"a limit of what is read", "SELECT a FROM t LIMIT 1", "SELECT a FROM t LIMIT 1"},
		{"no hint at all", "SELECT 1", "SELECT 1"},
		{"a literal that never ends", "SELECT 'me@example", "SELECT 'me@example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := standin.Rewrite(tt.query); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func FuzzRewrite(f *testing.F) {
	f.Add("SELECT 1 FROM t@i WHERE a = 'x@y' AND $$ b@c $$")
	f.Add(`"@'$$--/*@{`)
	f.Fuzz(func(t *testing.T, query string) {
		got := standin.Rewrite(query)
		if query == "SELECT version()" {
			return
		}
		if len(got) > len(query) {
			t.Errorf("%q grew to %q", query, got)
		}
		if !strings.Contains(query, "@") && !strings.HasPrefix(query, "UPDATE ") && got != query {
			t.Errorf("%q without a hint became %q", query, got)
		}
	})
}

func TestPostgreSQLServesHints(t *testing.T) {
	s := pgtest.Shared(t)
	db, err := sql.Open(sqlseam.PostgresDriver, s.DatabaseURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the table is one connection's own
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, "CREATE TEMPORARY TABLE identities (id int, nid int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO identities VALUES (1, 1), (2, 1)"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM identities@primary WHERE nid = $1", 1).Scan(&n); err != nil || n != 2 {
		t.Errorf("query: got %d, %v, want 2", n, err)
	}
	res, err := db.ExecContext(ctx, "DELETE FROM identities@primary WHERE id = $1 AND nid = $2", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := res.RowsAffected(); err != nil || got != 1 {
		t.Errorf("exec: got %d rows, %v, want 1", got, err)
	}
	prepared, err := db.PrepareContext(ctx, "SELECT count(*) FROM identities@primary")
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close() //nolint:errcheck // the test is over
	if err := prepared.QueryRowContext(ctx).Scan(&n); err != nil || n != 1 {
		t.Errorf("prepared: got %d, %v, want 1", n, err)
	}
}

func TestPostgreSQLSaysThatItIsCockroachDB(t *testing.T) {
	s := pgtest.Shared(t)
	name, _ := s.Databases(t)
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Scheme = "cockroach"
	dsn, _, err := store.Resolve(store.Settings{
		URL: u.String(), Hydra: store.Database{Name: name}, Pool: store.Pool{MaxOpen: 2, MaxIdle: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Admin(t, "CREATE DATABASE "+name+" OWNER identityd")
	got, err := store.Inspect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if want := store.ParseServer(standin.Version); got.Server != want || want.Dialect != store.Cockroach {
		t.Errorf("got %+v, want %+v", got.Server, want)
	}
	// What only CockroachDB can tell is left out.
	if got.License.Kind != "unknown" {
		t.Errorf("license: got %q, want unknown", got.License)
	}
}

func TestTheSeamIsRewrittenOnce(t *testing.T) {
	if err := standin.Register(); err == nil {
		t.Error("a second registration was taken")
	}
	sqlseam.Register() // is fine, and leaves the rewriting in place: the test above passes in any order
}
