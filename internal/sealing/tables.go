package sealing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// table is one table with sealed values.
type table struct {
	name, key, column string
	kind              string
	hydra             bool
	// where keeps to the rows that anybody can still need.
	where func(d store.Dialect, now time.Time) string
	// values returns the sealed texts of a cell. The cell itself is the one where this is nil.
	values func(cell []byte) ([]string, error)
	// replace puts other texts in their place. A table without it is counted and not sealed anew.
	replace func(cell []byte, texts map[string]string) ([]byte, error)
	// casts is what a parameter has to be cast to on a server, to be compared with the column.
	casts string
}

func tables() []table {
	token := func(name string) table {
		return table{name: name, key: "signature", column: "session_data", kind: "system", hydra: true, where: func(d store.Dialect, now time.Time) string {
			// Without an end, a refresh token has none.
			at := "'" + now.UTC().Format("2006-01-02 15:04:05") + "'"
			out := "(expires_at IS NULL OR expires_at > " + at + ")"
			if d == store.SQLite {
				out = fmt.Sprintf("(expires_at IS NULL OR unixepoch(expires_at) > %d)", now.Unix())
			}
			return out + " AND active = TRUE"
		}}
	}
	return []table{
		// Never expires: only sealing it anew, which Hydra never does, sets an old secret free
		// (docs/ory-quirks.md#q95).
		{name: "hydra_jwk", key: "pk", column: "keydata", kind: "system", hydra: true, replace: func(cell []byte, texts map[string]string) ([]byte, error) {
			return []byte(texts[string(cell)]), nil
		}},
		// Counted only. Which secret sealed the session of a token is also which one signed the token (fosite:
		// token/hmac), and that is in somebody else's hands: sealed anew, the row would not tell any more.
		token("hydra_oauth2_refresh"),
		token("hydra_oauth2_access"),
		token("hydra_oauth2_code"),
		token("hydra_oauth2_pkce"),
		token("hydra_oauth2_oidc"),
		{
			name: "identity_credentials", key: "id", column: "config", kind: "cipher", casts: "jsonb",
			where: func(store.Dialect, time.Time) string {
				return "identity_credential_type_id IN (SELECT id FROM identity_credential_types WHERE name = 'oidc')"
			},
			values: providerTokens, replace: replaceProviderTokens,
		},
	}
}

// providerTokenNames are where Kratos keeps what a provider gave (kratos: selfservice/strategy/oidc/types.go).
func providerTokenNames() []string {
	return []string{"initial_id_token", "initial_access_token", "initial_refresh_token"}
}

func providerTokens(cell []byte) ([]string, error) {
	var out []string
	_, err := eachProviderToken(cell, func(text string) string {
		out = append(out, text)
		return text
	})
	return out, err
}

func replaceProviderTokens(cell []byte, texts map[string]string) ([]byte, error) {
	config, err := eachProviderToken(cell, func(text string) string { return texts[text] })
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("encoding a credential: %w", err)
	}
	return out, nil
}

func eachProviderToken(cell []byte, change func(string) string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(cell))
	d.UseNumber() // whatever else is there stays as it is
	var config map[string]any
	if err := d.Decode(&config); err != nil {
		return nil, fmt.Errorf("decoding a credential: %w", err)
	}
	list, _ := config["providers"].([]any)
	for _, one := range list {
		provider, _ := one.(map[string]any)
		for _, name := range providerTokenNames() {
			if text, ok := provider[name].(string); ok && text != "" {
				provider[name] = change(text)
			}
		}
	}
	return config, nil
}

// plain reports a session that was not sealed, because oauth2.session.encrypt_at_rest was off.
func plain(text string) bool { return strings.HasPrefix(text, "{") }
