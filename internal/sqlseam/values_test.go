package sqlseam_test

import (
	"database/sql"
	"testing"

	"github.com/gofrs/uuid"
	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/alloctest"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// TestIDsArriveAsTheyAre compares with the driver alone, on columns of both kinds that the engines keep ids in.
func TestIDsArriveAsTheyAre(t *testing.T) {
	sqlseam.Register()
	dsn := pgtest.Shared(t).DatabaseURL("postgres")
	seam, driver := openPostgres(t, dsn), open(t, "pgx", dsn)
	id := uuid.Must(uuid.NewV4())
	for name, value := range map[string]any{
		"an id":              id,
		"one by its address": &id,
		"no address":         (*uuid.UUID)(nil),
		"one that is there":  uuid.NullUUID{UUID: id, Valid: true},
		"one that is not":    uuid.NullUUID{},
		"a text":             id.String(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, column := range []string{"uuid", "varchar(36)", "char(36)", "text"} {
				if diff := cmp.Diff(echo(t, driver, column, value), echo(t, seam, column, value)); diff != "" {
					t.Errorf("as %s (-driver +seam):\n%s", column, diff)
				}
			}
		})
	}
}

func echo(t *testing.T, db *sql.DB, column string, value any) sql.NullString {
	t.Helper()
	var got sql.NullString
	if err := db.QueryRowContext(t.Context(), "SELECT ($1::"+column+")::text", value).Scan(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestAnIDCostsWhatATextCosts is about every statement of both engines.
func TestAnIDCostsWhatATextCosts(t *testing.T) {
	sqlseam.Register()
	dsn := pgtest.Shared(t).DatabaseURL("postgres")
	id := uuid.Must(uuid.NewV4())
	text := id.String()
	cost := func(db *sql.DB, value any) float64 {
		return alloctest.Of(t, func() { echo(t, db, "uuid", value) })
	}
	seam, driver := openPostgres(t, dsn), open(t, "pgx", dsn)
	got, want, alone := cost(seam, id), cost(seam, text)+2, cost(driver, id) // its text, and that in an interface
	// database/sql has a goroutine watch the context of each query: one allocation is there or not, for a whole run.
	if got > want+1 {
		t.Errorf("got %.0f allocations, want %.0f", got, want)
	}
	if alone < want+5 {
		t.Errorf("the driver alone: got %.0f allocations, which is no reason for anything (docs/ory-quirks.md#q141)", alone)
	}
	t.Logf("an id: %.0f allocations through the seam, %.0f without it", got, alone)
}
