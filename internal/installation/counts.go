package installation

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// Counts are who a change would meet.
type Counts struct {
	Clients       int64 `json:"clients"`
	RefreshTokens int64 `json:"refresh_tokens"`
	Sessions      int64 `json:"sessions"`
	Passkeys      int64 `json:"passkeys"`
}

// Count reads them from both databases, which have to be migrated.
func Count(ctx context.Context, hydra, kratos *sql.DB, d store.Dialect) (Counts, error) {
	now, alive := any(time.Now().UTC()), "expires_at > $1"
	keys := "CASE WHEN jsonb_typeof(c.config->'credentials') = 'array' THEN jsonb_array_length(c.config->'credentials') ELSE 0 END"
	if d == store.SQLite {
		now, alive = time.Now().Unix(), "unixepoch(expires_at) > $1"
		keys = "COALESCE(json_array_length(c.config, '$.credentials'), 0)"
	}
	var out Counts
	for _, q := range []struct {
		db    *sql.DB
		into  *int64
		query string
		args  []any
	}{
		{hydra, &out.Clients, "SELECT count(*) FROM hydra_client", nil},
		{hydra, &out.RefreshTokens, "SELECT count(*) FROM hydra_oauth2_refresh WHERE active = TRUE" +
			" AND (expires_at IS NULL OR " + alive + ")", []any{now}},
		{kratos, &out.Sessions, "SELECT count(*) FROM sessions WHERE active = TRUE AND " + alive, []any{now}},
		{kratos, &out.Passkeys, "SELECT COALESCE(sum(" + keys + "), 0) FROM identity_credentials AS c" +
			" JOIN identity_credential_types AS t ON t.id = c.identity_credential_type_id" +
			" WHERE t.name IN ('webauthn', 'passkey')", nil},
	} {
		if err := q.db.QueryRowContext(ctx, q.query, q.args...).Scan(q.into); err != nil {
			return Counts{}, fmt.Errorf("counting what a change would meet: %w", err)
		}
	}
	return out, nil
}
