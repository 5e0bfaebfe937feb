package store_test

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// steps is how many there are; they are the same on all kinds of databases.
var steps = len(store.OwnSteps(store.SQLite))

func migrated(t testing.TB, e emptyDatabase) *sql.DB {
	t.Helper()
	db := e.open(t)
	if err := store.MigrateOwn(t.Context(), db, e.dialect); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestMigrateOwnInManyProcessesAtOnce(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for range 3 {
				e := kind.make(t)
				start, errs := make(chan struct{}), make(chan error, 8)
				var group sync.WaitGroup
				for range 8 {
					db := e.open(t)
					group.Go(func() {
						<-start
						errs <- store.MigrateOwn(t.Context(), db, e.dialect)
					})
				}
				close(start)
				group.Wait()
				close(errs)
				for err := range errs {
					if err != nil {
						t.Error(err)
					}
				}
				db := e.open(t)
				got := []int{
					count(t, db, "SELECT count(*) FROM identityd_schema"),
					count(t, db, "SELECT max(version) FROM identityd_schema"),
					count(t, db, "SELECT count(*) FROM identityd_lease"),
				}
				if diff := cmp.Diff([]int{steps, steps, 0}, got); diff != "" {
					t.Errorf("records, version, leases (-want +got):\n%s", diff)
				}
				if err := store.MigrateOwn(t.Context(), db, e.dialect); err != nil {
					t.Errorf("a second time: %v", err)
				}
				if kind.name == "SQLite in memory" {
					return // the next round would meet the same database
				}
			}
		})
	}
}

func TestMigrateOwnFinishesWhatACrashLeft(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			e := kind.make(t)
			db := migrated(t, e)
			must(t, db, "DELETE FROM identityd_schema")
			if err := store.MigrateOwn(t.Context(), db, e.dialect); err != nil {
				t.Fatal(err)
			}
			if got := count(t, db, "SELECT count(*) FROM identityd_schema"); got != steps {
				t.Errorf("got %d records, want %d", got, steps)
			}
		})
	}
}

func TestMigrateOwnLeavesANewerSchemaAlone(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			e := kind.make(t)
			db := migrated(t, e)
			must(t, db, "INSERT INTO identityd_schema (version, name) VALUES (99, 'of tomorrow')")
			if err := store.MigrateOwn(t.Context(), db, e.dialect); err != nil {
				t.Fatal(err)
			}
			if got := count(t, db, "SELECT count(*) FROM identityd_schema"); got != steps+1 {
				t.Errorf("got %d records, want the %d that were there", got, steps+1)
			}
		})
	}
}

func TestMigrateOwnAndTheRightsOfTheUser(t *testing.T) {
	s := pgtest.Shared(t)
	e := postgresOn(t, s)
	u, err := url.Parse(s.Role(t, "NOCREATEDB"))
	if err != nil {
		t.Fatal(err)
	}
	admin := e.open(t)
	name := ""
	if err := admin.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	serving := wait(t, store.Settings{URL: u.String(), Kratos: store.Database{Name: name}, Pool: pool()}).open(t)
	t.Run("a user without rights is refused on an empty database", func(t *testing.T) {
		err := store.MigrateOwn(t.Context(), serving, store.Postgres)
		var state interface{ SQLState() string }
		if !errors.As(err, &state) || state.SQLState() != "42501" || !strings.HasPrefix(err.Error(), "migrating identityd tables: ") {
			t.Errorf("got %v, want no permission", err)
		}
	})
	t.Run("a user that may only read is enough when nothing is to be done", func(t *testing.T) {
		if err := store.MigrateOwn(t.Context(), admin, store.Postgres); err != nil {
			t.Fatal(err)
		}
		must(t, admin, "GRANT SELECT ON identityd_schema TO "+u.User.Username())
		if err := store.MigrateOwn(t.Context(), serving, store.Postgres); err != nil {
			t.Errorf("got %v, want nothing", err)
		}
	})
}
