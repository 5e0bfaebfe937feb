package stacktest

import (
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

// TestAServingRoleNeedsNoRightToCreate serves with a role that may only read and write rows: it waits
// until another role has migrated, and then serves everything.
func TestAServingRoleNeedsNoRightToCreate(t *testing.T) {
	notOnStandIn(t, migrates)
	server := pgtest.Shared(t)
	for _, mode := range []string{"empty", "wait"} {
		t.Run("database.migrate is "+mode, func(t *testing.T) {
			owner, serving := server.Role(t, "NOCREATEDB"), server.Role(t, "NOCREATEDB")
			hydra, kratos := server.Databases(t)
			for _, name := range []string{hydra, kratos} {
				server.Admin(t, "CREATE DATABASE "+name+" OWNER "+user(t, owner))
				// What docs/migrations.md says.
				u, err := url.Parse(owner)
				if err != nil {
					t.Fatal(err)
				}
				u.Path = "/" + name
				runSQL(t, open(t, u.String()),
					"GRANT USAGE ON SCHEMA public TO "+user(t, serving),
					"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "+user(t, serving),
					"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "+user(t, serving))
			}
			data := t.TempDir()
			as := func(role string, more ...Option) []Option {
				return append([]Option{
					Set("data_dir", data), Set("database.url", role),
					Set("database.hydra.name", hydra), Set("database.kratos.name", kratos),
				}, more...)
			}
			s := Begin(t, as(serving, Set("database.migrate", mode))...)
			s.AwaitReason(t, "run identityd migrate")
			if err := stack.Migrate(t.Context(), Configure(t, as(owner)...), quietOptions()); err != nil {
				t.Fatal(err)
			}
			s.AwaitReady(t)
			if log := s.Log.String(); strings.Contains(log, "permission denied for") && !strings.Contains(log, "waiting for migrations") {
				t.Error("it met a missing right and did not wait")
			}
			s.Journey(t, client, 1)
		})
	}
}

func user(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.User.Username()
}
