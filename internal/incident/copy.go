package incident

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// Copied is how much of what a copy of both databases has in it.
type Copied struct {
	Identities int64 `json:"identities"`
	// Sessions are those that are good. Kratos keeps their tokens as they are (docs/ory-quirks.md#q152).
	Sessions int64 `json:"sessions"`
	// Passwords are hashes, by algorithm.
	Passwords map[string]int64 `json:"passwords"`
	// TOTP are secrets of authenticator apps, and RecoveryCodes people who have some: both are kept as they are
	// (docs/ory-quirks.md#q153).
	TOTP          int64 `json:"totp"`
	RecoveryCodes int64 `json:"recovery_codes"`
	Passkeys      int64 `json:"passkeys"`
	// Providers are accounts at providers, with sealed tokens where there are some.
	Providers int64 `json:"providers"`
	// Codes are those of mails that can still be used, and Mails what was written.
	Codes int64 `json:"codes"`
	Mails int64 `json:"mails"`
	// Clients are those with a secret, hashed.
	Clients     int64 `json:"clients"`
	SigningKeys int64 `json:"signing_keys"`
	// Access and Refresh are good tokens, of which the databases have one half.
	Access  int64 `json:"access_tokens"`
	Refresh int64 `json:"refresh_tokens"`
}

// Databases are both of them.
type Databases struct {
	Hydra, Kratos *sql.DB
	Dialect       store.Dialect
}

// codeTables are those with what is mailed to people and opens something, and with what waits for them to come back
// from elsewhere.
func codeTables() []string {
	return []string{
		"identity_recovery_codes", "identity_verification_codes", "identity_login_codes", "identity_registration_codes",
		"identity_recovery_tokens", "identity_verification_tokens", "session_token_exchanges", "continuity_containers",
	}
}

// algorithms are what a hash begins with, by its name.
func algorithms() [][2]string {
	return [][2]string{
		{"argon2id", "$argon2id$"},
		{"argon2i", "$argon2i$"},
		{"bcrypt", "$2"},
		{"pbkdf2", "$pbkdf2"},
		{"scrypt", "$scrypt$"},
	}
}

// Count reads how much there is.
func (d Databases) Count(ctx context.Context) (Copied, error) {
	out := Copied{Passwords: map[string]int64{}}
	now, alive := any(time.Now().UTC()), "expires_at > $1"
	if d.Dialect == store.SQLite {
		now, alive = time.Now().Unix(), "unixepoch(expires_at) > $1"
	}
	count := func(db *sql.DB, into *int64, query string, args ...any) error {
		if err := db.QueryRowContext(ctx, query, args...).Scan(into); err != nil {
			return fmt.Errorf("counting what a copy has in it: %w", err)
		}
		return nil
	}
	for _, q := range []struct {
		db    *sql.DB
		into  *int64
		query string
		args  []any
	}{
		{d.Kratos, &out.Identities, "SELECT count(*) FROM identities", nil},
		{d.Kratos, &out.Sessions, "SELECT count(*) FROM sessions WHERE active = TRUE AND " + alive, []any{now}},
		{d.Kratos, &out.TOTP, credentials + " WHERE t.name = 'totp'", nil},
		{d.Kratos, &out.RecoveryCodes, credentials + " WHERE t.name = 'lookup_secret'", nil},
		{d.Kratos, &out.Passkeys, credentials + " WHERE t.name IN ('webauthn', 'passkey')", nil},
		{d.Kratos, &out.Providers, credentials + " WHERE t.name = 'oidc'", nil},
		{d.Kratos, &out.Mails, "SELECT count(*) FROM courier_messages", nil},
		{d.Hydra, &out.Clients, "SELECT count(*) FROM hydra_client WHERE client_secret <> ''", nil},
		{d.Hydra, &out.SigningKeys, "SELECT count(*) FROM hydra_jwk", nil},
		{d.Hydra, &out.Access, "SELECT count(*) FROM hydra_oauth2_access WHERE active = TRUE AND (expires_at IS NULL OR " + alive + ")", []any{now}},
		{d.Hydra, &out.Refresh, "SELECT count(*) FROM hydra_oauth2_refresh WHERE active = TRUE AND (expires_at IS NULL OR " + alive + ")", []any{now}},
	} {
		if err := count(q.db, q.into, q.query, q.args...); err != nil {
			return Copied{}, err
		}
	}
	for _, table := range codeTables() {
		var n int64
		if err := count(d.Kratos, &n, "SELECT count(*) FROM "+table); err != nil {
			return Copied{}, err
		}
		out.Codes += n
	}
	var all int64
	if err := count(d.Kratos, &all, credentials+" WHERE t.name = 'password'"); err != nil {
		return Copied{}, err
	}
	for _, a := range algorithms() {
		var n int64
		if err := count(d.Kratos, &n, credentials+` WHERE t.name = 'password' AND CAST(c.config AS TEXT) LIKE $1`, `%"`+a[1]+`%`); err != nil {
			return Copied{}, err
		}
		if n > 0 {
			out.Passwords[a[0]] = n
			all -= n
		}
	}
	if all > 0 {
		out.Passwords["others"] = all
	}
	return out, nil
}

const credentials = "SELECT count(*) FROM identity_credentials AS c JOIN identity_credential_types AS t ON t.id = c.identity_credential_type_id"
