package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Revocations are the rows of the families of tokens that still have to be revoked. Their tokens are
// in Hydra's database, which may be the one that fails.
type Revocations struct {
	db      *sql.DB
	dialect Dialect
}

// NewRevocations returns those of a database that MigrateOwn has brought up to date.
func NewRevocations(db *sql.DB, d Dialect) *Revocations { return &Revocations{db, d} }

// Add writes a family down; once is enough.
func (r *Revocations) Add(ctx context.Context, family string) error {
	return r.exec(ctx, "writing down a revocation",
		"INSERT INTO identityd_revocation (family, noted_ms) VALUES ($1, $2) ON CONFLICT (family) DO NOTHING", family, time.Now().UnixMilli())
}

// Remove deletes the row of a family, if there is one.
func (r *Revocations) Remove(ctx context.Context, family string) error {
	return r.exec(ctx, "crossing out a revocation", "DELETE FROM identityd_revocation WHERE family = $1", family)
}

// List returns the oldest.
func (r *Revocations) List(ctx context.Context, limit int) (families []string, err error) {
	rows, err := r.db.QueryContext(ctx, "SELECT family FROM identityd_revocation ORDER BY noted_ms LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("reading revocations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var family string
		if err := rows.Scan(&family); err != nil {
			return nil, fmt.Errorf("reading revocations: %w", err)
		}
		families = append(families, family)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading revocations: %w", err)
	}
	return families, nil
}

func (r *Revocations) exec(ctx context.Context, doing, query string, args ...any) error {
	_, err := changed(ctx, r.db, r.dialect, doing, query, args...)
	return err
}
