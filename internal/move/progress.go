package move

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"example.com/identityd/internal/store"
)

// progressTable is in the second database of the target while a copy into it is not finished
// (internal/store/schema_steps.go makes it). A row of the database ” says what is being copied.
const progressTable = "identityd_copy"

const (
	stateCopied  = "copied"
	stateDiffers = "differs" // verified, and found to be something else
)

// ledger is how far a copy is.
type ledger struct {
	db      *sql.DB
	dialect store.Dialect
}

type entry struct {
	state, digest string
	rows          int64
}

// source returns what an unfinished copy copies; empty is none.
func (l ledger) source(ctx context.Context) (string, error) {
	var fingerprint string
	err := l.db.QueryRowContext(ctx, "SELECT digest FROM identityd_copy WHERE engine = '' AND name = ''").Scan(&fingerprint)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return fingerprint, err
}

func (l ledger) entries(ctx context.Context, engine string) (map[string]entry, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT name, state, digest, row_count FROM identityd_copy WHERE engine = $1", engine)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]entry{}
	for rows.Next() {
		var name string
		var e entry
		if err := rows.Scan(&name, &e.state, &e.digest, &e.rows); err != nil {
			return nil, err
		}
		out[name] = e
	}
	return out, rows.Err()
}

func (l ledger) put(ctx context.Context, engine, name string, e entry) error {
	return l.exec(ctx, `INSERT INTO identityd_copy (engine, name, state, digest, row_count) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (engine, name) DO UPDATE SET state = excluded.state, digest = excluded.digest, row_count = excluded.row_count`,
		engine, name, e.state, e.digest, e.rows)
}

func (l ledger) forget(ctx context.Context, engine, name string) error {
	return l.exec(ctx, "DELETE FROM identityd_copy WHERE engine = $1 AND name = $2", engine, name)
}

func (l ledger) clear(ctx context.Context) error { return l.exec(ctx, "DELETE FROM identityd_copy") }

func (l ledger) exec(ctx context.Context, query string, args ...any) error {
	return store.Tx(ctx, l.db, l.dialect, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

// Unfinished reports whether the database is the target of a copy that was not finished: what is in it
// is a part of something. A database without our tables is not.
func Unfinished(ctx context.Context, db *sql.DB, d store.Dialect) (bool, error) {
	// Not by the catalog, which takes a third of a second to read: every start asks.
	source, err := ledger{db, d}.source(ctx)
	if store.TableMissing(err, d) {
		return false, nil
	}
	return source != "", err
}

// fingerprint tells one installation from another by the ids of its tenants.
func fingerprint(ctx context.Context, sources []querier) (string, error) {
	var ids []string
	for _, q := range sources {
		found, err := texts(ctx, q, "SELECT CAST(id AS TEXT) FROM networks ORDER BY 1")
		if err != nil {
			return "", fmt.Errorf("reading the tenants: %w", explain(err))
		}
		for _, row := range found {
			ids = append(ids, strings.ToLower(row[0]))
		}
		ids = append(ids, "/")
	}
	sum := sha256.Sum256([]byte(strings.Join(ids, " ")))
	return hex.EncodeToString(sum[:]), nil
}
