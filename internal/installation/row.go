package installation

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

const columns = "id, profile, issuer, rp_id, pairwise, made_ms, made_by, changed_ms, changed_by"

// Read returns what the database of Kratos knows of its installation, or nil when it was not told yet.
func Read(ctx context.Context, db *sql.DB, d store.Dialect) (*Row, error) {
	var (
		r             Row
		made, changed int64
	)
	err := db.QueryRowContext(ctx, "SELECT "+columns+" FROM identityd_installation WHERE singleton = 1").Scan(
		&r.ID, &r.Profile, &r.Issuer, &r.RPID, &r.Pairwise, &made, &r.MadeBy, &changed, &r.ChangedBy)
	switch {
	case errors.Is(err, sql.ErrNoRows), store.TableMissing(err, d):
		return nil, nil //nolint:nilnil // there is none, which is no failure
	case err != nil:
		return nil, fmt.Errorf("reading the installation: %w", err)
	}
	r.Made, r.Changed = time.UnixMilli(made).UTC(), time.UnixMilli(changed).UTC()
	return &r, nil
}

// Make writes the row unless there is one, and returns the one that there is. Of two processes that do
// so at once one writes.
func Make(ctx context.Context, db *sql.DB, d store.Dialect, f Facts, version string) (*Row, error) {
	// All starts but the first find it, and writing takes three round trips more.
	if row, err := Read(ctx, db, d); row != nil || err != nil {
		return row, err
	}
	now := time.Now().UnixMilli()
	err := store.Tx(ctx, db, d, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO identityd_installation (singleton, "+columns+")"+
			" VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (singleton) DO NOTHING",
			rand.Text(), f.Profile, f.Issuer, f.RPID, f.Pairwise, now, version, now, version)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("writing the installation: %w", err)
	}
	row, err := Read(ctx, db, d)
	if err == nil && row == nil {
		err = errors.New("the row of the installation was not written")
	}
	return row, err
}

// Change makes the row say what the file says.
func Change(ctx context.Context, db *sql.DB, d store.Dialect, f Facts, version string) error {
	err := store.Tx(ctx, db, d, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE identityd_installation SET profile = $1, issuer = $2, rp_id = $3,"+
			" pairwise = $4, changed_ms = $5, changed_by = $6 WHERE singleton = 1",
			f.Profile, f.Issuer, f.RPID, f.Pairwise, time.Now().UnixMilli(), version)
		return err
	})
	if err != nil {
		return fmt.Errorf("changing the installation: %w", err)
	}
	return nil
}
