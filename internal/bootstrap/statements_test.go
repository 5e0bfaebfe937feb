package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/store"
)

var update = golden.Flag()

func compare(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", path, diff)
	}
}

func plan(d store.Dialect) Plan {
	return Plan{Dialect: d, Databases: []Database{
		{Name: "hydra", Serving: "hydra_user", Migrating: "hydra_migrator"},
		{Name: "kra\"tos", Serving: "kratos-user", Migrating: "kratos_migrator"},
	}}
}

func TestScript(t *testing.T) {
	for _, d := range []store.Dialect{store.Postgres, store.Cockroach} {
		t.Run(string(d), func(t *testing.T) { compare(t, string(d)+".sql", plan(d).Script()) })
	}
	t.Run("a user of both databases is made once", func(t *testing.T) {
		p := plan(store.Postgres)
		p.Databases[1].Serving = "hydra_user"
		if got := strings.Count(p.Script(), `CREATE ROLE "hydra_user"`); got != 1 {
			t.Errorf("got %d, want 1", got)
		}
	})
}

// TestVerifier compares with the vector of RFC 7677, section 3, as PostgreSQL stores it.
func TestVerifier(t *testing.T) {
	salt := []byte{0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81}
	const want = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:" +
		"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if got, err := verifier("pencil", salt, 4096); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	for _, bad := range []string{"", "pässword", "tab\tbed"} {
		if _, err := Verifier(bad); err == nil || strings.Contains(err.Error(), "pässword") {
			t.Errorf("%q: got %v, want an error that does not quote it", bad, err)
		}
	}
	if a, b := NewPassword(), NewPassword(); a == b || len(a) != 32 {
		t.Errorf("got %q and %q", a, b)
	}
}
