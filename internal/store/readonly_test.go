package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

func TestOpenReadOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a folder % of # names")
	server := pgtest.Shared(t)
	name, _ := server.Databases(t)
	for kind, dsn := range map[string]store.DSN{
		"SQLite":     resolveOne(t, "sqlite://"+folder, "x"),
		"PostgreSQL": resolveOne(t, server.URL(), name),
	} {
		log, _ := newLog()
		if err := store.Wait(t.Context(), dsn, store.WaitOptions{Create: true, Log: log}); err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(dsn, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		look := func(t *testing.T, want int) {
			t.Helper()
			ro, err := store.OpenReadOnly(dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer ro.Close()
			got := 0
			if err := ro.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&got); err != nil || got != want {
				t.Errorf("got %d rows, %v, want %d", got, err, want)
			}
			for _, statement := range []string{"INSERT INTO t VALUES (2)", "CREATE TABLE u (a INTEGER)"} {
				if _, err := ro.ExecContext(t.Context(), statement); err == nil {
					t.Errorf("%s went through", statement)
				}
			}
		}
		t.Run(kind+" is read beside a writer", func(t *testing.T) {
			look(t, 1)
			if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
				t.Fatal(err)
			}
			look(t, 2)
		})
		db.Close()
		t.Run(kind+" is read when nobody has it open", func(t *testing.T) { look(t, 2) })
	}
	t.Run("a pooler that refuses settings gets none", func(t *testing.T) {
		db, err := store.OpenReadOnly(resolveOne(t, server.URL()+"&statement_timeout=&idle_in_transaction_session_timeout=", name))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		got := ""
		if err := db.QueryRowContext(t.Context(), "SHOW default_transaction_read_only").Scan(&got); err != nil || got != "off" {
			t.Errorf("got %s, %v, want it left as it is", got, err)
		}
	})
	t.Run("nothing was made beside the file", func(t *testing.T) {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Name())
		}
		if diff := cmp.Diff([]string{"x.sqlite"}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}
