package crdbtest_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/regions"
)

func TestVersion(t *testing.T) {
	db := crdbtest.Shared(t).DB(t, "")
	versions := column(t, db, "SELECT version()")
	// The report reads this line.
	t.Logf("COCKROACHDB VERSION: %s", versions[0])
	if !strings.HasPrefix(versions[0], "CockroachDB ") {
		t.Errorf("got %q, want a CockroachDB", versions[0])
	}
}

func TestMigrations(t *testing.T) {
	s, where := onShared(t)
	t.Logf("MIGRATED IN: %s", one.took.Round(time.Second))
	hydra, kratos := s.DB(t, one.hydra), s.DB(t, one.kratos)
	before := [2]int{
		count(t, hydra, "SELECT count(*) FROM schema_migration"), count(t, kratos, "SELECT count(*) FROM schema_migration"),
	}
	if before[0] == 0 || before[1] == 0 {
		t.Fatalf("got %v recorded migrations, want some of each engine", before)
	}
	t.Run("every table is one that this release knows", func(t *testing.T) {
		for engine, db := range map[string]string{"hydra": one.hydra, "kratos": one.kratos} {
			tables := column(t, s.DB(t, db), "SELECT table_name FROM [SHOW TABLES] WHERE type = 'table'")
			if len(tables) < 15 {
				t.Errorf("%s: got the tables %v, want all", engine, tables)
			}
			for _, table := range tables {
				if _, known := regions.Place(engine, table, regions.Goal{}); !known {
					t.Errorf("%s.%s is unknown", engine, table)
				}
			}
		}
	})
	t.Run("the tables whose migrations are replaced have their new primary keys", func(t *testing.T) {
		for table, want := range map[string]string{
			"hydra_client": "PRIMARY KEY (id ASC, nid ASC)", "hydra_jwk": "PRIMARY KEY (pk ASC)",
			"hydra_oauth2_jti_blacklist":                     "PRIMARY KEY (signature ASC, nid ASC)",
			"hydra_oauth2_obfuscated_authentication_session": "PRIMARY KEY (subject ASC, client_id ASC, nid ASC)",
		} {
			got := column(t, hydra, "SELECT details FROM [SHOW CONSTRAINTS FROM "+table+"] WHERE constraint_type = 'PRIMARY KEY'")
			if diff := cmp.Diff([]string{want}, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", table, diff)
			}
		}
	})
	t.Run("a second time there is nothing to do", func(t *testing.T) {
		if err := where.migrate(t); err != nil {
			t.Fatal(err)
		}
		after := [2]int{
			count(t, hydra, "SELECT count(*) FROM schema_migration"), count(t, kratos, "SELECT count(*) FROM schema_migration"),
		}
		if after != before {
			t.Errorf("got %v recorded migrations after it, want %v", after, before)
		}
	})
	t.Run("there is one tenant of each engine", func(t *testing.T) {
		if h, k := count(t, hydra, "SELECT count(*) FROM networks"), count(t, kratos, "SELECT count(*) FROM networks"); h != 1 || k != 1 {
			t.Errorf("got %d and %d networks, want one each", h, k)
		}
	})
}

// TestMigrationsAtOnce: three jobs on two databases that do not exist; the lease lets one of them migrate.
func TestMigrationsAtOnce(t *testing.T) {
	s := crdbtest.Shared(t)
	h, k := s.Names(t)
	where := at(s.URL(), h, k, filepath.Join(t.TempDir(), "data"))
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := where.migrate(t); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, name := range []string{h, k} {
		db := s.DB(t, name)
		if n := count(t, db, "SELECT count(*) FROM networks"); n != 1 {
			t.Errorf("%s: got %d networks, want 1", name, n)
		}
		if all, distinct := count(t, db, "SELECT count(*) FROM schema_migration"),
			count(t, db, "SELECT count(DISTINCT version) FROM schema_migration"); all != distinct {
			t.Errorf("%s: got %d recorded migrations of %d versions", name, all, distinct)
		}
	}
}
