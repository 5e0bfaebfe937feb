package sqlseam_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

func TestAFileThatCannotBeWrittenIsRemembered(t *testing.T) {
	sqlseam.Register()
	file := filepath.Join(t.TempDir(), "small.sqlite")
	db, err := sql.Open(sqlseam.SQLiteDriver, file+"?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(query string) error { _, err := db.ExecContext(t.Context(), query); return err }
	for _, query := range []string{"CREATE TABLE t (x BLOB)", "PRAGMA max_page_count = 10"} {
		if err := run(query); err != nil {
			t.Fatal(err)
		}
	}
	if err := run("INSERT INTO nowhere VALUES (1)"); err == nil || sqlseam.Unwritable(file) != nil {
		t.Fatalf("a mistake is taken for a full disk: %v, %v", err, sqlseam.Unwritable(file))
	}
	err = run("INSERT INTO t VALUES (zeroblob(1000000))")
	if sqlseam.Classify(err) != sqlseam.Outage || sqlseam.Unwritable(file) == nil {
		t.Errorf("got %v and %v, want an outage that is remembered", err, sqlseam.Unwritable(file))
	}
	if other := sqlseam.Unwritable(file + "-other"); other != nil {
		t.Errorf("another file: got %v", other)
	}
	sqlseam.Writable(file)
	if err := sqlseam.Unwritable(file); err != nil {
		t.Errorf("got %v after it was found writable", err)
	}
}
