package stacktest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/installation"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/store"
)

// In development every start on port 0 has another issuer, which is nobody's business.
func TestPortsOfDevelopmentComeAndGo(t *testing.T) {
	data := Set("data_dir", filepath.Join(t.TempDir(), "data"))
	// As development was before it had one origin.
	first := Start(t, data, Set("urls.ui", "http://localhost:3000"), Set("urls.hydra", "http://localhost:4444"),
		Set("urls.kratos", "http://localhost:4433"))
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := Start(t, data)
	if first.URLs.Hydra == second.URLs.Hydra {
		t.Fatal("both have the same issuer, so that nothing is shown")
	}
	if strings.Contains(second.Log.String(), "the address of the installation has changed") {
		t.Errorf("a port is a reason to warn:\n%s", second.Log.Tail())
	}
	if want := `"was":"http://localhost:4444","is":"` + second.URLs.Hydra + `"`; !strings.Contains(second.Log.String(), want) {
		t.Errorf("nobody is told that the default issuer has changed: no %s", want)
	}
}

// The numbers of a refusal are those of the database.
func TestConsequencesAreCounted(t *testing.T) {
	s := seeded(t)
	seedTokens(t, s, 100)
	mustExec(t, s.hydra, "UPDATE hydra_oauth2_refresh SET active = FALSE WHERE requested_at > now() AT TIME ZONE 'utc' - interval '1 day'")
	for i, keys := range map[int]string{1: `{"credentials": [{"id": "a"}, {"id": "b"}]}`, 2: `{"credentials": [{"id": "c"}]}`, 3: `{}`} {
		person := fmt.Sprintf("'00000000-0000-4000-8000-00000000000%d'", i)
		mustExec(t, s.kratos, "INSERT INTO identities (id, schema_id, traits, created_at, updated_at, nid)"+
			" SELECT "+person+", 'email@1', '{}', now(), now(), id FROM networks")
		mustExec(t, s.kratos, "INSERT INTO identity_credentials (id, config, identity_credential_type_id, identity_id, created_at,"+
			" updated_at, nid) SELECT gen_random_uuid(), '"+keys+"', (SELECT id FROM identity_credential_types WHERE name = 'passkey'), "+
			person+", now(), now(), id FROM networks")
		mustExec(t, s.kratos, "INSERT INTO sessions (id, issued_at, expires_at, authenticated_at, identity_id, created_at, updated_at,"+
			" active, nid, authentication_methods, token, logout_token) SELECT gen_random_uuid(), now(), now() + interval '1 day'"+
			fmt.Sprintf(" * (%d - 2.5), now(), ", i)+person+", now(), now(), TRUE, id, '[]', 't'||gen_random_uuid(), 'l'||gen_random_uuid()"+
			" FROM networks")
	}
	got, err := installation.Count(t.Context(), s.hydra, s.kratos, store.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	// Refresh tokens of the days 0 to 29, without that of day 0, which was used.
	want := installation.Counts{Clients: 1, RefreshTokens: 29, Sessions: 1, Passkeys: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	t.Run("a database that was never served from has no installation to change", func(t *testing.T) {
		log, _ := logging.New(s.Log, logging.Options{})
		_, err := stack.ChangeOrigin(t.Context(), s.cfg, stack.Options{Log: log}, true)
		if err == nil || !strings.Contains(err.Error(), "never served from") {
			t.Errorf("got %v", err)
		}
	})
}
