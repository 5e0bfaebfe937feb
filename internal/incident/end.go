package incident

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"fmt"

	"example.com/identityd/internal/store"
)

// batch is how many rows one transaction changes: others write too.
const batch = 1000

// EndSessions ends every session of Kratos, whose tokens anybody has who read the table (docs/ory-quirks.md#q152).
func (d Databases) EndSessions(ctx context.Context) (int64, error) {
	return d.each(ctx, "ending sessions", "UPDATE sessions SET active = FALSE WHERE id IN (SELECT id FROM sessions WHERE active = TRUE LIMIT 1000)")
}

// EndCodes ends what was mailed and has not been used, and what waits for people to come back from elsewhere.
func (d Databases) EndCodes(ctx context.Context) (total int64, err error) {
	for _, table := range codeTables() {
		n, err := d.each(ctx, "ending codes", "DELETE FROM "+table+" WHERE id IN (SELECT id FROM "+table+" LIMIT 1000)")
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// ResetSecondFactors takes away the secrets of authenticator apps and the recovery codes of everybody, and what
// Kratos remembers of who can have a second factor.
func (d Databases) ResetSecondFactors(ctx context.Context) (int64, error) {
	n, err := d.each(ctx, "taking away second factors", `DELETE FROM identity_credentials WHERE id IN (SELECT c.id FROM identity_credentials AS c
		JOIN identity_credential_types AS t ON t.id = c.identity_credential_type_id WHERE t.name IN ('totp', 'lookup_secret') LIMIT 1000)`)
	if err != nil {
		return n, err
	}
	// Kratos reckons it again from the credentials where it is not known.
	_, err = d.each(ctx, "taking away second factors",
		"UPDATE identities SET available_aal = NULL WHERE id IN (SELECT id FROM identities WHERE available_aal IS NOT NULL LIMIT 1000)")
	return n, err
}

// taken begins each hash that ForceRecovery makes: the salt marks them, so that what was done is not done again. The
// form is that of a hash, so that it takes as long to be refused as any wrong password.
const taken = "$argon2id$v=19$m=65536,t=1,p=1$aWRlbnRpdHlkIGxlYWtlZA$"

// ForceRecovery puts a hash that no password has in the place of each, so that everybody has to recover the account.
// Who has chosen a new one since is taken that one too.
func (d Databases) ForceRecovery(ctx context.Context) (int64, error) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the process instead
	set, has := "jsonb_build_object('hashed_password', CAST($1 AS TEXT))", "c.config->>'hashed_password'"
	if d.Dialect == store.SQLite {
		set, has = "json_object('hashed_password', $1)", "json_extract(c.config, '$.hashed_password')"
	}
	return d.each(ctx, "taking away passwords", `UPDATE identity_credentials SET config = `+set+` WHERE id IN (SELECT c.id FROM identity_credentials AS c
		JOIN identity_credential_types AS t ON t.id = c.identity_credential_type_id
		WHERE t.name = 'password' AND (`+has+` IS NULL OR `+has+` NOT LIKE $2) LIMIT 1000)`,
		taken+base64.RawStdEncoding.EncodeToString(random), taken+"%")
}

// each runs a statement on Kratos' database until it changes nothing.
func (d Databases) each(ctx context.Context, doing, query string, args ...any) (total int64, err error) {
	for {
		var n int64
		err := store.Tx(ctx, d.Kratos, d.Dialect, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, query, args...)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return total, fmt.Errorf("%s: %w", doing, err)
		}
		if total += n; n < batch {
			return total, nil
		}
	}
}
