package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/identity"
)

// ClientSecrets are the rows of secrets of clients that are honored beside the present ones for a while
// (docs/adr/0065-second-secrets.md). They are in Kratos' database, where everything of ours is.
type ClientSecrets struct {
	db      *sql.DB
	dialect Dialect
}

// NewClientSecrets returns those of a database that MigrateOwn has brought up to date.
func NewClientSecrets(db *sql.DB, d Dialect) *ClientSecrets { return &ClientSecrets{db, d} }

// Keep writes one down.
func (c *ClientSecrets) Keep(ctx context.Context, s identity.ReplacedSecret) error {
	return c.exec(ctx, "keeping the secret of before", `INSERT INTO identityd_client_secret (current_digest, client_id, secret_hash, made_ms, until_ms)
		VALUES ($1, $2, $3, $4, $5)`, s.Current, s.Client, s.Hash, s.Made.UnixMilli(), s.Until.UnixMilli())
}

// End removes that of a client. It reports whether one was honored.
func (c *ClientSecrets) End(ctx context.Context, client, current string) (was bool, err error) {
	if _, was, err = c.Beside(ctx, current); err != nil {
		return false, err
	}
	return was, c.exec(ctx, "ending the secret of before", "DELETE FROM identityd_client_secret WHERE client_id = $1", client)
}

// Beside returns the one that is honored beside the secret that current stands for, if one is.
func (c *ClientSecrets) Beside(ctx context.Context, current string) (s identity.ReplacedSecret, found bool, err error) {
	var made, until int64
	err = c.db.QueryRowContext(ctx, `SELECT client_id, current_digest, secret_hash, made_ms, until_ms FROM identityd_client_secret
		WHERE current_digest = $1 AND until_ms > $2`, current, time.Now().UnixMilli()).Scan(&s.Client, &s.Current, &s.Hash, &made, &until)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return identity.ReplacedSecret{}, false, nil
	case err != nil:
		return identity.ReplacedSecret{}, false, fmt.Errorf("reading the secret of before: %w", err)
	}
	s.Made, s.Until = time.UnixMilli(made).UTC(), time.UnixMilli(until).UTC()
	return s, true, nil
}

func (c *ClientSecrets) exec(ctx context.Context, doing, query string, args ...any) error {
	_, err := changed(ctx, c.db, c.dialect, doing, query, args...)
	return err
}
