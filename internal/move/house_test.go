package move_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/move"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// A schema with everything that is hard to carry over: types, padding, a reference to itself, a circle,
// children, and a number that only servers give.
const (
	serverSchema = `
		CREATE TABLE networks (id UUID PRIMARY KEY, created_at TIMESTAMP NOT NULL);
		CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL);
		CREATE TABLE people (
			id UUID PRIMARY KEY, nid UUID NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
			parent UUID REFERENCES people (id), home UUID,
			name VARCHAR(40), kind CHAR(8), "order" TEXT, age INT4, big INT8, ratio FLOAT8, admin BOOL,
			traits JSONB NOT NULL DEFAULT '[]', raw JSON, picture BYTEA, seen TIMESTAMP, zoned TIMESTAMPTZ,
			pk SERIAL, twice INT8 GENERATED ALWAYS AS (age::INT8 * 2) STORED);
		CREATE TABLE homes (id UUID PRIMARY KEY, owner UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE);
		ALTER TABLE people ADD FOREIGN KEY (home) REFERENCES homes (id);
		CREATE TABLE identityd_note (name TEXT PRIMARY KEY, at TIMESTAMPTZ NOT NULL);`
	sqliteSchema = `
		CREATE TABLE networks (id TEXT PRIMARY KEY, created_at DATETIME NOT NULL);
		CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL);
		CREATE TABLE people (
			id TEXT PRIMARY KEY, nid CHAR(36) NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
			parent UUID REFERENCES people (id), home UUID REFERENCES homes (id),
			name VARCHAR(40), kind CHAR(8), "order" TEXT, age INTEGER, big BIGINT, ratio REAL, admin NUMERIC,
			traits TEXT NOT NULL DEFAULT '', raw JSON, picture BLOB, seen TIMESTAMP, zoned DATETIME,
			pk INTEGER NULL, twice BIGINT GENERATED ALWAYS AS (age * 2) STORED);
		CREATE TABLE homes (id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE);
		CREATE TABLE identityd_note (name TEXT PRIMARY KEY, at INTEGER NOT NULL);`
	data = `
		INSERT INTO networks VALUES ('11111111-1111-4111-8111-111111111111', '2013-10-07 08:23:19');
		INSERT INTO people (id, nid, parent, home, name, kind, "order", age, big, ratio, admin, traits, raw, picture, seen, zoned, pk) VALUES
			('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', '11111111-1111-4111-8111-111111111111', NULL, NULL,
				'', 'email', 'ä €😀 "'' \', -1, 9223372036854775807, 0.1, 1, '{"b":[1.50,1e2,null,"\u00e9"],"a":{}}', 'null', X'', '0001-01-01 00:00:00+00:00', '2026-11-26 12:30:00.123456+02:00', 7),
			('bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb', '11111111-1111-4111-8111-111111111111', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', NULL,
				NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL, NULL, NULL),
			('cccccccc-cccc-4ccc-8ccc-cccccccccccc', '11111111-1111-4111-8111-111111111111', 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', NULL,
				'Ada', 'x', ' ', 2147483647, 0, -0.0, 'false', '7', '{"a":1, "a":2}', X'00ff27', '9999-12-31 23:59:59.999999+00:00', '2026-11-26 10:30:00', 0);
		INSERT INTO homes VALUES ('dddddddd-dddd-4ddd-8ddd-dddddddddddd', 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa');
		UPDATE people SET home = 'dddddddd-dddd-4ddd-8ddd-dddddddddddd' WHERE name = 'Ada';
		INSERT INTO schema_migration VALUES ('sqlite only');
		INSERT INTO identityd_note VALUES ('n', 1764153000123);`
)

type house struct {
	dialect store.Dialect
	db      *sql.DB
}

func sqlite(t *testing.T) house {
	t.Helper()
	hydra, _, err := store.Resolve(store.Settings{URL: "sqlite://" + t.TempDir(), Pool: store.Pool{MaxOpen: 4}})
	if err != nil {
		t.Fatal(err)
	}
	return newHouse(t, hydra, sqliteSchema)
}

func postgres(t *testing.T) house {
	t.Helper()
	server := pgtest.Shared(t)
	name, other := server.Databases(t)
	hydra, _, err := store.Resolve(store.Settings{
		URL: server.URL(), Hydra: store.Database{Name: name}, Kratos: store.Database{Name: other}, Pool: store.Pool{MaxOpen: 4},
	})
	if err != nil {
		t.Fatal(err)
	}
	admin, err := store.Open(hydra, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	execute(t, admin, "CREATE DATABASE "+name)
	return newHouse(t, hydra, serverSchema)
}

func newHouse(t *testing.T, d store.DSN, schema string) house {
	t.Helper()
	db, err := store.Open(d, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for statement := range strings.SplitSeq(schema, ";\n") {
		execute(t, db, statement)
	}
	if err := store.MigrateOwn(t.Context(), db, d.Dialect()); err != nil {
		t.Fatal(err)
	}
	return house{d.Dialect(), db}
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if strings.TrimSpace(statement) == "" {
		return
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// furnished is a SQLite database with the data.
func furnished(t *testing.T) house {
	t.Helper()
	h := sqlite(t)
	for statement := range strings.SplitSeq(data, ";\n") {
		execute(t, h.db, statement)
	}
	return h
}

func copyTo(ctx context.Context, from, to house, progress func(move.Event)) (move.Summary, error) {
	return move.Run(ctx, move.Options{
		Databases: []move.Database{{Engine: "kratos", From: from.db, To: to.db}},
		From:      from.dialect, To: to.dialect, Progress: progress,
	})
}

func mustCopy(t *testing.T, from, to house) move.Summary {
	t.Helper()
	sum, err := copyTo(t.Context(), from, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func rows(t *testing.T, h house, query string) []string {
	t.Helper()
	found, err := h.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for found.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
