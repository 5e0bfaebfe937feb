package hydra

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ory/hydra/v2/flow"

	"example.com/identityd/internal/identity"
)

// grantRows are a person's answered consents, as few rows as there are different ones. Hydra's own list
// leaves out applications that still have tokens when their remembered consent has passed, or was given
// without a question (docs/ory-quirks.md#q75).
const grantRows = `
SELECT g.client_id, c.client_name, c.client_uri, c.skip_consent, g.granted_scope, g.consent_skip,
       g.consent_remember, g.consent_remember_for,
       MIN(g.requested_at) AS since, MAX(g.requested_at) AS latest, MAX(g.access) AS access, MAX(g.refresh) AS refresh
  FROM (SELECT f.client_id, f.nid, f.granted_scope, f.consent_skip, f.consent_remember, f.consent_remember_for, f.requested_at,
               CASE WHEN EXISTS (SELECT 1 FROM hydra_oauth2_access a WHERE a.challenge_id = f.consent_challenge_id
                    AND a.nid = f.nid AND a.active = TRUE AND (a.expires_at IS NULL OR a.expires_at > ?)) THEN 1 ELSE 0 END AS access,
               CASE WHEN EXISTS (SELECT 1 FROM hydra_oauth2_refresh r WHERE r.challenge_id = f.consent_challenge_id
                    AND r.nid = f.nid AND r.active = TRUE AND (r.expires_at IS NULL OR r.expires_at > ?)) THEN 1 ELSE 0 END AS refresh
          FROM hydra_oauth2_flow f
         WHERE f.subject = ? AND f.nid = ? AND f.state IN (?, ?) AND f.consent_challenge_id IS NOT NULL
           AND f.consent_error = '{}') g
  JOIN hydra_client c ON c.id = g.client_id AND c.nid = g.nid
 GROUP BY g.client_id, c.client_name, c.client_uri, c.skip_consent, g.granted_scope, g.consent_skip,
          g.consent_remember, g.consent_remember_for
 ORDER BY latest DESC`

// grantRow is one of them.
type grantRow struct {
	ClientID    string `db:"client_id"`
	Name        string `db:"client_name"`
	URI         string `db:"client_uri"`
	SkipConsent bool   `db:"skip_consent"`
	Scope       []byte `db:"granted_scope"`
	Skipped     bool   `db:"consent_skip"`
	Remember    bool   `db:"consent_remember"`
	RememberFor int64  `db:"consent_remember_for"`
	Since       moment `db:"since"`
	Latest      moment `db:"latest"`
	Access      int    `db:"access"`
	Refresh     int    `db:"refresh"`
}

// Grants returns what applications may do in a person's name, the one used last first. It is one
// statement, whatever their number.
func (e *Engine) Grants(ctx context.Context, person string) ([]identity.Grant, error) {
	p := e.registry.Persister()
	now := time.Now().UTC()
	var rows []grantRow
	if err := p.Connection(ctx).RawQuery(grantRows,
		now, now, person, p.NetworkID(ctx), flow.FlowStateConsentUnused, flow.FlowStateConsentUsed,
	).All(&rows); err != nil {
		return nil, fmt.Errorf("listing the applications of a person: %w", err)
	}
	return mergeGrants(rows, now)
}

// mergeGrants makes one grant of all rows of a client: its scopes are what any of its tokens may.
func mergeGrants(rows []grantRow, now time.Time) ([]identity.Grant, error) {
	at := map[string]int{}
	var out []identity.Grant
	for _, row := range rows {
		var scope []string
		if err := json.Unmarshal(row.Scope, &scope); err != nil {
			return nil, fmt.Errorf("decoding the scope of a consent: %w", err)
		}
		i, known := at[row.ClientID]
		if !known {
			i = len(out)
			at[row.ClientID] = i
			out = append(out, identity.Grant{
				Client: identity.Client{ID: row.ClientID, Name: row.Name, URI: row.URI, SkipConsent: row.SkipConsent},
				Since:  row.Since.Time, Latest: row.Latest.Time,
			})
		}
		g := &out[i]
		for _, name := range scope {
			if !slices.Contains(g.Scope, name) {
				g.Scope = append(g.Scope, name)
			}
		}
		if row.Since.Before(g.Since) {
			g.Since = row.Since.Time
		}
		if row.Latest.After(g.Latest) {
			g.Latest = row.Latest.Time
		}
		g.Access = g.Access || row.Access > 0
		g.Refresh = g.Refresh || row.Refresh > 0
		g.Remembered = g.Remembered || row.remembered(now)
	}
	slices.SortStableFunc(out, func(a, b identity.Grant) int {
		return cmp.Or(b.Latest.Compare(a.Latest), cmp.Compare(a.Client.ID, b.Client.ID))
	})
	return out, nil
}

// remembered says what Hydra would (hydra: persister_consent.go FindGrantedAndRememberedConsentRequests).
func (r grantRow) remembered(now time.Time) bool {
	end := r.Latest.Add(time.Duration(r.RememberFor) * time.Second)
	return r.Remember && !r.Skipped && (r.RememberFor == 0 || end.After(now))
}

// moment is a time that came out of an aggregate: SQLite knows no types there and answers a text.
type moment struct{ time.Time }

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	switch v := value.(type) {
	case time.Time:
		m.Time = v.UTC()
		return nil
	case []byte:
		return m.parse(string(v))
	case string:
		return m.parse(v)
	default:
		return fmt.Errorf("reading a time: got %T", value)
	}
}

func (m *moment) parse(text string) error {
	for _, layout := range []string{
		"2006-01-02 15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999-07:00",
		"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999 -0700 MST",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("reading a time: %q has no known form", text)
}
