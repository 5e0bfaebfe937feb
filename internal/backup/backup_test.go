package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3" // the driver

	"example.com/identityd/internal/backup"
)

// place is an installation in a folder.
type place struct{ backup.Source }

func newPlace(t *testing.T) place {
	t.Helper()
	dir := t.TempDir()
	p := place{backup.Source{
		Hydra: filepath.Join(dir, "hydra.sqlite"), Kratos: filepath.Join(dir, "people.sqlite"),
		Secrets: filepath.Join(dir, "secrets.yaml"), Version: "v1",
	}}
	for _, file := range []string{p.Hydra, p.Kratos} {
		do(t, open(t, file), `CREATE TABLE schema_migration (version TEXT); INSERT INTO schema_migration VALUES ('2024'), ('2023');
			CREATE TABLE counters (a INT, b INT); INSERT INTO counters VALUES (0, 0); CREATE TABLE filler (x TEXT)`)
	}
	if err := os.WriteFile(p.Secrets, []byte("system: [x]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p place) target() backup.Target {
	return backup.Target{Hydra: p.Hydra, Kratos: p.Kratos, Secrets: p.Secrets}
}

func open(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", file+"?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func do(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func counters(t *testing.T, file string) (a, b int) {
	t.Helper()
	db := open(t, file)
	defer db.Close()
	if err := db.QueryRow("SELECT a, b FROM counters").Scan(&a, &b); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func makeBackup(t *testing.T, p place, to string) backup.Manifest {
	t.Helper()
	m, err := backup.Make(t.Context(), p.Source, to)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestABackupIsOfOneMomentWhileOthersWrite(t *testing.T) {
	p := newPlace(t)
	// Large enough that copying takes many writes.
	for _, file := range []string{p.Hydra, p.Kratos} {
		do(t, open(t, file), `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000)
			INSERT INTO filler SELECT hex(randomblob(200)) FROM c`)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	kratos, hydra := open(t, p.Kratos), open(t, p.Hydra)
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			// A person is in Kratos before Hydra hears of them.
			for _, db := range []*sql.DB{kratos, hydra} {
				if _, err := db.Exec("BEGIN IMMEDIATE; UPDATE counters SET a = a + 1; UPDATE counters SET b = b + 1; COMMIT"); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	defer wg.Wait()
	defer close(stop)
	for range 5 {
		to := filepath.Join(t.TempDir(), "backup")
		makeBackup(t, p, to)
		ha, hb := counters(t, filepath.Join(to, backup.HydraFile))
		ka, kb := counters(t, filepath.Join(to, backup.KratosFile))
		if ha != hb || ka != kb {
			t.Errorf("got half of a transaction: hydra %d and %d, kratos %d and %d", ha, hb, ka, kb)
		}
		// Copying takes hundreds of writes; between the moments of both there is room for a few, or dozens on a busy machine.
		if ha > ka || ka-ha > 50 {
			t.Errorf("got hydra at %d and kratos at %d, want hydra no later and both close", ha, ka)
		}
	}
	if a, _ := counters(t, p.Kratos); a < 10 {
		t.Errorf("only %d writes happened meanwhile", a)
	}
}

func TestABackupBelongsToItsOwner(t *testing.T) {
	p := newPlace(t)
	to := filepath.Join(t.TempDir(), "backup")
	m := makeBackup(t, p, to)
	for name, want := range map[string]fs.FileMode{
		".": 0o700, "hydra.sqlite": 0o600, "kratos.sqlite": 0o600, "secrets.yaml": 0o600, "manifest.json": 0o600,
	} {
		info, err := os.Stat(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", name, got, want)
		}
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 4 {
		t.Errorf("got %v, %v, want four files and no journal", entries, err)
	}
	if got := m.Files[0]; got.Name != "hydra.sqlite" || got.Schema != "2024" || got.Integrity != "ok" || len(got.SHA256) != 64 {
		t.Errorf("got %+v", got)
	}
}

func TestABackupTakesNothingsPlace(t *testing.T) {
	p := newPlace(t)
	for _, name := range []string{"folder", "file.tar.gz"} {
		to := filepath.Join(t.TempDir(), name)
		makeBackup(t, p, to)
		_, err := backup.Make(t.Context(), p.Source, to)
		if err == nil || !strings.Contains(err.Error(), to+" exists already; name another place with --to") {
			t.Errorf("got %v", err)
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(to), ".identityd-*"))
		if err != nil || len(left) != 0 {
			t.Errorf("got leftovers %v, %v", left, err)
		}
	}
}

func TestADatabaseThatIsNotThereIsNotMade(t *testing.T) {
	p := newPlace(t)
	p.Kratos = filepath.Join(t.TempDir(), "none.sqlite")
	if _, err := backup.Make(t.Context(), p.Source, filepath.Join(t.TempDir(), "b")); !strings.Contains(err.Error(), "there is no such database") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(p.Kratos); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want nothing there", err)
	}
}

func TestARestoreBringsBackWhatWas(t *testing.T) {
	for _, name := range []string{"folder", "file.tar.gz"} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			do(t, open(t, p.Kratos), "UPDATE counters SET a = 7, b = 7")
			to := filepath.Join(t.TempDir(), name)
			want := makeBackup(t, p, to)
			do(t, open(t, p.Kratos), "UPDATE counters SET a = 8, b = 8")
			if err := os.WriteFile(p.Secrets, []byte("system: [y]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := backup.Restore(t.Context(), to, p.target())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got.Manifest); diff != "" {
				t.Error(diff)
			}
			if a, b := counters(t, p.Kratos); a != 7 || b != 7 {
				t.Errorf("got %d and %d, want 7", a, b)
			}
			raw, err := os.ReadFile(p.Secrets)
			if err != nil || string(raw) != "system: [x]\n" {
				t.Errorf("got secrets %q, %v", raw, err)
			}
			if len(got.Replaced) != 1 {
				t.Fatalf("got %v, want one folder", got.Replaced)
			}
			if a, _ := counters(t, filepath.Join(got.Replaced[0], filepath.Base(p.Kratos))); a != 8 {
				t.Errorf("what was there is not kept: got %d, want 8", a)
			}
			if _, err := os.Stat(p.Kratos + "-wal"); err == nil {
				counters(t, p.Kratos) // a log of its own by now; one of the old database would have damaged it
			}
		})
	}
}

func TestAChangedBackupIsRefused(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, folder string){
		"a byte of a database": func(t *testing.T, folder string) {
			t.Helper()
			path := filepath.Join(folder, "kratos.sqlite")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			raw[len(raw)/2] ^= 1
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a file that is missing": func(t *testing.T, folder string) {
			t.Helper()
			if err := os.Remove(filepath.Join(folder, "hydra.sqlite")); err != nil {
				t.Fatal(err)
			}
		},
		"a manifest with a path": func(t *testing.T, folder string) {
			t.Helper()
			path := filepath.Join(folder, "manifest.json")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			raw = []byte(strings.ReplaceAll(string(raw), `"secrets.yaml"`, `"../secrets.yaml"`))
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a format of tomorrow": func(t *testing.T, folder string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(folder, "manifest.json"), []byte(`{"format":2,"identityd":"v9"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			folder := filepath.Join(t.TempDir(), "backup")
			makeBackup(t, p, folder)
			change(t, folder)
			do(t, open(t, p.Kratos), "UPDATE counters SET a = 8, b = 8")
			if _, err := backup.Restore(t.Context(), folder, p.target()); err == nil {
				t.Error("it was restored")
			}
			if _, err := backup.Check(t.Context(), folder); err == nil {
				t.Error("it was called whole")
			}
			if a, _ := counters(t, p.Kratos); a != 8 {
				t.Errorf("the database was touched: got %d, want 8", a)
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(p.Kratos), "*re*"))
			if err != nil || len(left) != 1 { // secrets.yaml
				t.Errorf("got leftovers %v, %v", left, err)
			}
		})
	}
}
